// Bare repositories among the files of a workspace: they are kept like any other files, apart from the few in which
// credentials may stand. Those are read here, and kept without them.
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { RawPath } from './raw-path.js';
import { joined, onDisk, parentOf } from './raw-path.js';
import { scrubbed } from './scrub.js';

export type ScrubbedFile = { path: RawPath; mode: '100644' | '100755'; content: Buffer };

const WITH_CREDENTIALS = ['config', 'config.worktree', 'FETCH_HEAD'];
const MOST_BYTES = 1024 * 1024;

export type ScrubbedFiles = {
  files: ScrubbedFile[];
  /** Far too long, or not to be read: not to be kept at all. */
  refused: RawPath[];
};

/** `heads`: the files called HEAD. */
export async function scrubbedFiles(workspace: string, heads: readonly RawPath[]): Promise<ScrubbedFiles> {
  const found: ScrubbedFiles = { files: [], refused: [] };
  for (const folder of heads.map(parentOf)) {
    if (!(await isBare(workspace, folder))) continue;
    for (const name of WITH_CREDENTIALS) {
      const path = joined(folder, name);
      const stats = await lstat(onDisk(workspace, path)).catch(() => undefined);
      if (stats?.isFile() !== true) continue;
      const file = await readScrubbed(workspace, path);
      if (file === undefined) found.refused.push(path);
      else found.files.push(file);
    }
  }
  return found;
}

async function isBare(workspace: string, folder: RawPath): Promise<boolean> {
  for (const name of ['objects', 'refs']) {
    const stats = await lstat(onDisk(workspace, folder, name)).catch(() => undefined);
    if (stats?.isDirectory() !== true) return false;
  }
  return true;
}

export const mayHoldCredentials = (path: RawPath): boolean =>
  WITH_CREDENTIALS.includes(path.slice(path.lastIndexOf('/') + 1));

export async function readScrubbed(workspace: string, path: RawPath): Promise<ScrubbedFile | undefined> {
  const how = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(onDisk(workspace, path), how).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > MOST_BYTES) return undefined;
    const content = scrubbed(path.slice(path.lastIndexOf('/') + 1), await file.readFile());
    return { path, mode: (stats.mode & 0o100) === 0 ? '100644' : '100755', content };
  } finally {
    await file.close();
  }
}
