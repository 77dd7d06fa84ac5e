// Makes a workspace's kept files equal to a moment's, the git repositories in it included. Runs nothing of the
// workspace, writes nothing outside of it, and trusts no path that the store names. Broken off in the middle, it is
// mended by running it again.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { git } from '../git.js';
import type { Moment } from '../moment.js';
import { EMPTY_TREE } from '../store/read.js';
import { readMemory } from './memory.js';
import type { Plan } from './plan.js';
import { makePlan } from './plan.js';
import { indexFile, readyPrivateDir } from './private-dir.js';
import type { RawPath } from './raw-path.js';
import { joined, kept, onDisk, shown } from './raw-path.js';
import { restoreCommitted } from './restore-committed.js';
import { openFolders, restoreNotes } from './restore-notes.js';
import { restoreRepositories } from './restore-repositories.js';
import { scanWorkspace } from './scan.js';

type Place = { gitDir: string; workspace: string; privateDir: string };
export type RestoreInput = Place & { id: string; moment: Moment };

/**
 * Ignored files stay; where the workspace is not empty the private index must tell what is in it (take first). A
 * repository that the moment lacks goes only when the last take has kept it whole.
 * @throws GitFailure when the store can't be read or the files not be written
 */
export async function restoreWorkspace(input: RestoreInput): Promise<{ lacks: string[] }> {
  await mkdir(input.workspace, { recursive: true });
  const before = await planOf(input);
  if (before !== undefined) await openFolders(input.workspace, before);
  else await rm(indexFile(input.privateDir), { force: true });
  await restoreFiles({ ...input, tree: await filesOf(input) });
  const stay = before === undefined ? [] : await removeOthers(input, before);
  const lacks = await restoreRepositories(input);
  await restoreCommitted(input);
  await restoreNotes(input, input.moment.workspace, before === undefined ? undefined : await planOf(input));
  return { lacks: [...stay, ...lacks] };
}

/** A moment without a single file has no entry for them. */
async function filesOf({ gitDir, id }: RestoreInput): Promise<string> {
  const entry = (await git({ gitDir, args: ['ls-tree', id, 'workspace'] })).toString('latin1');
  return /^040000 tree ([0-9a-f]+)\t/.exec(entry)?.[1] ?? EMPTY_TREE;
}

/** The files alone. `tree`: any name that git knows it by. */
export async function restoreFiles(input: Place & { tree: string }): Promise<void> {
  await readyPrivateDir(input.privateDir);
  await git({
    gitDir: input.gitDir,
    workTree: input.workspace,
    indexFile: indexFile(input.privateDir),
    args: ['-c', 'checkout.workers=2', 'read-tree', '--reset', '-u', input.tree],
  });
}

/** Undefined: nothing is there. */
async function planOf(input: Place): Promise<Plan | undefined> {
  if ((await readdir(input.workspace)).length === 0) return undefined;
  await readyPrivateDir(input.privateDir);
  const scan = await scanWorkspace({ ...input, fileBytes: Number.MAX_SAFE_INTEGER - 1, umask: process.umask() });
  return makePlan(input, scan);
}

async function removeOthers(input: RestoreInput, plan: Plan): Promise<string[]> {
  const wanted = new Set(input.moment.repositories.map(({ path }) => path));
  const memory = await readMemory(input.privateDir);
  const isWhole = (folder: RawPath): boolean =>
    memory?.repositories.some(({ notes, lacks }) => notes.path === kept(folder) && lacks.length === 0) === true;
  const lacks: string[] = [];
  for (const folder of [...plan.repositories, ...plan.links.map((link) => link.folder)]) {
    if (wanted.has(kept(folder))) continue;
    if (isWhole(folder)) await rm(onDisk(input.workspace, joined(folder, '.git')), { recursive: true, force: true });
    else
      lacks.push(
        `the repository at ${shown(folder)} stays: it is not in the checkpoint, and no other one holds it whole`,
      );
  }
  return lacks;
}
