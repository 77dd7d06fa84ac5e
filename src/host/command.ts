// Runs one shell command of a task to its end: in a process group of its own, its output in a file, with a time limit.
// Does not know what the command is for; whoever runs it ends what it leaves behind (process-tree.ts).
import { open } from 'node:fs/promises';
import { execa } from 'execa';

export interface CommandRun {
  command: string;
  cwd: string;
  /** All of it: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  /** Standard output and error, in the order they came. */
  log: string;
  timeoutMs: number;
  signal: AbortSignal;
}

export type CommandEnd =
  | { end: 'exited'; exitCode: number }
  | { end: 'killed'; why: string }
  | { end: 'timedOut' }
  | { end: 'stopped' };

export async function runCommand({ command, cwd, env, log, timeoutMs, signal }: CommandRun): Promise<CommandEnd> {
  // Redirected by the shell itself: a child that stays holds the file, not a pipe that this process waits for.
  const ended = await execa('sh', ['-c', 'exec >"$1" 2>&1; eval "$0"', command, log], {
    cwd,
    env: { ...env },
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
    timeout: timeoutMs,
    cancelSignal: signal,
  });
  if (signal.aborted) return { end: 'stopped' };
  if (ended.timedOut) return { end: 'timedOut' };
  if (ended.exitCode !== undefined) return { end: 'exited', exitCode: ended.exitCode };
  return { end: 'killed', why: ended.signal ?? ended.code ?? 'no reason given' };
}

/** The end of a log, for a sentence. */
export async function tailOf(log: string, bytes: number): Promise<string> {
  const file = await open(log, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytes);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').trim();
  } finally {
    await file.close();
  }
}
