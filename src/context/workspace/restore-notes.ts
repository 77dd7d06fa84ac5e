// Empty folders and permissions, which git does not keep: makes them as a moment notes them.
import { chmod, lstat, rmdir } from 'node:fs/promises';
import { errorCode } from '../../host/system-error.js';
import { git } from '../git.js';
import type { WorkspaceNotes } from '../moment.js';
import type { Plan } from './plan.js';
import { indexFile } from './private-dir.js';
import type { RawPath } from './raw-path.js';
import { onDisk, parentOf, rawKept, splitZ } from './raw-path.js';
import { isRealFolder, makeRealFolder } from './real-folder.js';

type Place = { gitDir: string; workspace: string; privateDir: string };

/** A folder without the right to write would keep its owner from changing what is in it. */
export async function openFolders(workspace: string, plan: Plan): Promise<void> {
  for (const { path, mode, folder } of plan.oddModes)
    if (folder && (mode & 0o700) !== 0o700) await chmod(onDisk(workspace, path), mode | 0o700).catch(() => undefined);
}

/** `plan`: what is there now; undefined: it was empty before, so that nothing is there but what was restored. */
export async function restoreNotes(place: Place, notes: WorkspaceNotes, plan: Plan | undefined): Promise<void> {
  const wanted = new Set(notes.emptyFolders.map(rawKept));
  for (const folder of plan?.emptyFolders ?? [])
    if (!wanted.has(folder)) await removeEmpty(place.workspace, folder, wanted);
  for (const folder of wanted) await makeRealFolder(place.workspace, folder);
  await restoreModes(place, notes, plan);
}

async function removeEmpty(workspace: string, folder: RawPath, wanted: ReadonlySet<RawPath>): Promise<void> {
  for (let at = folder; at !== '.' && !wanted.has(at); at = parentOf(at)) {
    try {
      await rmdir(onDisk(workspace, at));
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EACCES'].includes(errorCode(error) ?? '')) return;
      throw error;
    }
  }
}

async function restoreModes(place: Place, notes: WorkspaceNotes, plan: Plan | undefined): Promise<void> {
  const umask = notes.umask ?? 0o022;
  const wanted = new Map(notes.modes.map(([path, mode]) => [rawKept(path), mode]));
  const ordinary = await becomingOrdinary(place, umask, notes.emptyFolders.map(rawKept), plan);
  for (const path of ordinary) if (!wanted.has(path)) await makeOrdinary(place.workspace, path, umask);
  // The deepest first: a folder that may not be entered any more comes after what is in it.
  const deepestFirst = [...wanted].sort(([one], [other]) => other.split('/').length - one.split('/').length);
  for (const [path, mode] of deepestFirst) await setMode(place.workspace, path, mode);
}

/** Where this process makes files of other permissions than those kept, all of them; else those that are odd now. */
async function becomingOrdinary(
  place: Place,
  umask: number,
  empty: readonly RawPath[],
  plan: Plan | undefined,
): Promise<RawPath[]> {
  if (process.umask() === umask) return (plan?.oddModes ?? []).map(({ path }) => path);
  const files = splitZ(
    await git({ gitDir: place.gitDir, indexFile: indexFile(place.privateDir), args: ['ls-files', '-z'] }),
  );
  return [...new Set([...files, ...files.flatMap(foldersOf), ...empty])];
}

function foldersOf(path: RawPath): RawPath[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

async function makeOrdinary(workspace: string, path: RawPath, umask: number): Promise<void> {
  const stats = await lstat(onDisk(workspace, path)).catch(() => undefined);
  if (stats === undefined || stats.isSymbolicLink()) return;
  const runs = stats.isDirectory() || (stats.mode & 0o100) !== 0;
  await setMode(workspace, path, (runs ? 0o777 : 0o666) & ~umask);
}

async function setMode(workspace: string, path: RawPath, mode: number): Promise<void> {
  if (!(await isRealFolder(workspace, parentOf(path)))) return;
  const stats = await lstat(onDisk(workspace, path)).catch(() => undefined);
  if (stats === undefined || !(stats.isFile() || stats.isDirectory()) || (stats.mode & 0o7777) === mode) return;
  await chmod(onDisk(workspace, path), mode);
}
