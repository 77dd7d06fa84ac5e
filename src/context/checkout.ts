// Hands a moment's files to a person: into a directory, or as a branch of their own repository. Never overwrites what is
// there. Knows nothing of tasks that run.
import { lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode, errorMessage } from '../host/system-error.js';
import { branchCommit } from './branch-commit.js';
import { CheckoutRefused } from './checkout-refused.js';
import { shownPath, shownText } from './compare/shown.js';
import { unknownMoment } from './compare/trees.js';
import type { Moment } from './moment.js';
import { readMoment } from './store/read.js';
import type { Store } from './store/store.js';
import { bringCommit, createBranch, refuseBranch, repositoryAt } from './user-repository.js';
import { restoreWorkspace } from './workspace/restore.js';

export { CheckoutRefused } from './checkout-refused.js';

/**
 * The moment's files, the repositories among them included. `dir` must be missing or empty, and is so again when
 * anything fails.
 * @throws UnknownMoment, CheckoutRefused, StoreError
 */
export async function checkoutInto(store: Store, id: string, dir: string): Promise<{ lacks: string[] }> {
  const moment = await known(store, id);
  const wasThere = await refuseUnlessFree(dir);
  const privateDir = await mkdtemp(join(tmpdir(), 'taskrun-checkout-'));
  try {
    await mkdir(dir, { recursive: true });
    const { lacks } = await restoreWorkspace({ gitDir: store.gitDir, workspace: dir, privateDir, id, moment });
    return { lacks: [...new Set([...moment.lacks, ...lacks])] };
  } catch (error) {
    await clear(dir, wasThere);
    throw error;
  } finally {
    await rm(privateDir, { recursive: true, force: true });
  }
}

/**
 * A new branch of the user's repository with the moment's files: the commit that the moment's own repository stood at,
 * and one more with what differs from it.
 * @throws UnknownMoment, CheckoutRefused, StoreError
 */
export async function checkoutBranch(
  store: Store,
  id: string,
  repositoryDir: string,
  branch: string,
): Promise<{ commit: string; lacks: string[] }> {
  const moment = await known(store, id);
  const gitDir = await repositoryAt(repositoryDir);
  await refuseBranch(gitDir, branch);
  const objects = await mkdtemp(join(tmpdir(), 'taskrun-checkout-'));
  try {
    const commit = await branchCommit(store, { id, moment, objects, name: shownText(moment.task.taskId, 80) });
    await bringCommit({ gitDir, from: [join(store.gitDir, 'objects'), objects], commit });
    await createBranch(gitDir, branch, commit);
    return { commit, lacks: moment.lacks };
  } finally {
    await rm(objects, { recursive: true, force: true });
  }
}

async function known(store: Store, id: string): Promise<Moment> {
  return (await readMoment(store, id)) ?? unknownMoment(id, 'is no checkpoint in this store');
}

/** True: the directory is there, and empty. */
async function refuseUnlessFree(dir: string): Promise<boolean> {
  const shown = shownPath(dir);
  try {
    if (!(await lstat(dir)).isDirectory()) throw new CheckoutRefused(`${shown} is no directory. ${ELSEWHERE}`);
    if ((await readdir(dir)).length === 0) return true;
  } catch (error) {
    if (error instanceof CheckoutRefused) throw error;
    if (errorCode(error) === 'ENOENT') return false;
    throw new CheckoutRefused(`${shown} can't be used: ${errorMessage(error)}`);
  }
  throw new CheckoutRefused(`${shown} is not empty. ${ELSEWHERE}`);
}

const ELSEWHERE = 'Name a directory that is missing or empty: nothing is ever overwritten.';

/** As it was before, as far as the permissions that were just restored let it. */
async function clear(dir: string, wasThere: boolean): Promise<void> {
  const inside = wasThere ? (await readdir(dir)).map((name) => join(dir, name)) : [dir];
  for (const path of inside) await rm(path, { recursive: true, force: true }).catch(() => undefined);
}
