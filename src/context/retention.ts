// Decides which moments of a store are let go, and lets them go. Never a head or the moment before it, for which a claim
// stands; never a milestone, the newest moment of a session, or what can't be read. Objects go later, in `prune.ts`.
import type { MomentAt } from './moment.js';
import { diskBytes, prune } from './prune.js';
import { listRefs, readMoments } from './store/read.js';
import { moveRefs } from './store/refs.js';
import type { Store } from './store/store.js';
import { orStoreError } from './store/store-error.js';

export type Removed = { ref: string; id: string; at: string };

export interface Retention {
  olderThanMs: number;
  nowMs: number;
  /** Only tells what would go. */
  dryRun: boolean;
}

/** Refs that go in one transaction, or in one push. */
const AT_ONCE = 200;

/** @throws StoreError */
export async function collectGarbage(
  store: Store,
  opts: Retention,
): Promise<{ removed: Removed[]; kept: number; freedBytes?: number }> {
  const refs = await listRefs(store, 'refs/taskrun/');
  const moments = await readMoments(store, [...new Set(refs.map(({ id }) => id))]);
  const doomed = selectExpired(refs, moments, opts);
  if (opts.dryRun) return { removed: doomed, kept: refs.length - doomed.length };
  return orStoreError(store, async () => {
    const before = await diskBytes(store);
    const removed = await remove(store, doomed);
    await prune(store, opts.nowMs);
    const freedBytes = Math.max(0, before - (await diskBytes(store)));
    return { removed, kept: refs.length - removed.length, freedBytes };
  });
}

type Ref = { ref: string; id: string };
type Held = Ref & { kind: string; moment: MomentAt['moment'] | undefined };

function selectExpired(refs: readonly Ref[], moments: readonly MomentAt[], opts: Retention): Removed[] {
  const read = new Map(moments.map(({ id, moment }) => [id, moment]));
  const tasks = new Map<string, Held[]>();
  for (const { ref, id } of refs) {
    const parts = ref.split('/');
    const task = parts.slice(0, 4).join('/');
    tasks.set(task, [...(tasks.get(task) ?? []), { ref, id, kind: parts[4] ?? '', moment: read.get(id) }]);
  }
  return [...tasks.values()].flatMap((held) => expiredOf(held, opts));
}

function expiredOf(held: readonly Held[], { olderThanMs, nowMs }: Retention): Removed[] {
  const safe = protectedIds(held);
  return held.flatMap(({ ref, id, kind, moment }) => {
    if ((kind !== 'moments' && kind !== 'side') || moment === undefined || safe.has(id)) return [];
    return nowMs - Date.parse(moment.at) > olderThanMs ? [{ ref, id, at: moment.at }] : [];
  });
}

function protectedIds(held: readonly Held[]): Set<string> {
  const safe = new Set<string>();
  for (const { id, kind, moment } of held) {
    if (kind === 'moments' || kind === 'side') continue;
    safe.add(id);
    if (kind === 'head' && moment?.previous !== undefined) safe.add(moment.previous);
  }
  for (const id of newestOfSessions(held)) safe.add(id);
  return safe;
}

/** What lies aside counts only for a session that the line has nothing of. */
function newestOfSessions(held: readonly Held[]): string[] {
  const newest = new Map<string, Held>();
  for (const one of held) {
    if (one.moment?.kind !== 'checkpoint') continue;
    const best = newest.get(one.moment.sessionId);
    if (best === undefined || isNewer(one, best)) newest.set(one.moment.sessionId, one);
  }
  return [...newest.values()].map(({ id }) => id);
}

function isNewer(a: Held, b: Held): boolean {
  if ((a.kind === 'side') !== (b.kind === 'side')) return b.kind === 'side';
  const [x, y] = [a.moment, b.moment];
  if (x === undefined || y === undefined) return y === undefined;
  return x.token === y.token ? x.at > y.at : x.token > y.token;
}

/** All of a portion or, when one of its refs has moved meanwhile, each on its own. */
async function remove(store: Store, doomed: readonly Removed[]): Promise<Removed[]> {
  const removed: Removed[] = [];
  for (let at = 0; at < doomed.length; at += AT_ONCE) {
    const portion = doomed.slice(at, at + AT_ONCE);
    if (await removeTogether(store, portion)) removed.push(...portion);
    else for (const one of portion) if (await removeTogether(store, [one])) removed.push(one);
  }
  return removed;
}

const removeTogether = (store: Store, portion: readonly Removed[]): Promise<boolean> =>
  moveRefs(
    store,
    portion.map(({ ref, id }) => ({ ref, to: null, from: id })),
  );
