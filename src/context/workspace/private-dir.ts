// Owns the folder that belongs to one attempt alone: its index of the workspace and what the last look at it found.
// Nobody else writes there, so a lock found in it was left by a process that died.
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../host/system-error.js';

export const indexFile = (privateDir: string): string => join(privateDir, 'index');
export const memoryFile = (privateDir: string): string => join(privateDir, 'memory.json');

/**
 * Takes over the index of an earlier attempt, so that only what changed since is read. A rename keeps its time, by
 * which git knows the files that changed in the moment it was written.
 */
export async function adoptIndex(fromPrivateDir: string | undefined, privateDir: string): Promise<void> {
  await mkdir(privateDir, { recursive: true, mode: 0o700 });
  if (fromPrivateDir === undefined || fromPrivateDir === privateDir) return;
  for (const file of [indexFile, memoryFile]) await renameIfThere(file(fromPrivateDir), file(privateDir));
}

export async function readyPrivateDir(privateDir: string): Promise<void> {
  await mkdir(privateDir, { recursive: true, mode: 0o700 });
  await rm(`${indexFile(privateDir)}.lock`, { force: true });
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
