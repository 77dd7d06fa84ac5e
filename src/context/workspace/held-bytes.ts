// Whether the bytes of a file on disk are held by the store: they are those of an object, or no more than the beginning
// of it, as a restore leaves it that was killed. Follows no link.
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { open, readlink } from 'node:fs/promises';
import { git } from '../git.js';
import { readFrom } from './git-objects.js';
import { objectId } from './loose-object.js';

export type Version = { mode: string; id: string };
export type OnDisk = {
  place: Buffer;
  stats: BigIntStats;
  /** What is to be there. */
  target: Version | undefined;
  /** What was there at the last look. */
  before: Version | undefined;
};

const LINK = '120000';
const CHUNK_BYTES = 64 * 1024 * 1024;

/** Those of `found` whose bytes some object of the store does not have. */
export async function unheld<T extends OnDisk>(gitDir: string, found: readonly T[]): Promise<T[]> {
  const sizes = await sizesOf(gitDir, found.flatMap(versions));
  const other: T[] = [];
  for (const one of found) if (!(await isWhole(one, sizes))) other.push(one);
  const begun = await beginnings(gitDir, other, sizes);
  return other.filter((one) => !begun.has(one));
}

const versions = ({ target, before }: OnDisk): string[] => [target, before].flatMap((one) => one?.id ?? []);
const kindOf = ({ stats }: OnDisk): 'link' | 'file' | 'other' => {
  if (stats.isSymbolicLink()) return 'link';
  return stats.isFile() ? 'file' : 'other';
};
const isKind = (version: Version | undefined, kind: string): version is Version =>
  version !== undefined && (version.mode === LINK ? 'link' : 'file') === kind;

async function isWhole(one: OnDisk, sizes: ReadonlyMap<string, number>): Promise<boolean> {
  const kind = kindOf(one);
  const alike = [one.target, one.before].filter((version) => isKind(version, kind));
  const likely = alike.filter(({ id }) => kind === 'link' || sizes.get(id) === Number(one.stats.size));
  if (likely.length === 0) return false;
  const id = kind === 'link' ? objectId('blob', await readlink(one.place, { encoding: 'buffer' })) : await fileId(one);
  return likely.some((version) => version.id === id);
}

/** As git names its content; undefined: it can't be read. */
async function fileId({ place, stats }: OnDisk): Promise<string | undefined> {
  const hash = createHash('sha1').update(`blob ${stats.size}\0`);
  try {
    const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    for await (const piece of file.createReadStream()) hash.update(piece);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}

async function sizesOf(gitDir: string, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const input = [...new Set(ids)].map((id) => `${id}\n`).join('');
  const output = (await git({ gitDir, args: ['cat-file', '--batch-check'], input })).toString('latin1');
  const found = [...output.matchAll(/^([0-9a-f]{40}) blob (\d+)$/gm)];
  return new Map(found.map(([, id = '', size]) => [id, Number(size)]));
}

async function beginnings<T extends OnDisk>(
  gitDir: string,
  found: readonly T[],
  sizes: ReadonlyMap<string, number>,
): Promise<Set<T>> {
  const begun = new Set<T>();
  const likely = found.filter((one) => isBegun(one, sizes));
  for (const chunk of chunks(likely, (one) => sizes.get(one.target?.id ?? '') ?? 0)) {
    const ids = new Set(chunk.flatMap(({ target }) => target?.id ?? []));
    const contents = await readFrom({ gitDir }, { contents: [...ids], info: [] });
    for (const one of chunk) {
      const whole = contents.get(one.target?.id ?? '')?.content;
      if (whole !== undefined && (await isBeginning(one, whole))) begun.add(one);
    }
  }
  return begun;
}

const isBegun = (one: OnDisk, sizes: ReadonlyMap<string, number>): boolean =>
  kindOf(one) === 'file' && isKind(one.target, 'file') && Number(one.stats.size) < (sizes.get(one.target.id) ?? 0);

async function isBeginning({ place, stats }: OnDisk, whole: Buffer): Promise<boolean> {
  if (stats.size === 0n) return true;
  try {
    const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const there = await file.readFile();
      return there.equals(whole.subarray(0, there.length));
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

function chunks<T>(all: readonly T[], bytesOf: (one: T) => number): T[][] {
  const made: T[][] = [];
  let left = 0;
  for (const one of all) {
    const bytes = bytesOf(one);
    if (made.length === 0 || bytes > left) {
      made.push([]);
      left = CHUNK_BYTES;
    }
    made.at(-1)?.push(one);
    left -= bytes;
  }
  return made;
}
