// Moves refs under a condition, all or none: in the store itself, or at its remote and then in the mirror.
// Knows refs and ids, not what they mean.
import { GitFailure, git } from '../git.js';
import { despiteLocks } from './locks.js';
import type { Store } from './place.js';
import { push, type RefChange } from './remote.js';

const NOBODY = '0'.repeat(40);
const OUTRUN = /is at [0-9a-f]+ but expected|reference already exists|unable to resolve reference|reference is missing/;

/** True: done. False: a ref is not what it was expected to be, and nothing has changed. @throws GitFailure */
export async function moveRefs(store: Store, changes: readonly RefChange[]): Promise<boolean> {
  if (store.url === undefined) return moveHere(store, changes);
  if (!(await push(store, changes))) return false;
  await moveHere(
    store,
    changes.map(({ ref, to }) => ({ ref, to })),
  );
  return true;
}

/** In this repository only. */
export async function moveHere(store: Store, changes: readonly RefChange[]): Promise<boolean> {
  const input = changes.map(lineOf).join('');
  try {
    await despiteLocks(() => git({ gitDir: store.gitDir, args: ['update-ref', '--stdin', '-z'], input }));
    return true;
  } catch (error) {
    if (error instanceof GitFailure && OUTRUN.test(error.stderr)) return false;
    throw error;
  }
}

function lineOf({ ref, to, from }: RefChange): string {
  if (to === null) return `delete ${ref}\0${from ?? ''}\0`;
  return `update ${ref}\0${to}\0${from === null ? NOBODY : (from ?? '')}\0`;
}
