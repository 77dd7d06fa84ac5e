// Finds the tree of workspace files that an id stands for: a moment's, or a tree that was given itself. Refuses what is
// none of ours by name. Knows nothing of what is compared.
import { git } from '../git.js';
import { momentId } from '../moment.js';
import { EMPTY_TREE, readMoment } from '../store/read.js';
import type { Store } from '../store/store.js';
import { shownText } from './shown.js';

/** An id that stands for no moment of this store; the message is a sentence for a person. */
export class UnknownMoment extends Error {
  override readonly name = 'UnknownMoment';
  constructor(
    readonly id: string,
    why: string,
  ) {
    super(`checkpoint: "${shownText(id, 60)}" ${why}. \`taskrun log <task>\` lists the checkpoints of a task.`);
  }
}

/** In the order asked for. @throws UnknownMoment */
export async function workspaceTrees(store: Store, ids: readonly string[]): Promise<string[]> {
  for (const id of ids) refuseOddId(id);
  const found = await lookUp(store, ids);
  const missing = ids.filter((_, at) => found[at] === undefined);
  if (missing.length === 0) return found.filter((tree) => tree !== undefined);
  for (const id of missing) await fetchMoment(store, id);
  return (await lookUp(store, ids)).map((tree, at) => tree ?? unknownMoment(ids[at] ?? '', 'is not in the store'));
}

/** Ids become arguments of git: nothing but 40 digits may get there. */
function refuseOddId(id: string): void {
  if (!momentId.safeParse(id).success) unknownMoment(id, 'is no checkpoint: one has 40 hexadecimal digits');
}

/** Reading one that is not here fetches it, where the store is remote. */
async function fetchMoment(store: Store, id: string): Promise<void> {
  if ((await readMoment(store, id)) === undefined) unknownMoment(id, 'is not in the store');
}

/** undefined: there is no such object here. */
async function lookUp(store: Store, ids: readonly string[]): Promise<(string | undefined)[]> {
  const asked = ids.flatMap((id) => [id, `${id}:checkpoint.json`, `${id}:workspace`]);
  const input = asked.map((name) => `${name}\n`).join('');
  const answers = (await git({ gitDir: store.gitDir, args: ['cat-file', '--batch-check'], input }))
    .toString('utf8')
    .split('\n')
    .map(parseAnswer);
  return ids.map((id, at) => treeFrom(id, answers.slice(at * 3, at * 3 + 3)));
}

type Found = { oid: string; type: string } | undefined;

function parseAnswer(line: string): Found {
  const [oid = '', type = ''] = line.split(' ');
  return type === 'missing' || oid.includes(':') ? undefined : { oid, type };
}

function treeFrom(id: string, [itself, description, workspace]: Found[]): string | undefined {
  if (itself === undefined) return undefined;
  if (itself.type === 'tree') return itself.oid;
  if (itself.type !== 'commit' || description === undefined) return unknownMoment(id, 'is no checkpoint of taskrun');
  return workspace?.type === 'tree' ? workspace.oid : EMPTY_TREE;
}

/** @throws UnknownMoment */
export function unknownMoment(id: string, why: string): never {
  throw new UnknownMoment(id, why);
}
