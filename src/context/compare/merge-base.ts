// Finds the moment that the files of two moments both derive from, along `filesFrom`: the files' own history, which
// resumes, rewinds and merges make differ from the order of attempts. Moments that retention dropped end a line.
import type { Moment, MomentAt } from '../moment.js';
import { listRefs, readMoments } from '../store/read.js';
import type { Store } from '../store/store.js';
import { idRoot } from '../store/task-ref.js';

/** A line longer than this is not followed to its end. */
const MOST_MOMENTS = 20_000;

/** The id of the nearest common ancestor; either moment may be it itself. */
export async function mergeBase(store: Store, a: MomentAt, b: MomentAt): Promise<string | undefined> {
  const known = await momentsOf(store, a, b);
  const fromA = await ancestors(store, a, known);
  const fromB = await ancestors(store, b, known);
  const common = [...fromA.keys()].filter((id) => fromB.has(id));
  const passed = behind(common, known);
  const steps = (id: string): number => (fromA.get(id) ?? 0) + (fromB.get(id) ?? 0);
  return common.filter((id) => !passed.has(id)).sort((x, y) => steps(x) - steps(y) || x.localeCompare(y))[0];
}

type Known = Map<string, Moment>;

/** All that the two tasks' refs name, in one read; what lies between is read when it is met. */
async function momentsOf(store: Store, a: MomentAt, b: MomentAt): Promise<Known> {
  const roots = new Set([a, b].map(({ moment }) => idRoot(moment.task)));
  const refs = await Promise.all([...roots].map((root) => listRefs(store, root, { local: true })));
  const known: Known = new Map([a, b].map(({ id, moment }) => [id, moment]));
  await learn(store, new Set(refs.flat().map(({ id }) => id)), known);
  return known;
}

async function learn(store: Store, ids: Iterable<string>, known: Known): Promise<void> {
  const unread = [...ids].filter((id) => !known.has(id));
  if (unread.length === 0) return;
  for (const { id, moment } of await readMoments(store, unread)) known.set(id, moment);
}

/** Every moment that the files of `start` derive from, itself included, with how many steps away it is. */
async function ancestors(store: Store, start: MomentAt, known: Known): Promise<Map<string, number>> {
  const found = new Map<string, number>([[start.id, 0]]);
  let level = [start.id];
  for (let steps = 1; level.length > 0 && found.size < MOST_MOMENTS; steps++) {
    const next = new Set(level.flatMap((id) => known.get(id)?.filesFrom ?? []).filter((id) => !found.has(id)));
    await learn(store, next, known);
    level = [...next].filter((id) => known.has(id));
    for (const id of level) found.set(id, steps);
  }
  return found;
}

/** Everything that any of these derives from. */
function behind(ids: readonly string[], known: Known): Set<string> {
  const parents = (id: string): string[] => known.get(id)?.filesFrom ?? [];
  const found = new Set<string>();
  const open = ids.flatMap(parents);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...parents(next));
  }
  return found;
}
