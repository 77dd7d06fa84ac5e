// Reads the files of a workspace into the attempt's index and writes them as one tree. The index in use is replaced
// only when all objects it names are in the store: a crash leaves both as they were.
import { copyFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../host/system-error.js';
import type { GitRun } from '../git.js';
import { GitFailure, git, gitWithWarnings } from '../git.js';
import type { ScrubbedFile } from './bare.js';
import { writeLooseObject } from './loose-object.js';
import { indexFile } from './private-dir.js';
import type { Quarantine } from './quarantine.js';
import { discard, openQuarantine, release } from './quarantine.js';
import type { RawPath } from './raw-path.js';
import { bytesOf, joinZ, splitZ } from './raw-path.js';

export type FilesInput = {
  gitDir: string;
  workspace: string;
  privateDir: string;
  excludesFile: string;
  /** Left out although no rule ignores them. */
  excluded: readonly RawPath[];
  /** Folders with a repository of their own: their files are kept like any others. */
  nested: readonly RawPath[];
  /** Differs from the last time: the index may hold what is left out now, or a nested repository as a mere link. */
  rulesChanged: boolean;
  /** So many new files that a pack is better than an object each. */
  many: boolean;
  signal?: AbortSignal;
};

export type FilesDraft = {
  /** What git complained of; empty: everything was read. */
  warnings: string;
  list(): Promise<Set<RawPath>>;
  /** Takes in what an ignore rule would hide; a path that is gone is dropped. */
  force(paths: readonly RawPath[]): Promise<void>;
  /** Takes these in place of what lies there. */
  put(files: readonly ScrubbedFile[]): Promise<void>;
  /** Begins to write the tree while the caller still finds out whether anything is to be added. */
  hasten(): void;
  finish(): Promise<string>;
  abandon(): Promise<void>;
};

const EMPTY_BLOB = 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391';
const SEED = '.taskrun-seed';
const TRIES = 3;

type Bench = { base: Omit<GitRun, 'args'>; next: string; quarantine: Quarantine };

export async function draftFiles(input: FilesInput): Promise<FilesDraft> {
  const bench = await setUp(input);
  try {
    const continued = await startFrom(indexFile(input.privateDir), bench.next);
    if (continued && input.rulesChanged) await forget(bench, [...input.excluded, ...input.nested]);
    if (input.nested.length > 0) await seed(bench, input.nested);
    const warnings = await add(bench, input);
    return draftOf(bench, input, warnings);
  } catch (error) {
    await clearAway(bench);
    throw error;
  }
}

function draftOf(bench: Bench, input: FilesInput, warnings: string): FilesDraft {
  const forced = new Set<RawPath>();
  let tree: Promise<string> | undefined;
  const hasten = (): void => {
    tree = writeTree(bench);
    tree.catch(() => undefined);
  };
  /** Two at once would find the index locked. */
  const change = async (work: () => Promise<void>): Promise<void> => {
    await tree?.catch(() => undefined);
    tree = undefined;
    await work();
  };
  return {
    warnings,
    list: () => list(bench),
    force: async (paths) => {
      const more = paths.filter((path) => !forced.has(path));
      if (more.length > 0) await change(() => force(bench, more));
      for (const path of more) forced.add(path);
    },
    put: async (files) => (files.length === 0 ? undefined : change(() => put(bench, files))),
    hasten,
    abandon: () => change(() => clearAway(bench)),
    finish: async () => finish(bench, input, await (tree ?? writeTree(bench))),
  };
}

async function setUp(input: FilesInput): Promise<Bench> {
  const quarantine = await openQuarantine(input.gitDir);
  const next = join(input.privateDir, 'index.next');
  const base = {
    gitDir: input.gitDir,
    workTree: input.workspace,
    indexFile: next,
    objectDirectory: quarantine.objects,
    alternates: [quarantine.store],
    ...(input.signal === undefined ? {} : { signal: input.signal }),
  };
  return { base, next, quarantine };
}

async function clearAway({ quarantine, next }: Bench): Promise<void> {
  await discard(quarantine);
  for (const path of [next, `${next}.lock`]) await rm(path, { force: true });
}

/** A copy keeps the time of the index: by it git knows which files may have changed while it was written. */
async function startFrom(index: string, next: string): Promise<boolean> {
  for (const path of [next, `${next}.lock`]) await rm(path, { force: true });
  try {
    const { atime, mtime } = await stat(index);
    await copyFile(index, next);
    await utimes(next, atime, mtime);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return false;
  }
}

async function forget({ base }: Bench, paths: readonly RawPath[]): Promise<void> {
  if (paths.length === 0) return;
  const how = ['--cached', '-r', '-q', '-f', '--ignore-unmatch', '--pathspec-from-file=-', '--pathspec-file-nul'];
  await git({ ...base, args: ['--literal-pathspecs', 'rm', ...how], input: joinZ(paths) });
}

/** Git enters a nested repository only when its index has a file in there; one that does not exist will do. */
async function seed({ base }: Bench, folders: readonly RawPath[]): Promise<void> {
  const lines = folders.map((folder) => `100644 ${EMPTY_BLOB} 0\t${folder}/${SEED}\0`);
  await git({ ...base, args: ['update-index', '-z', '--index-info'], input: bytesOf(lines.join('')) });
}

/** Files that go away while they are read make git give up: what is left is read again. */
async function add(bench: Bench, input: FilesInput): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      return (await gitWithWarnings({ ...bench.base, ...addCommand(input) })).stderr;
    } catch (error) {
      input.signal?.throwIfAborted();
      if (!(error instanceof GitFailure)) throw error;
      if (tries < TRIES) continue;
      if (error.exitCode === 1) return error.stderr;
      throw error;
    }
  }
}

function addCommand(input: FilesInput): { args: string[]; input: Buffer } {
  const settings = [`core.excludesFile=${input.excludesFile}`, ...(input.many ? ['core.bigFileThreshold=1'] : [])];
  const paths = ['.', ...input.excluded.map((path) => `:(exclude,literal)${path}`)];
  const how = ['-A', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'];
  return { args: [...settings.flatMap((setting) => ['-c', setting]), 'add', ...how], input: joinZ(paths) };
}

const list = async ({ base }: Bench): Promise<Set<RawPath>> =>
  new Set(splitZ(await git({ ...base, args: ['ls-files', '-z'] })));

async function force({ base }: Bench, paths: readonly RawPath[]): Promise<void> {
  await git({ ...base, args: ['update-index', '--add', '--remove', '-z', '--stdin'], input: joinZ(paths) });
}

async function put({ base, quarantine }: Bench, files: readonly ScrubbedFile[]): Promise<void> {
  const lines: string[] = [];
  for (const { path, mode, content } of files)
    lines.push(`${mode} ${await writeLooseObject(quarantine.objects, 'blob', content)} 0\t${path}\0`);
  const args = ['update-index', '--add', '--replace', '-z', '--index-info'];
  await git({ ...base, args, input: bytesOf(lines.join('')) });
}

const writeTree = async ({ base }: Bench): Promise<string> =>
  (await git({ ...base, args: ['write-tree'] })).toString('latin1').trim();

async function finish({ next, quarantine }: Bench, input: FilesInput, tree: string): Promise<string> {
  await release(quarantine);
  await rename(next, indexFile(input.privateDir));
  return tree;
}
