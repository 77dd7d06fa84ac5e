// The real Claude CLI for tests: which binary, in which environment, and a small raw launch. It goes around src/claude
// on purpose: the facts that src/claude leans on are checked without its help.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const streamLine = z.looseObject({ type: z.string() });
export type StreamLine = z.infer<typeof streamLine>;

/** The protocol flags of every launch. */
export const PROTOCOL_FLAGS = [
  '-p',
  '--input-format=stream-json',
  '--output-format=stream-json',
  '--verbose',
  '--replay-user-messages',
] as const;

/** TASKRUN_TEST_CLAUDE, else the binary of the pinned platform package (the wrapper's own is linked by install scripts only). */
export function pinnedClaude(): string {
  const override = process.env['TASKRUN_TEST_CLAUDE'];
  if (override !== undefined && override !== '') return override;
  const require = createRequire(import.meta.url);
  const platform = `${process.platform}-${process.arch}`;
  for (const name of [platform, `${platform}-musl`]) {
    try {
      return join(dirname(require.resolve(`@anthropic-ai/claude-code-${name}/package.json`)), 'claude');
    } catch {
      // Not the package of this platform.
    }
  }
  throw new Error(`no @anthropic-ai/claude-code-${platform} is installed; run npm ci or set TASKRUN_TEST_CLAUDE`);
}

export interface HermeticOptions {
  /** HOME and TMPDIR of the CLI lie here; made when missing. */
  home: string;
  configDir: string;
  apiUrl: string;
  auth?: 'key' | 'oauth' | 'none';
}

/** An environment built from nothing: the CLI reaches the scripted API alone and writes below `home` and `configDir` alone. */
export function hermeticEnv({ home, configDir, apiUrl, auth = 'key' }: HermeticOptions): Record<string, string> {
  const tmp = join(home, 'tmp');
  mkdirSync(tmp, { recursive: true });
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    TMPDIR: tmp,
    LANG: 'C.UTF-8',
    CLAUDE_CONFIG_DIR: configDir,
    ANTHROPIC_BASE_URL: apiUrl,
    ...(auth === 'key' && { ANTHROPIC_API_KEY: 'scripted' }),
    ...(auth === 'oauth' && { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-scripted' }),
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // bypassPermissions is refused to root outside a sandbox.
    ...(process.getuid?.() === 0 && { IS_SANDBOX: '1' }),
  };
}

export interface RunOptions {
  env: Record<string, string>;
  cwd: string;
  /** Written at once; then stdin is closed, unless `keepStdinOpen`. */
  stdinLines?: string[];
  keepStdinOpen?: boolean;
}

export interface RawRun {
  process: ChildProcessWithoutNullStreams;
  /** Grows while the run goes on; a line that is no JSON has the type `(not JSON)`. */
  lines: StreamLine[];
  stderr(): string;
  /** Called with each line as it comes. */
  onLine(listener: (line: StreamLine) => void): void;
  ended: Promise<EndedRun>;
}

export interface EndedRun {
  lines: StreamLine[];
  stderr: string;
  exitCode: number | null;
  signal: NodeJS.Signals | null;
}

export function startClaude(args: readonly string[], options: RunOptions): RawRun {
  const child = spawn(pinnedClaude(), [...PROTOCOL_FLAGS, ...args], { cwd: options.cwd, env: options.env });
  const lines: StreamLine[] = [];
  const listeners: ((line: StreamLine) => void)[] = [];
  let stderr = '';
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = parsed(text);
    lines.push(line);
    for (const listener of listeners) listener(line);
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  // A run that ends before it has read everything closes the pipe: no failure of the test's.
  child.stdin.on('error', () => undefined);
  for (const line of options.stdinLines ?? []) child.stdin.write(`${line}\n`);
  if (options.keepStdinOpen !== true) child.stdin.end();
  const ended = new Promise<EndedRun>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ lines, stderr, exitCode, signal }));
  });
  return { process: child, lines, stderr: () => stderr, onLine: (listener) => void listeners.push(listener), ended };
}

/** One run to its end. */
export const runClaude = (args: readonly string[], options: RunOptions): Promise<EndedRun> =>
  startClaude(args, options).ended;

/** A message of ours on stdin. */
export const userMessage = (uuid: string, text: string): string =>
  JSON.stringify({ type: 'user', uuid, message: { role: 'user', content: text } });

function parsed(text: string): StreamLine {
  try {
    return streamLine.parse(JSON.parse(text));
  } catch {
    return { type: '(not JSON)', text };
  }
}
