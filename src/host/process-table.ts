// Owns reading /proc: one row per process, and whether a process was started with a given environment variable.
// Knows nothing of tasks, and judges nothing. Synchronous on purpose: who looks for a forking process must not yield.
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessRow {
  pid: number;
  parent: number;
  group: number;
  session: number;
  /** Clock ticks since boot: with the pid it names a process for good. */
  startTime: number;
  /** A zombie, or on its way out: it runs no more code. */
  gone: boolean;
  kernelThread: boolean;
}

const KERNEL_THREAD = 0x00200000;

/** Every process that this /proc shows, in no order. */
export function allProcesses(): ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const row = readProcess(Number(name));
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

/** One process, or undefined when there is none of that pid (or it is hidden from this user). */
export function readProcess(pid: number): ProcessRow | undefined {
  const stat = readProc(pid, 'stat')?.toString('latin1');
  return stat === undefined ? undefined : parseStat(pid, stat);
}

/** The name in parentheses may itself hold blanks and parentheses: fields are counted from the last one on. */
function parseStat(pid: number, stat: string): ProcessRow | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const number = (at: number) => Number(fields[at] ?? Number.NaN);
  if (fields.length < 20) return undefined;
  const ended = fields[0] === 'Z' || fields[0] === 'X';
  return {
    pid,
    parent: number(1),
    group: number(2),
    session: number(3),
    startTime: number(19),
    // A main thread may end before the others: such a process looks like a zombie and still runs.
    gone: ended && number(17) <= 1,
    kernelThread: (number(6) & KERNEL_THREAD) !== 0,
  };
}

/** The pid given out last, to a process or a thread; 0 where the system doesn't tell. Numbers rise, and begin anew at the top. */
export function newestPid(): number {
  try {
    return Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ').at(-1)) || 0;
  } catch {
    return 0;
  }
}

/** True when the process was started with exactly `name=value`. False, too, when its environment may not be read. */
export function wasStartedWith(pid: number, name: string, value: string): boolean {
  const environment = readProc(pid, 'environ');
  if (environment === undefined || environment.length === 0) return false;
  const entry = Buffer.from(`${name}=${value}\0`);
  if (environment.subarray(0, entry.length).equals(entry)) return true;
  return Buffer.concat([environment, Buffer.from('\0')]).includes(Buffer.concat([Buffer.from('\0'), entry]));
}

/** The command line for people, blanks between the arguments, cut at 200 characters. */
export function commandOf(pid: number): string {
  const raw = readProc(pid, 'cmdline')?.toString('utf8') ?? '';
  return raw.replaceAll('\0', ' ').trim().slice(0, 200);
}

function readProc(pid: number, file: 'stat' | 'environ' | 'cmdline'): Buffer | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch {
    return undefined;
  }
}
