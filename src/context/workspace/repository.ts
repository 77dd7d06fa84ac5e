// Takes one git repository of a workspace: the state in its `.git` as a tree, its objects under an anchor. Nothing of it
// is run and its configuration is not read; what is unchanged since the last time costs no process.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GitRun } from '../git.js';
import { GitFailure, git } from '../git.js';
import type { RepositoryNotes } from '../moment.js';
import { anchorObjects } from './anchor.js';
import type { GitFolder } from './git-folder.js';
import { readGitFolder, readStateFile } from './git-folder.js';
import { objectFolders } from './git-objects.js';
import type { TreeEntry } from './loose-object.js';
import { writeLooseObject, writeTree } from './loose-object.js';
import type { RememberedRepository } from './memory.js';
import { headCommit, namedIn, readEntries, readStaged, refIds } from './named-objects.js';
import type { RawPath } from './raw-path.js';
import { joinZ, kept, shown } from './raw-path.js';
import { scrubbed } from './scrub.js';
import { isSecretPath } from './secrets.js';

export type RepositoryInput = {
  gitDir: string;
  workspace: string;
  privateDir: string;
  folder: RawPath;
  fileBytes: number;
  /** As it was taken the last time. */
  remembered: RememberedRepository | undefined;
  /** Anchors that a kept moment has: the store holds all of theirs. */
  held: readonly { notes: RepositoryNotes; stateTree: string }[];
  signal?: AbortSignal;
};
/** `tracked`: the files in its index; undefined when nothing changed since. */
export type TakenState = RememberedRepository & { tracked: RawPath[] | undefined };

export async function takeRepository(input: RepositoryInput): Promise<TakenState> {
  const found = await readGitFolder(input.workspace, input.folder);
  if (input.remembered?.fingerprint === found.fingerprint) return { ...input.remembered, tracked: undefined };
  const lacks: string[] = [];
  const files = await readFiles(input, found, lacks);
  const index = await readIndex(input, found, files, lacks);
  const stateTree = await writeState(input, found, files);
  const notes: RepositoryNotes = { path: kept(input.folder), emptyFolders: found.emptyFolders.sort() };
  const same = input.held.find((one) => one.notes.path === notes.path && one.stateTree === stateTree);
  const anchor = same ? same.notes.anchor : await anchorOf(input, found, { files, staged: index.staged }, lacks);
  return {
    notes: { ...notes, ...(anchor === undefined ? {} : { anchor }) },
    stateTree,
    // Taken in the very moment it changed, the next change might not show.
    fingerprint: found.settled ? found.fingerprint : '',
    lacks,
    tracked: index.tracked,
  };
}

const OTHER_FORMAT = /^\s*(?:objectformat\s*=\s*(?!sha1\b)|refstorage\s*=\s*(?!files\b))/im;

const named = (input: RepositoryInput): string => `the repository at ${shown(input.folder)}`;

type Files = Map<RawPath, Buffer>;

async function readFiles(input: RepositoryInput, found: GitFolder, lacks: string[]): Promise<Files> {
  const files: Files = new Map();
  for (const { path, bytes } of found.files) {
    if (bytes > input.fileBytes) lacks.push(`${named(input)}: .git/${shown(path)} is too large (${bytes} bytes)`);
    else {
      const content = await readStateFile(input.workspace, input.folder, path).catch(() => undefined);
      if (content === undefined) lacks.push(`${named(input)}: .git/${shown(path)} can't be read`);
      else files.set(path, scrubbed(path, content));
    }
  }
  if (OTHER_FORMAT.test(files.get('config')?.toString('latin1') ?? ''))
    lacks.push(`${named(input)}: its object or ref format is not the usual one; its objects are not kept`);
  for (const path of found.secrets.sort())
    lacks.push(`${named(input)}: .git/${shown(path)} is withheld: it is called like a secret`);
  for (const path of found.odd) lacks.push(`${named(input)}: .git/${shown(path)} is no ordinary file`);
  return files;
}

type Index = { staged: Set<string>; tracked: RawPath[] };

/** Each index of it: submodules and further work trees have their own. */
async function readIndex(input: RepositoryInput, found: GitFolder, files: Files, lacks: string[]): Promise<Index> {
  const all: Index = { staged: new Set(), tracked: [] };
  const { folders } = await objectFolders(input.workspace, found);
  if ([...files.keys()].some((path) => /(?:^|\/)sharedindex\.[0-9a-f]+$/.test(path))) {
    lacks.push(`${named(input)}: has a split index; what is staged but not committed is not kept`);
    return all;
  }
  for (const path of files.keys()) {
    if (!/^(?:(?:modules|worktrees)\/.*\/)?index$/.test(path)) continue;
    try {
      const one = await readOneIndex(input, folders, files, path);
      for (const id of one.staged) all.staged.add(id);
      if (path === 'index') all.tracked = one.tracked;
    } catch (error) {
      if (!(error instanceof GitFailure)) throw error;
      input.signal?.throwIfAborted();
      lacks.push(`${named(input)}: its index can't be read (${error.message})`);
    }
  }
  return all;
}

async function readOneIndex(input: RepositoryInput, folders: string[], files: Files, path: RawPath): Promise<Index> {
  const copy = join(input.privateDir, `inner-index-${Buffer.from(input.folder, 'latin1').toString('hex').slice(-64)}`);
  await writeFile(copy, files.get(path) ?? '');
  const run = {
    gitDir: input.gitDir,
    indexFile: copy,
    alternates: folders,
    ...(input.signal ? { signal: input.signal } : {}),
  };
  const head = headCommit(files, path.slice(0, -'index'.length));
  const [entries, staged] = await Promise.all([
    git({ ...run, args: ['ls-files', '-s', '-z'] }).then(readEntries),
    head === undefined
      ? undefined
      : git({ ...run, args: ['diff-index', '--cached', '--raw', '--no-renames', '--no-abbrev', '-z', head] }).then(
          readStaged,
        ),
  ]);
  const ownFiles = entries.filter(({ mode }) => mode !== '160000');
  const beyond = [...(staged ?? ownFiles), ...ownFiles.filter(({ stage }) => stage > 0)];
  const secrets = beyond.filter((entry) => isSecretPath(entry.path));
  if (secrets.length > 0) files.set(path, await withoutEntries(run, copy, secrets));
  return {
    staged: new Set(beyond.filter((entry) => !isSecretPath(entry.path)).map(({ id }) => id)),
    tracked: [...new Set(ownFiles.map((entry) => entry.path))],
  };
}

/** A secret that was staged but never committed stays behind like the file itself. */
async function withoutEntries(
  run: Omit<GitRun, 'args'>,
  copy: string,
  entries: readonly { path: RawPath }[],
): Promise<Buffer> {
  const args = ['update-index', '--force-remove', '-z', '--stdin'];
  await git({ ...run, workTree: dirname(copy), args, input: joinZ(entries.map(({ path }) => path)) });
  return readFile(copy);
}

async function writeState(input: RepositoryInput, found: GitFolder, files: Files): Promise<string> {
  const objects = join(input.gitDir, 'objects');
  const modes = new Map(found.files.map(({ path, mode }) => [path, mode]));
  const entries = new Map<string, TreeEntry>();
  for (const [path, content] of files) {
    const id = await writeLooseObject(objects, 'blob', content);
    entries.set(path, { mode: modes.get(path) ?? '100644', name: '', id });
  }
  return writeTree(objects, entries);
}

async function anchorOf(
  input: RepositoryInput,
  found: GitFolder,
  state: { files: Files; staged: ReadonlySet<string> },
  lacks: string[],
): Promise<string | undefined> {
  const { folders, foreign } = await objectFolders(input.workspace, found);
  if (foreign) lacks.push(`${named(input)}: objects that it borrows from outside of the workspace are not kept`);
  const held = input.held.flatMap(({ notes }) => notes.anchor ?? []);
  try {
    const shallow = state.files.get('shallow');
    const done = await anchorObjects({
      ...input,
      folders,
      held,
      shallow,
      named: namedIn(state.files),
      staged: state.staged,
    });
    for (const [id, ref] of refIds(state.files))
      if (done.missing.has(id)) lacks.push(`${named(input)}: ${shown(ref)} names ${id}, which is not there`);
    return done.anchor;
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    input.signal?.throwIfAborted();
    lacks.push(`${named(input)}: its objects are not whole and are not kept (${error.message})`);
    return undefined;
  }
}
