// Owns who belongs to a marked process: those started with the marker variable, and their kin who lost it (some
// programs overwrite their environment). Looks only; ends nobody. This process and its ancestors never belong.
import { allProcesses, type ProcessRow, readProcess, wasStartedWith } from './process-table.js';

export interface Variable {
  name: string;
  value: string;
}

export interface Wanted {
  marker: Variable;
  /** Leaves out those that carry this variable too: the attempt that is meant to live. */
  except?: Variable | undefined;
}

/** Every living process that carries the marker itself. */
export function markedProcesses(wanted: Wanted): ProcessRow[] {
  const rows = allProcesses();
  return rows.filter(isMarked(wanted, protectedPids(rows)));
}

/** This process if it carries the marker. Only for a pid given out after this process began: it spares nobody. */
export function markedNewcomer(pid: number, wanted: Wanted): ProcessRow | undefined {
  const row = readProcess(pid);
  return row !== undefined && isMarked(wanted, new Set())(row) ? row : undefined;
}

/** The marked ones, those of `met` (pid → start time) that still live, and the kin of both. */
export function familyOf(wanted: Wanted, met: ReadonlyMap<number, number>): ProcessRow[] {
  const rows = allProcesses();
  const spared = protectedPids(rows);
  const marked = isMarked(wanted, spared);
  const seeds = rows.filter((row) => marked(row) || met.get(row.pid) === row.startTime);
  const mayJoin = (row: ProcessRow) => !row.kernelThread && !spared.has(row.pid) && !isExcepted(row.pid, wanted);
  return withKin(rows, seeds, met, mayJoin).filter(({ gone }) => !gone);
}

/**
 * The seeds, their descendants, and the members of sessions and process groups which one of them leads or has led.
 * Groups led by anybody else are left alone: they may be the worker's own, or a terminal's.
 */
function withKin(
  rows: ProcessRow[],
  seeds: ProcessRow[],
  met: ReadonlyMap<number, number>,
  mayJoin: (row: ProcessRow) => boolean,
): ProcessRow[] {
  const kin = new Map(seeds.map((row) => [row.pid, row]));
  const startTimes = new Map(rows.map(({ pid, startTime }) => [pid, startTime]));
  // A number stays taken while a group bears it, so a leader that is gone from the table is still the one we met.
  const ledByKin = (leader: number) =>
    kin.has(leader) || (met.has(leader) && (startTimes.get(leader) ?? met.get(leader)) === met.get(leader));
  const related = (row: ProcessRow) => kin.has(row.parent) || ledByKin(row.session) || ledByKin(row.group);
  for (let before = -1; before < kin.size; ) {
    before = kin.size;
    for (const row of rows) if (!kin.has(row.pid) && related(row) && mayJoin(row)) kin.set(row.pid, row);
  }
  return [...kin.values()];
}

function isMarked(wanted: Wanted, spared: ReadonlySet<number>): (row: ProcessRow) => boolean {
  const { name, value } = wanted.marker;
  return ({ pid, gone, kernelThread }) =>
    !gone && !kernelThread && !spared.has(pid) && wasStartedWith(pid, name, value) && !isExcepted(pid, wanted);
}

function isExcepted(pid: number, { except }: Wanted): boolean {
  return except !== undefined && wasStartedWith(pid, except.name, except.value);
}

/** This process, its ancestors and the first process: whatever variables they carry. */
function protectedPids(rows: ProcessRow[]): Set<number> {
  const parents = new Map(rows.map(({ pid, parent }) => [pid, parent]));
  const spared = new Set([0, 1]);
  let pid: number | undefined = process.pid;
  while (pid !== undefined && !spared.has(pid)) {
    spared.add(pid);
    pid = parents.get(pid);
  }
  return spared;
}
