// Makes and enters folders below a workspace without ever following a link: what a checkpoint names is written there or
// not at all.
import { lstat, mkdir, rm } from 'node:fs/promises';
import { errorCode } from '../../host/system-error.js';
import type { RawPath } from './raw-path.js';
import { onDisk } from './raw-path.js';

/** Whether each part of the path is a folder of its own, no link. */
export async function isRealFolder(root: string, path: RawPath): Promise<boolean> {
  for (const part of prefixes(path)) {
    const stats = await lstat(onDisk(root, part)).catch(() => undefined);
    if (stats?.isDirectory() !== true) return false;
  }
  return true;
}

/**
 * Makes the folder. `clears`: whatever else stands in the way goes, below the part of that length; above it, and
 * without it, the answer is false.
 */
export async function makeRealFolder(root: string, path: RawPath, clears = Number.POSITIVE_INFINITY): Promise<boolean> {
  for (const part of prefixes(path)) {
    const place = onDisk(root, part);
    const stats = await lstat(place).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
      return undefined;
    });
    if (stats?.isDirectory() === true) continue;
    if (stats !== undefined && part.length < clears) return false;
    if (stats !== undefined) await rm(place);
    await mkdir(place);
  }
  return true;
}

function prefixes(path: RawPath): RawPath[] {
  if (path === '.' || path === '') return [];
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
