// Writes the state of a repository's `.git` as a moment has it. Objects and hooks stay; a file that differs from the
// kept one by no more than its credentials stays too. Links are replaced, never followed.

import { randomBytes } from 'node:crypto';
import { chmod, readdir, rename, rmdir, writeFile } from 'node:fs/promises';
import { Attic } from './attic.js';
import { readStateFile } from './git-folder.js';
import type { RawPath } from './raw-path.js';
import { joined, onDisk, parentOf, rawKept, rawOf } from './raw-path.js';
import { makeRealFolder } from './real-folder.js';
import { scrubbed } from './scrub.js';
import { isSecretName } from './secrets.js';

export type State = {
  files: ReadonlyMap<RawPath, { content: Buffer; executable: boolean }>;
  emptyFolders: readonly string[];
};

const KEPT_BACK = /^(?:modules\/(?!.*\/(?:refs|logs)\/)(?:.*\/)?)?(?:objects|hooks)(?:\/|$)/;

export type StatePlace = {
  workspace: string;
  folder: RawPath;
  /** By which what is moved is known. */
  mark: string;
  /** All that is there now is in some checkpoint; else what gives way is moved to a folder of its own. */
  isHeld: boolean;
};

/** @returns what was moved, a sentence each; undefined: the folder cannot be entered without following a link */
export async function restoreState(place: StatePlace, state: State): Promise<string[] | undefined> {
  const { workspace, folder } = place;
  const dotGit = joined(folder, '.git');
  if (!(await makeRealFolder(workspace, dotGit, dotGit.length))) return undefined;
  const empty = new Set(state.emptyFolders.map(rawKept).filter(isPlain));
  const attic = new Attic(workspace, dotGit, place.isHeld ? undefined : `taskrun-before-${place.mark.slice(0, 8)}`);
  const clearing = { workspace, dotGit, state, empty, attic };
  await clear(clearing, '');
  const files = [...state.files].filter(([path]) => isPlain(path));
  // HEAD makes it a repository: it comes last.
  for (const [path, file] of files.sort(([one], [other]) => Number(one === 'HEAD') - Number(other === 'HEAD')))
    await putFile(clearing, folder, path, file);
  for (const path of ['refs', ...empty]) await makeRealFolder(workspace, joined(dotGit, path), dotGit.length);
  return attic.says;
}

/** The store may be anybody's: no way out of `.git`. */
const isPlain = (path: RawPath): boolean =>
  path !== '' &&
  !path.split('/').some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git') &&
  !KEPT_BACK.test(path);

type Clearing = { workspace: string; dotGit: RawPath; state: State; empty: ReadonlySet<RawPath>; attic: Attic };

/** Locks that a killed git left go as well. @returns whether anything is left there */
async function clear(input: Clearing, at: RawPath): Promise<boolean> {
  const entries = await readdir(onDisk(input.workspace, input.dotGit, at), { withFileTypes: true, encoding: 'buffer' });
  let left = false;
  for (const entry of entries) {
    const name = rawOf(entry.name);
    const path = at === '' ? name : `${at}/${name}`;
    left = (await clearEntry(input, path, entry.isDirectory())) || left;
  }
  return left;
}

async function clearEntry(input: Clearing, path: RawPath, isFolder: boolean): Promise<boolean> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (isFolder && KEPT_BACK.test(path)) return true;
  if (isSecretName(name) && !/^(?:refs|logs)\//.test(path)) return true;
  const place = onDisk(input.workspace, input.dotGit, path);
  if (isFolder && input.attic.is(path)) return true;
  if (isFolder) {
    const left = await clear(input, path);
    if (left || input.empty.has(path)) return true;
    await rmdir(place);
    return false;
  }
  if (input.state.files.has(path)) return true;
  await input.attic.takeIn(path);
  return false;
}

async function putFile(
  { workspace, dotGit, attic }: Clearing,
  folder: RawPath,
  path: RawPath,
  file: { content: Buffer; executable: boolean },
): Promise<void> {
  await makeRealFolder(workspace, joined(dotGit, parentOf(path)), dotGit.length);
  const there = await readStateFile(workspace, folder, path).catch(() => undefined);
  if (there !== undefined && scrubbed(path, there).equals(file.content)) return;
  const draft = onDisk(workspace, dotGit, joined(parentOf(path), `.taskrun-${randomBytes(6).toString('hex')}`));
  const target = onDisk(workspace, dotGit, path);
  await writeFile(draft, file.content, { flag: 'wx' });
  if (file.executable) await chmod(draft, 0o777 & ~process.umask());
  await attic.takeIn(path);
  await rename(draft, target);
}
