// Files that are kept although a rule of the workspace ignores them: what a repository tracks, and the task's own
// documents under `.taskrun/`.
import { lstat, readdir } from 'node:fs/promises';
import type { FilesDraft } from './files.js';
import type { RawPath } from './raw-path.js';
import { isUnder, joined, onDisk, rawKept, rawOf } from './raw-path.js';
import type { TakenState } from './repository.js';
import { isSecretPath } from './secrets.js';

const DOCUMENTS = '.taskrun';
const MOST_DOCUMENTS = 10_000;

export async function forcedFiles(
  input: { workspace: string; limits: { fileBytes: number } },
  known: { draft: FilesDraft; repositories: readonly TakenState[]; remembered: readonly RawPath[] },
): Promise<RawPath[]> {
  const wanted = new Set([...(await documents(input.workspace, DOCUMENTS)), ...(await hidden(known))]);
  const forced: RawPath[] = [];
  for (const path of wanted) if (!isSecretPath(path) && (await fits(input, path))) forced.push(path);
  return forced;
}

/** Tracked, yet not among what was read. Only a repository whose state changed is asked; else it is what it was. */
async function hidden(known: Parameters<typeof forcedFiles>[1]): Promise<RawPath[]> {
  const changed = known.repositories.filter(({ tracked }) => tracked !== undefined);
  if (changed.length === 0) return [...known.remembered];
  const folders = changed.map(({ notes }) => rawKept(notes.path));
  const others = known.remembered.filter((path) => !folders.some((folder) => isUnder(folder, path)));
  const read = await known.draft.list();
  const missed = changed.flatMap(({ notes, tracked }) =>
    (tracked ?? []).map((path) => joined(rawKept(notes.path), path)).filter((path) => !read.has(path)),
  );
  return [...others, ...missed];
}

async function documents(workspace: string, folder: RawPath): Promise<RawPath[]> {
  const found: RawPath[] = [];
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined && found.length < MOST_DOCUMENTS; at = folders.pop()) {
    const stats = await lstat(onDisk(workspace, at)).catch(() => undefined);
    if (stats?.isDirectory() !== true) continue;
    for (const entry of await readdir(onDisk(workspace, at), { withFileTypes: true, encoding: 'buffer' })) {
      const path = joined(at, rawOf(entry.name));
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
    }
  }
  return found;
}

/** A path that is gone is none to force; git would be told to drop it, which reading has done already. */
async function fits(input: { workspace: string; limits: { fileBytes: number } }, path: RawPath): Promise<boolean> {
  const folders = path.split('/').slice(0, -1);
  for (let depth = 1; depth <= folders.length; depth += 1) {
    const folder = await lstat(onDisk(input.workspace, folders.slice(0, depth).join('/'))).catch(() => undefined);
    if (folder?.isDirectory() !== true) return false;
  }
  const stats = await lstat(onDisk(input.workspace, path)).catch(() => undefined);
  if (stats === undefined) return false;
  return stats.isSymbolicLink() || (stats.isFile() && stats.size <= input.limits.fileBytes);
}
