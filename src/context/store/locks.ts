// The lock files that git makes beside a ref. One that a killed process left behind must not stop the next writer, and
// one that is being held is waited for. Knows nothing of what is written under them.
import { rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../../host/system-error.js';
import { GitFailure } from '../git.js';

const LOCKED = /Unable to create '(.+\.lock)': File exists/;
/** A ref's lock is held for milliseconds; that of packed-refs while every ref of the store is written anew. */
const STALE_REF_LOCK_MS = 2_000;
const STALE_PACKED_LOCK_MS = 20_000;
const PATIENCE_MS = 3_000;
const PACKED_PATIENCE_MS = 25_000;
const PAUSE_MS = 40;

/** Runs what moves refs, again while another holds a lock. @throws what it threw at last */
export async function despiteLocks<T>(doing: () => Promise<T>): Promise<T> {
  const startMs = Date.now();
  for (;;) {
    try {
      return await doing();
    } catch (error) {
      const lock = lockNamed(error);
      if (lock === undefined || Date.now() - startMs > patienceMs(lock)) throw error;
      if (!(await removeStale(lock))) await delay(PAUSE_MS);
    }
  }
}

const isPacked = (lock: string): boolean => lock.endsWith('/packed-refs.lock');
const patienceMs = (lock: string): number => (isPacked(lock) ? PACKED_PATIENCE_MS : PATIENCE_MS);

/** The lock of a remote repository is not ours to look at: its path means nothing here. */
function lockNamed(error: unknown): string | undefined {
  return error instanceof GitFailure ? LOCKED.exec(error.stderr)?.[1] : undefined;
}

async function removeStale(lock: string): Promise<boolean> {
  try {
    const ageMs = Date.now() - (await stat(lock)).mtimeMs;
    if (ageMs < (isPacked(lock) ? STALE_PACKED_LOCK_MS : STALE_REF_LOCK_MS)) return false;
    await rm(lock, { force: true });
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') return false;
  }
  return true;
}
