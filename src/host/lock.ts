// Owns doing something alone on this home (starting the dev server, fetching a program): numbered claims, where the
// next number may be made only when the newest is released or its holder dead. A crash never leaves the lock shut.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClaimFile, claim, holderState, newestClaim, release } from './claims.js';

export type Locked<T> = { locked: true; value: T } | { locked: false; by: ClaimFile };

export interface LockTimes {
  /** How long to wait for the lock. */
  withinMs: number;
  /** A holder that can't be judged from here (another container) is taken for gone when it held the lock for longer. */
  holdsAtMostMs: number;
}

const LOOK_EVERY_MS = 50;

/** Runs `alone` while nobody else holds the lock at `dir`; when the wait is over, says who does. */
export async function withLock<T>(dir: string, times: LockTimes, alone: () => Promise<T>): Promise<Locked<T>> {
  const until = performance.now() + times.withinMs;
  for (;;) {
    const newest = await newestClaim(dir);
    if (newest === undefined || (await isFree(newest, times.holdsAtMostMs))) {
      const next = await claim(dir, { token: (newest?.token ?? 0) + 1, attemptId: 'lock' });
      if (next.held) {
        try {
          return { locked: true, value: await alone() };
        } finally {
          await release(next.claim);
        }
      }
    } else if (performance.now() > until) return { locked: false, by: newest };
    await sleep(LOOK_EVERY_MS);
  }
}

async function isFree(newest: ClaimFile, holdsAtMostMs: number): Promise<boolean> {
  const state = await holderState(newest);
  if (state !== 'elsewhere') return state !== 'alive';
  const heldSince = await stat(join(newest.dir, newest.name)).catch(() => undefined);
  return heldSince === undefined || Date.now() - heldSince.mtimeMs > holdsAtMostMs;
}
