// Owns ending every process of an attempt, wherever it hid: the marker is an environment variable, which children
// inherit through setsid, a double fork and a new parent. Knows nothing of what the processes are.
import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { familyOf, markedNewcomer, markedProcesses, type Variable, type Wanted } from './process-family.js';
import { commandOf, newestPid, type ProcessRow, readProcess } from './process-table.js';
import { errorCode } from './system-error.js';

export type { Variable } from './process-family.js';

export interface FindOptions {
  /** Leaves out those that carry this variable too: the attempt that is meant to live. */
  except?: Variable;
}

export interface FoundProcess {
  pid: number;
  startTime: number;
  command: string;
}

export interface Killed {
  killed: number[];
  /** Still running when the time was up, or not ours to kill. Empty: every one is proven dead. */
  left: number[];
}

/** Two empty looks in a row: between fork and exec a process shows no environment for an instant. */
const QUIET_LOOKS = 2;
const BETWEEN_LOOKS_MS = 20;
const FREEZING_ROUNDS = 50;
const CHASE_AT_MOST_MS = 50;

/** Whether processes can be found here at all: they are read from Linux's /proc. */
export function processTreeSupport(): { ok: true } | { ok: false; says: string } {
  const remedy = 'Mount one: mount -t proc proc /proc';
  if (process.platform !== 'linux') return { ok: false, says: needsLinux() };
  const self = linkOf('/proc/self');
  if (self === undefined)
    return { ok: false, says: `A worker finds Claude's processes in /proc, and there is none here. ${remedy}` };
  if (self === String(process.pid)) return { ok: true };
  const says = `/proc belongs to another PID namespace (this process is ${process.pid}, and ${self} there). ${remedy}`;
  return { ok: false, says };
}

/** Every process that was started with `name=value`: zombies, this process and its ancestors aside. */
export function findMarked(name: string, value: string, options: FindOptions = {}): FoundProcess[] {
  const found = markedProcesses({ marker: { name, value }, except: options.except });
  return found.map(({ pid, startTime }) => ({ pid, startTime, command: commandOf(pid) }));
}

/**
 * Ends every marked process and its kin with SIGKILL, stopped ones included, and looks again until none is found;
 * at most `withinMs` (default 5 s) long. All are frozen before the first dies, so that none can fork ahead of the search.
 */
export async function killMarked(
  name: string,
  value: string,
  options: FindOptions & { withinMs?: number } = {},
): Promise<Killed> {
  const hunt = new Hunt({ marker: { name, value }, except: options.except });
  const until = performance.now() + (options.withinMs ?? 5_000);
  for (let quiet = 0; quiet < QUIET_LOOKS && performance.now() < until; await sleep(BETWEEN_LOOKS_MS)) {
    const living = hunt.freezeAll();
    quiet = living.length === 0 ? quiet + 1 : 0;
    hunt.kill(living);
    if (living.length > 0 && hunt.areAllRefused(living)) break;
  }
  return hunt.outcome();
}

/** Asks one process to end by itself. The pid is that of a child not yet reaped, or was found this instant. */
export function signalGently(pid: number, signal: 'SIGINT' | 'SIGTERM' = 'SIGINT'): 'sent' | 'gone' | 'refused' {
  return send(pid, signal);
}

/** One search, and whom it has met: pid → start time. */
class Hunt {
  private readonly met = new Map<number, number>();
  private readonly refused = new Set<number>();

  constructor(private readonly wanted: Wanted) {}

  /** Stops whoever is found until a look finds nobody new; returns all that still live. */
  freezeAll(): ProcessRow[] {
    for (let round = 1; ; round += 1) {
      const newest = newestPid();
      const living = familyOf(this.wanted, this.met);
      const unmet = living.filter(({ pid, startTime }) => this.met.get(pid) !== startTime);
      for (const row of unmet) this.freeze(row);
      const caught = this.chase(newest);
      if ((unmet.length === 0 && caught === 0) || round === FREEZING_ROUNDS) return living;
    }
  }

  /** Where each process starts the next one and ends, all are gone when a list of them is read: ask for those born meanwhile. */
  private chase(newest: number): number {
    const until = performance.now() + CHASE_AT_MOST_MS;
    let caught = 0;
    for (let pid = newest + 1; pid <= newestPid() && performance.now() < until; pid += 1) {
      const row = markedNewcomer(pid, this.wanted);
      if (row === undefined || this.met.get(pid) === row.startTime) continue;
      this.freeze(row);
      caught += 1;
    }
    return caught;
  }

  private freeze(row: ProcessRow): void {
    this.met.set(row.pid, row.startTime);
    this.signal(row, 'SIGSTOP');
  }

  /** The youngest first: the kernel wakes the stopped members of a process group that loses its last outside parent. */
  kill(living: ProcessRow[]): void {
    const youngestFirst = living.toSorted((a, b) => b.startTime - a.startTime || b.pid - a.pid);
    for (const row of youngestFirst) this.signal(row, 'SIGKILL');
  }

  areAllRefused(living: ProcessRow[]): boolean {
    return living.every(({ pid }) => this.refused.has(pid));
  }

  outcome(): Killed {
    const left = new Set(familyOf(this.wanted, this.met).map(({ pid }) => pid));
    return { killed: [...this.met.keys()].filter((pid) => !left.has(pid)), left: [...left] };
  }

  /** The pid is looked at once more: since the look it may have ended and been given to another. */
  private signal(row: ProcessRow, signal: NodeJS.Signals): void {
    if (readProcess(row.pid)?.startTime !== row.startTime) return;
    if (send(row.pid, signal) === 'refused') this.refused.add(row.pid);
  }
}

function send(pid: number, signal: NodeJS.Signals): 'sent' | 'gone' | 'refused' {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    return errorCode(error) === 'ESRCH' ? 'gone' : 'refused';
  }
}

function needsLinux(): string {
  return `A worker needs Linux: it finds Claude's processes in /proc, which ${process.platform} lacks. Run it in a container or a virtual machine.`;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
