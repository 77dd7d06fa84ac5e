// Owns what is said about free space: how much a path's filesystem has left, and the sentence for a full one.
// Knows nothing of what is written there.
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from './system-error.js';

export interface DiskSpace {
  /** What this user may still write, in bytes. */
  freeBytes: number;
  /** How many files may still be made; absent where the filesystem has no such limit. */
  freeFiles?: number;
}

/** Space left where `path` lies, or would lie once it is made. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  const found = await statfs(await nearestExisting(path));
  const freeBytes = found.bavail * found.bsize;
  return found.files === 0 ? { freeBytes } : { freeBytes, freeFiles: found.ffree };
}

/** True for the errors of a full disk or of a used-up quota. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** The sentence for a full disk, with its numbers; undefined when `error` is something else. */
export async function fullDiskSentence(error: unknown, path: string): Promise<string | undefined> {
  if (!isDiskFull(error)) return undefined;
  const remedy = 'Free some space there, or set TASKRUN_HOME to a directory on another disk, then try again.';
  if (errorCode(error) === 'EDQUOT') return `TASKRUN_HOME: this user's disk quota for ${path} is used up. ${remedy}`;
  return `TASKRUN_HOME: the disk that holds ${path} is full${await describeLeft(path)}. ${remedy}`;
}

async function describeLeft(path: string): Promise<string> {
  try {
    const { freeBytes, freeFiles } = await diskSpace(path);
    return freeFiles === 0 ? ' (no further file can be made on it)' : ` (${Math.floor(freeBytes / 1024)} KiB left)`;
  } catch {
    return '';
  }
}

async function nearestExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    if (at === dirname(at)) return at;
    const exists = await stat(at).then(
      () => true,
      () => false,
    );
    if (exists) return at;
  }
}
