// What stands in the way of a tree that is about to be written over a workspace, and that nobody would get back: bytes
// that neither the private index nor the tree itself has. Moves it aside; all else is left to git.
import type { BigIntStats } from 'node:fs';
import { lstat, rename } from 'node:fs/promises';
import { errorCode } from '../../host/system-error.js';
import { git } from '../git.js';
import { mayHoldCredentials, readScrubbed } from './bare.js';
import type { OnDisk, Version } from './held-bytes.js';
import { unheld } from './held-bytes.js';
import { holdsMore } from './held-folder.js';
import { objectId } from './loose-object.js';
import { indexFile } from './private-dir.js';
import type { RawPath } from './raw-path.js';
import { onDisk, parentOf } from './raw-path.js';
import { type Moved, sayMoved, setAside } from './set-aside.js';

export type ClearingInput = {
  gitDir: string;
  workspace: string;
  privateDir: string;
  tree: string;
  /** 40 hexadecimal digits by which what is moved is known. */
  mark: string;
  /** Empty folders that are to be there. */
  folders: readonly RawPath[];
};

/** A path at which something is written or removed. */
type Place = {
  target: Version | undefined;
  before: Version | undefined;
  /** It may have changed since the last look. */
  changed: boolean;
};
type Places = Map<RawPath, Place>;

export type Cleared = {
  /** What was moved, a sentence each. */
  says: string[];
  /** Moved until the tree is written, then to be put back: it differs from the kept one by its credentials alone. */
  lent: Moved[];
};

export async function clearTheWay(input: ClearingInput): Promise<Cleared> {
  const places = await placesOf(input);
  const folders = new Folders(input.workspace);
  const blocking = await blockedFolders(input, places, folders);
  const moved = await moveAll(input, blocking);
  folders.forget();
  const { blocking: paths, lent } = await blockedPaths(input, places, folders);
  moved.push(...(await moveAll(input, paths)));
  return { says: sayMoved(moved), lent: await moveAll(input, lent) };
}

export async function giveBack(workspace: string, lent: readonly Moved[]): Promise<void> {
  for (const { path, aside } of lent) await rename(onDisk(workspace, aside), onDisk(workspace, path));
}

async function moveAll({ workspace, mark }: ClearingInput, paths: readonly RawPath[]): Promise<Moved[]> {
  const moved: Moved[] = [];
  for (const path of [...paths].sort()) {
    const aside = await setAside(workspace, path, mark);
    if (aside !== undefined) moved.push({ path, aside });
  }
  return moved;
}

async function placesOf(input: ClearingInput): Promise<Places> {
  const run = { gitDir: input.gitDir, workTree: input.workspace, indexFile: indexFile(input.privateDir) };
  const how = ['--raw', '-z', '--no-abbrev', '--no-renames'];
  const [differing, changed] = await Promise.all([
    git({ ...run, args: ['diff-index', '--cached', ...how, input.tree] }),
    git({ ...run, args: ['diff-files', ...how] }),
  ]);
  const places: Places = new Map();
  for (const { path, old, now } of parseRaw(differing)) places.set(path, { target: old, before: now, changed: false });
  for (const { path, old } of parseRaw(changed)) {
    const place = places.get(path);
    places.set(path, place === undefined ? { target: old, before: old, changed: true } : { ...place, changed: true });
  }
  return places;
}

function parseRaw(output: Buffer): { path: RawPath; old: Version | undefined; now: Version | undefined }[] {
  const parts = output.toString('latin1').split('\0');
  const found = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [oldMode = '', newMode = '', oldId = '', newId = ''] = (parts[at] ?? '').slice(1).split(' ');
    found.push({ path: parts[at + 1] ?? '', old: version(oldMode, oldId), now: version(newMode, newId) });
  }
  return found;
}

const version = (mode: string, id: string): Version | undefined => (mode === '000000' ? undefined : { mode, id });

/** Something else at the place of a folder. What the index knows is judged as a path of its own. */
async function blockedFolders(input: ClearingInput, places: Places, folders: Folders): Promise<RawPath[]> {
  const wanted = new Set(input.folders);
  for (const [path, { target }] of places) if (target !== undefined) wanted.add(parentOf(path));
  const blocking = new Set<RawPath>();
  for (const folder of wanted) {
    const blocker = await folders.blockerOf(folder);
    if (blocker !== undefined && !places.has(blocker)) blocking.add(blocker);
  }
  return [...blocking];
}

async function blockedPaths(
  input: ClearingInput,
  places: Places,
  folders: Folders,
): Promise<{ blocking: RawPath[]; lent: RawPath[] }> {
  const found: (OnDisk & { path: RawPath })[] = [];
  const blocking: RawPath[] = [];
  for (const [path, place] of places) {
    // Beyond a link or a file nothing is written or removed.
    if ((await folders.blockerOf(parentOf(path))) !== undefined) continue;
    const at = onDisk(input.workspace, path);
    const stats = await statOf(at);
    if (stats === undefined) continue;
    if (stats.isDirectory()) {
      if (place.target !== undefined && (await holdsMore(input, path))) blocking.push(path);
    } else if (place.before === undefined || place.changed) found.push({ ...place, path, place: at, stats });
  }
  const lent: RawPath[] = [];
  for (const { path, target } of await unheld(input.gitDir, found)) {
    if (target !== undefined && (await hasCredentials(input.workspace, path, target))) lent.push(path);
    else blocking.push(path);
  }
  return { blocking, lent };
}

/** What is to be written is what is there, without them. */
async function hasCredentials(workspace: string, path: RawPath, target: Version): Promise<boolean> {
  if (!mayHoldCredentials(path)) return false;
  const file = await readScrubbed(workspace, path);
  return file !== undefined && objectId('blob', file.content) === target.id;
}

async function statOf(place: Buffer): Promise<BigIntStats | undefined> {
  try {
    return await lstat(place, { bigint: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Looks at each folder once. */
class Folders {
  readonly #blockers = new Map<RawPath, RawPath | undefined>();
  constructor(private readonly workspace: string) {}

  /** The part of the path that is there and no folder. */
  async blockerOf(path: RawPath): Promise<RawPath | undefined> {
    if (path === '.') return undefined;
    if (this.#blockers.has(path)) return this.#blockers.get(path);
    const above = await this.blockerOf(parentOf(path));
    const stats = above === undefined ? await statOf(onDisk(this.workspace, path)) : undefined;
    const blocker = above ?? (stats === undefined || stats.isDirectory() ? undefined : path);
    this.#blockers.set(path, blocker);
    return blocker;
  }

  forget(): void {
    this.#blockers.clear();
  }
}
