// Whether a folder that gives way to a file has anything in it that no checkpoint holds.
import { readdir } from 'node:fs/promises';
import { git } from '../git.js';
import { holdsWhole, readMemory } from './memory.js';
import { indexFile } from './private-dir.js';
import type { RawPath } from './raw-path.js';
import { joined, onDisk, rawOf, splitZ } from './raw-path.js';

type Place = { gitDir: string; workspace: string; privateDir: string };

/** Asked of few folders: the index is read for each. */
export async function holdsMore(input: Place, folder: RawPath): Promise<boolean> {
  const run = { gitDir: input.gitDir, workTree: input.workspace, indexFile: indexFile(input.privateDir) };
  const below = ['-z', '--', `:(top,literal)${Buffer.from(folder, 'latin1').toString('utf8')}`];
  const isText = Buffer.from(Buffer.from(folder, 'latin1').toString('utf8'), 'utf8').equals(
    Buffer.from(folder, 'latin1'),
  );
  // A name that is no text can't be an argument.
  if (!isText) return true;
  const [held, changed, memory] = await Promise.all([
    git({ ...run, args: ['ls-files', ...below] }).then(splitZ),
    git({ ...run, args: ['diff-files', '--name-only', ...below] }).then(splitZ),
    readMemory(input.privateDir),
  ]);
  const other = new Set(changed);
  const files = new Set(held.filter((path) => !other.has(path)));
  const isHeld = (path: RawPath, name: string, at: RawPath): boolean =>
    name === '.git' ? holdsWhole(memory, at) : files.has(path);
  return hasOther(input.workspace, folder, isHeld);
}

type IsHeld = (path: RawPath, name: string, folder: RawPath) => boolean;

async function hasOther(workspace: string, folder: RawPath, isHeld: IsHeld): Promise<boolean> {
  const entries = await readdir(onDisk(workspace, folder), { withFileTypes: true, encoding: 'buffer' }).catch(
    () => undefined,
  );
  if (entries === undefined) return true;
  for (const entry of entries) {
    const name = rawOf(entry.name);
    const path = joined(folder, name);
    const enters = entry.isDirectory() && name !== '.git';
    if (enters ? await hasOther(workspace, path, isHeld) : !isHeld(path, name, folder)) return true;
  }
  return false;
}
