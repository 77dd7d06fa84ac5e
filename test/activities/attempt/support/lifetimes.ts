// Which attempts had processes at the same time: looks at a task's processes again and again while a test goes on.
import { readFileSync } from 'node:fs';
import { ATTEMPT_MARKER, TASK_MARKER } from '../../../../src/claude/environment.js';
import { findMarked } from '../../../../src/host/process-tree.js';
import type { TaskOnSite } from './site.js';

const LOOK_MS = 10;

export interface Lifetimes {
  /** Ids of the attempts that had a process, in the order in which they were seen. */
  seen: string[];
  /** The most that had one in the same look. */
  most: number;
  stop: () => void;
}

export function watchLifetimes({ place }: TaskOnSite): Lifetimes {
  const look = (): void => {
    const alive = new Set(findMarked(TASK_MARKER, place.key).flatMap(({ pid }) => attemptOf(pid) ?? []));
    lifetimes.most = Math.max(lifetimes.most, alive.size);
    for (const id of alive) if (!lifetimes.seen.includes(id)) lifetimes.seen.push(id);
  };
  const timer = setInterval(look, LOOK_MS);
  const lifetimes: Lifetimes = { seen: [], most: 0, stop: () => clearInterval(timer) };
  return lifetimes;
}

function attemptOf(pid: number): string | undefined {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return entries.find((entry) => entry.startsWith(`${ATTEMPT_MARKER}=`))?.slice(ATTEMPT_MARKER.length + 1);
  } catch {
    return undefined;
  }
}
