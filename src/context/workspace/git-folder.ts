// Reads what is in a repository's `.git` apart from its objects: names, sizes and times first, the contents on demand.
// Takes ordinary files only and follows no link. Starts no process.
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import type { RawPath } from './raw-path.js';
import { joined, kept, onDisk, rawOf } from './raw-path.js';
import { isSecretName } from './secrets.js';

export type StateFile = { path: RawPath; mode: '100644' | '100755'; bytes: number };
export type GitFolder = {
  /** The folder that `.git` is in. */
  folder: RawPath;
  files: StateFile[];
  emptyFolders: string[];
  /** Places inside `.git` that have objects of their own: '' and submodules' `modules/<name>`. */
  objectHolders: RawPath[];
  /** Called like a secret: not kept. */
  secrets: RawPath[];
  /** Pipes, links and the like: not kept. */
  odd: RawPath[];
  fingerprint: string;
  /** Nothing in it changed just before it was looked at, so that times can tell a later change. */
  settled: boolean;
};

const SETTLED_MS = 100;
const NOT_STATE = /(?:^|\/)(?:objects|hooks)$/;
const NEVER = /\.lock$|^gc\.pid$|^fsmonitor--daemon|^tmp_/;

export async function readGitFolder(workspace: string, folder: RawPath): Promise<GitFolder> {
  const found: GitFolder = {
    folder,
    files: [],
    emptyFolders: [],
    objectHolders: [],
    secrets: [],
    odd: [],
    fingerprint: '',
    settled: true,
  };
  const hash: string[] = [];
  const before = BigInt(Date.now() - SETTLED_MS) * 1_000_000n;
  await walk(workspace, found, '', (path, stats) => {
    hash.push(`${path}\0${stats.mode}\0${stats.size}\0${stats.mtimeNs}\0${stats.ctimeNs}\0${stats.ino}`);
    if (stats.ctimeNs >= before) found.settled = false;
  });
  hash.push(...found.secrets.map((path) => `${path}\0secret`));
  found.fingerprint = createHash('sha256').update(hash.sort().join('\n')).digest('hex');
  return found;
}

type Note = (path: RawPath, stats: BigIntStats) => void;

async function walk(workspace: string, found: GitFolder, at: RawPath, note: Note): Promise<void> {
  const names = (await readdir(onDisk(workspace, found.folder, '.git', at), { encoding: 'buffer' })).map(rawOf);
  const isHolder = names.includes('objects') && names.includes('HEAD') && mayHold(at);
  if (isHolder || at === '') found.objectHolders.push(at);
  if (names.length === 0 && at !== '') found.emptyFolders.push(kept(at));
  await Promise.all(
    names.map(async (name) => {
      const path = at === '' ? name : joined(at, name);
      if ((isHolder || at === '') && NOT_STATE.test(name)) return;
      if (NEVER.test(name)) return;
      if (isSecretName(name) && !/^(?:refs|logs)\//.test(path)) {
        found.secrets.push(path);
        return;
      }
      const stats = await lstat(onDisk(workspace, found.folder, '.git', path), { bigint: true });
      if (stats.isDirectory()) return walk(workspace, found, path, note);
      note(path, stats);
      if (!stats.isFile()) found.odd.push(path);
      else
        found.files.push({ path, mode: (stats.mode & 0o100n) === 0n ? '100644' : '100755', bytes: Number(stats.size) });
    }),
  );
}

/** A branch may be called `objects` too. */
const mayHold = (at: RawPath): boolean =>
  at === '' || (at.startsWith('modules/') && !/\/(?:refs|logs)(?:\/|$)/.test(at));

export async function readStateFile(workspace: string, folder: RawPath, path: RawPath): Promise<Buffer> {
  const file = await open(
    onDisk(workspace, folder, '.git', path),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** What a `.git` that is a file says: the folder that the repository's state is in. */
export async function readGitFile(workspace: string, folder: RawPath): Promise<string | undefined> {
  const text = rawOf(await readStateFile(workspace, folder, ''));
  return /^gitdir: ([^\0\n]+?)\s*$/.exec(text)?.[1];
}
