// The real binary as a child process: what a person or a script sees of it. TASKRUN_TEST_CLI names another build.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../../support/poll.js';

const built = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
export const CLI = process.env['TASKRUN_TEST_CLI'] || built;

export interface CliOptions {
  env: Record<string, string>;
  cwd?: string;
  /** Written at once, then closed; default nothing. */
  stdin?: string;
  /** A command that runs the CLI in other surroundings, for example in a network of its own. */
  prefix?: readonly string[];
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits for words on stderr. */
  says(words: string | RegExp, timeoutMs?: number): Promise<void>;
  ended: Promise<Ended>;
}

/** A test that fails leaves its commands running: they end with its process at the latest. */
const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

export function startCli(args: readonly string[], { env, cwd, stdin = '', prefix = [] }: CliOptions): Running {
  const [command = '', ...rest] = [...prefix, process.execPath, CLI, ...args];
  const child = spawn(command, rest, { env, ...(cwd === undefined ? {} : { cwd }), stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  living.add(child);
  const ended = once(child, 'close').then(([code, signal]) => {
    living.delete(child);
    return { code, signal, stdout, stderr };
  });
  const says = async (words: string | RegExp, timeoutMs = 30_000): Promise<void> => {
    const said = () => (typeof words === 'string' ? stderr.includes(words) : words.test(stderr));
    const over = () => child.exitCode !== null || child.signalCode !== null;
    await until(() => said() || over(), { timeoutMs, what: `taskrun ${args[0]} says ${String(words)}` });
    if (!said())
      throw new Error(`taskrun ${args.join(' ')} ended without saying ${String(words)}:\n${stdout}${stderr}`);
  };
  return { process: child, stdout: () => stdout, stderr: () => stderr, says, ended };
}

/** One command to its end. */
export const cli = (args: readonly string[], options: CliOptions): Promise<Ended> => startCli(args, options).ended;

/** What a command with --json printed, line by line. */
export const jsonLines = ({ stdout }: Pick<Ended, 'stdout'>): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Ends a child that serves, and waits for its end. */
export async function end({ process: child, ended }: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
  child.kill(signal);
  return ended;
}
