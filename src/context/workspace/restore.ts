// Makes a workspace's kept files equal to a moment's, the git repositories in it included. Runs nothing of the
// workspace, writes nothing outside of it, destroys nothing that no checkpoint holds, and trusts no path that the store
// names. Broken off in the middle, it is mended by running it again.
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { git } from '../git.js';
import type { Moment } from '../moment.js';
import { EMPTY_TREE } from '../store/read.js';
import { type Cleared, clearTheWay, giveBack } from './in-the-way.js';
import { forgetRules, holdsWhole, type Memory, readMemory } from './memory.js';
import type { Plan } from './plan.js';
import { makePlan } from './plan.js';
import { indexFile, readyPrivateDir } from './private-dir.js';
import { joined, kept, onDisk, rawKept, shown } from './raw-path.js';
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
  const tree = await filesOf(input);
  const folders = input.moment.workspace.emptyFolders.map(rawKept);
  const cleared = before === undefined ? NOTHING : await clearTheWay({ ...input, tree, folders, mark: input.id });
  await writeFiles({ ...input, tree });
  await giveBack(input.workspace, cleared.lent);
  const memory = await readMemory(input.privateDir);
  const stay = before === undefined ? [] : await removeOthers(input, before, memory);
  const lacks = await restoreRepositories({ ...input, isHeld: (folder) => holdsWhole(memory, folder) });
  await restoreCommitted(input);
  await restoreNotes(input, input.moment.workspace, before === undefined ? undefined : await planOf(input));
  return { lacks: [...cleared.says, ...stay, ...lacks] };
}

const NOTHING: Cleared = { says: [], lent: [] };

/** A moment without a single file has no entry for them. */
async function filesOf({ gitDir, id }: RestoreInput): Promise<string> {
  const entry = (await git({ gitDir, args: ['ls-tree', id, 'workspace'] })).toString('latin1');
  return /^040000 tree ([0-9a-f]+)\t/.exec(entry)?.[1] ?? EMPTY_TREE;
}

/** The files alone. `tree`: its id. What no checkpoint holds is moved aside, and named. */
export async function restoreFiles(input: Place & { tree: string }): Promise<{ lacks: string[] }> {
  const { says, lent } = await clearTheWay({ ...input, folders: [], mark: input.tree });
  await writeFiles(input);
  await giveBack(input.workspace, lent);
  return { lacks: says };
}

async function writeFiles(input: Place & { tree: string }): Promise<void> {
  await readyPrivateDir(input.privateDir);
  await forgetRules(input.privateDir);
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

async function removeOthers(input: RestoreInput, plan: Plan, memory: Memory | undefined): Promise<string[]> {
  const wanted = new Set(input.moment.repositories.map(({ path }) => path));
  const lacks: string[] = [];
  for (const folder of [...plan.repositories, ...plan.links.map((link) => link.folder)]) {
    const place = onDisk(input.workspace, joined(folder, '.git'));
    if (wanted.has(kept(folder)) || (await lstat(place).catch(() => undefined)) === undefined) continue;
    if (holdsWhole(memory, folder)) await rm(place, { recursive: true, force: true });
    else
      lacks.push(
        `the repository at ${shown(folder)} stays: it is not in the checkpoint, and no other one holds it whole`,
      );
  }
  return lacks;
}
