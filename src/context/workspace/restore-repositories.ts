// Puts the repositories of a moment back into a workspace whose files are there already.
import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { GitFailure, git } from '../git.js';
import type { Moment, RepositoryNotes } from '../moment.js';
import { readGitFile } from './git-folder.js';
import { readFrom } from './git-objects.js';
import { GIT_FILE, isKeptGit } from './linked-git.js';
import type { RawPath } from './raw-path.js';
import { bytesOf, joined, onDisk, rawKept, rawOf, shown } from './raw-path.js';
import { isRealFolder, makeRealFolder } from './real-folder.js';
import { restoreObjects } from './restore-objects.js';
import type { State } from './restore-state.js';
import { restoreState } from './restore-state.js';
import { sayMoved, setAside } from './set-aside.js';

export type RepositoriesInput = {
  gitDir: string;
  workspace: string;
  id: string;
  moment: Moment;
  /** All there is to the repository in that folder now is in some checkpoint. */
  isHeld: (folder: RawPath) => boolean;
};

/** @returns what could not be put back, a sentence each */
export async function restoreRepositories(input: RepositoriesInput): Promise<string[]> {
  if (input.moment.repositories.length === 0) return [];
  const states = await readStates(input);
  const lacks: string[] = [];
  const links: { folder: RawPath; target: string }[] = [];
  for (const [n, notes] of input.moment.repositories.entries()) {
    const files = states.get(String(n)) ?? new Map();
    const link = files.get(GIT_FILE);
    const folder = rawKept(notes.path);
    if (link !== undefined) links.push({ folder, target: /^gitdir: (.*)\n$/.exec(rawOf(link.content))?.[1] ?? '' });
    else lacks.push(...(await restoreOne(input, notes, { files, emptyFolders: notes.emptyFolders })));
  }
  for (const link of links) lacks.push(...(await restoreLink(input, link)));
  return lacks;
}

type Files = Map<RawPath, { content: Buffer; executable: boolean }>;

async function readStates(input: RepositoriesInput): Promise<Map<string, Files>> {
  const listing = await git({ gitDir: input.gitDir, args: ['ls-tree', '-r', '-z', `${input.id}:git`] });
  const entries = listing.toString('latin1').split('\0').slice(0, -1);
  const parsed = entries.flatMap((line) => {
    const found = /^(100644|100755) blob ([0-9a-f]{40})\t(\d+)\/(.+)$/s.exec(line);
    return found === null
      ? []
      : [{ executable: found[1] === '100755', id: found[2] ?? '', n: found[3] ?? '', path: found[4] ?? '' }];
  });
  const contents = await readFrom(
    { gitDir: input.gitDir },
    { contents: [...new Set(parsed.map(({ id }) => id))], info: [] },
  );
  const states = new Map<string, Files>();
  for (const { n, path, id, executable } of parsed) {
    const files: Files = states.get(n) ?? new Map();
    states.set(n, files.set(path, { content: contents.get(id)?.content ?? Buffer.alloc(0), executable }));
  }
  return states;
}

async function restoreOne(input: RepositoriesInput, notes: RepositoryNotes, state: State): Promise<string[]> {
  const folder = rawKept(notes.path);
  const dotGit = joined(folder, '.git');
  const refused = [`the repository at ${shown(folder)} is not restored: a link stands in its way`];
  const moved = await clearDotGit(input, folder, true);
  if (!(await makeRealFolder(input.workspace, dotGit))) return refused;
  try {
    for (const holder of holdersOf(state)) {
      const objects = joined(dotGit, joined(holder, 'objects'));
      await makeRealFolder(input.workspace, objects, dotGit.length);
      await makeRealFolder(input.workspace, `${objects}/pack`, dotGit.length);
      if (notes.anchor !== undefined)
        await restoreObjects(input.gitDir, notes.anchor, onDisk(input.workspace, objects).toString('utf8'));
    }
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    return [...moved, `the repository at ${shown(folder)} is not restored: ${error.message}`];
  }
  const place = { ...input, folder, mark: input.id, isHeld: input.isHeld(folder) };
  return [...moved, ...((await restoreState(place, state)) ?? refused)];
}

/** A folder and a file of that name stand in each other's way, and so does another file. @returns what was moved, a sentence each */
async function clearDotGit(input: RepositoriesInput, folder: RawPath, wantsFolder: boolean): Promise<string[]> {
  const path = joined(folder, '.git');
  const stats = await lstat(onDisk(input.workspace, path)).catch(() => undefined);
  if (stats === undefined || (wantsFolder && stats.isDirectory())) return [];
  if (!(await isRealFolder(input.workspace, folder))) return [];
  if (input.isHeld(folder)) {
    await rm(onDisk(input.workspace, path), { recursive: true, force: true });
    return [];
  }
  const aside = await setAside(input.workspace, path, input.id);
  return aside === undefined ? [] : sayMoved([{ path, aside }]);
}

/** A submodule has objects of its own; the anchor holds all together. */
function holdersOf(state: State): RawPath[] {
  const modules = [...state.files.keys()].filter((path) => /^modules\/(?!.*\/(?:refs|logs)\/).*\/HEAD$/.test(path));
  return ['.', ...modules.map((path) => path.slice(0, -'/HEAD'.length))];
}

async function restoreLink(input: RepositoriesInput, link: { folder: RawPath; target: string }): Promise<string[]> {
  const { workspace } = input;
  const inside = posix.join(link.folder, link.target);
  const path = joined(link.folder, '.git');
  const isSafe =
    isKeptGit(inside) && (await isRealFolder(workspace, link.folder)) && (await isRealFolder(workspace, inside));
  if (!isSafe) return [`the repository at ${shown(link.folder)} is not restored: what its .git points to is not there`];
  const text = bytesOf(`gitdir: ${link.target}\n`);
  const place = onDisk(workspace, path);
  const isThere = (await readGitFile(workspace, link.folder).catch(() => undefined)) === link.target;
  const moved = isThere ? [] : await clearDotGit(input, link.folder, false);
  if (!isThere) await writeFile(place, text, { flag: 'wx' });
  const back = join(onDisk(workspace, inside).toString('utf8'), 'gitdir');
  // A further work tree is known to its repository by an absolute path.
  if (inside.includes('/worktrees/') && (await readFile(back).catch(() => undefined)) !== undefined)
    await writeFile(back, Buffer.concat([place, Buffer.from('\n')]));
  return moved;
}
