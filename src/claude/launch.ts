// Starts the CLI as a process of its own group, with an environment made from nothing. Answers with its streams and
// its exit, or with a sentence why it could not start; the arguments are never repeated there.
import { statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';

export interface LaunchInput {
  path: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
}

export interface Exit {
  exitCode?: number;
  signal?: NodeJS.Signals;
}

export interface Launched {
  ok: true;
  pid: number;
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  exited: Promise<Exit>;
}

export async function launch({ path, args, cwd, env }: LaunchInput): Promise<Launched | { ok: false; says: string }> {
  const child = execa(path, args, {
    cwd,
    env,
    extendEnv: false,
    // Its own group: a Ctrl-C in the worker's terminal is the worker's to hand on.
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve({ ...(code !== null && { exitCode: code }), ...(signal !== null && { signal }) }),
    );
  });
  if (child.pid === undefined) return { ok: false, says: sayWhy((await child).code, path, cwd) };
  // A CLI that dies first breaks the pipe; what that means is read from its exit, not from this error.
  child.stdin.on('error', () => {});
  return { ok: true, pid: child.pid, stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited };
}

function sayWhy(code: string | undefined, path: string, cwd: string): string {
  // A missing working directory is reported by the system as a missing program.
  const dir = statSync(cwd, { throwIfNoEntry: false });
  if (dir === undefined) return `Claude can't be started: its directory ${cwd} does not exist.`;
  if (!dir.isDirectory()) return `Claude can't be started: ${cwd} is not a directory.`;
  if (code === 'E2BIG') return "Claude can't be started: its options are longer than the system allows (E2BIG).";
  return `Claude can't be started: ${path} (${code ?? 'no reason given'}).`;
}
