// A TypeScript program of a test, made runnable by plain `node` in a process of its own, and talked to in JSON lines.
// Bundled with the sources it imports, so that what runs is what is tested, not what was built some time ago.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';

/** Bundles `entry` into `outDir`; returns the file for `node`. */
export async function bundleProgram(entry: string, outDir: string): Promise<string> {
  const name = basename(entry, '.ts');
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: { output: { entryFileNames: `${name}.mjs`, codeSplitting: false } },
    },
  });
  return join(outDir, `${name}.mjs`);
}

export interface TalkingProgram {
  process: ChildProcess;
  pid: number;
  tell(message: unknown): void;
  /** The next line it says, parsed. What it is, the test knows. */
  next<T = unknown>(): Promise<T>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts `command` and speaks JSON lines with it over stdin and stdout; its stderr is the test's. */
export function talkTo(command: string, args: readonly string[], options: SpawnOptions = {}): TalkingProgram {
  const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.stdin === null || child.stdout === null || child.pid === undefined)
    throw new Error(`${command} did not start`);
  const { stdin, stdout, pid } = child;
  stdin.on('error', () => undefined);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${command} ended without another word`);
    const said: T = JSON.parse(line.value);
    return said;
  };
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  return { process: child, pid, tell: (message) => stdin.write(`${JSON.stringify(message)}\n`), next, ended };
}
