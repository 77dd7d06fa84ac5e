// The mark by which a repository says that it is a store, and of which format. Knows nothing of what is in it.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { git, gitLine } from '../git.js';
import type { Store } from './place.js';
import { moveHere, moveRefs } from './refs.js';
import { askRefs, FORMAT_REFS } from './remote.js';
import { problem } from './store-error.js';

const FORMAT = 'refs/taskrun-store/';
export const FORMAT_REF = `${FORMAT}v1`;
const IDENTITY = [
  ...['-c', 'user.name=taskrun', '-c', 'user.email=taskrun@localhost'],
  ...['-c', 'author.name=taskrun', '-c', 'committer.name=taskrun'],
];

/** Marks a repository that has no mark yet. @throws StoreError for one of another format */
export async function checkFormat(store: Store): Promise<void> {
  const here = await marksHere(store);
  refuseOthers(store, here);
  if (here.includes(FORMAT_REF)) return;
  const there = store.url === undefined ? [] : [...(await askRefs(store, [FORMAT_REFS])).keys()];
  refuseOthers(store, there);
  await refuseForeign(store, there);
  const mark = await makeMark(store);
  if (there.includes(FORMAT_REF)) await moveHere(store, [{ ref: FORMAT_REF, to: mark }]);
  else await moveRefs(store, [{ ref: FORMAT_REF, to: mark, from: null }]);
}

function refuseOthers(store: Store, marks: readonly string[]): void {
  const other = marks.find((mark) => mark !== FORMAT_REF);
  if (other === undefined || marks.includes(FORMAT_REF)) return;
  throw problem('otherVersion', store, `it is marked ${other.slice(FORMAT.length)}, this one knows v1`);
}

/** A repository of somebody's code would become a store by its mark alone: only an empty one does. */
async function refuseForeign(store: Store, marksThere: readonly string[]): Promise<void> {
  if (marksThere.length > 0) return;
  const args = ['for-each-ref', '--count=1', '--format=%(refname)'];
  const here = await gitLine({ gitDir: store.gitDir, args });
  const found = here !== '' || store.url === undefined ? here : [...(await askRefs(store, ['*'])).keys()][0];
  if (found !== undefined && found !== '') throw problem('foreign', store, `it has ${found}`);
}

/** Loose refs first: opening a store costs no process then. */
async function marksHere(store: Store): Promise<string[]> {
  const loose = await readdir(join(store.gitDir, FORMAT)).catch((): string[] => []);
  if (loose.includes('v1')) return [FORMAT_REF];
  const args = ['for-each-ref', '--format=%(refname)', FORMAT.slice(0, -1)];
  return (await git({ gitDir: store.gitDir, args })).toString('utf8').split('\n').filter(Boolean);
}

async function makeMark({ gitDir }: Store): Promise<string> {
  const tree = await gitLine({ gitDir, args: ['mktree'], input: '' });
  const args = [...IDENTITY, 'commit-tree', tree, '-m', 'taskrun store, format 1'];
  return gitLine({ gitDir, args });
}
