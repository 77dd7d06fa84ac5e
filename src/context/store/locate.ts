// Where a task stands in the store: what its head points to, and whether that belongs to the line the workflow knows.
// Changes nothing, but that a mirror hands over first what its remote could not take before.
import { gitWithWarnings } from '../git.js';
import type { MomentAt } from '../moment.js';
import { catchUp } from './catch-up.js';
import type { Store } from './place.js';
import { readNamed, readWhole, type WholeMoment } from './read.js';
import { FORMAT_REFS, fetchRefs } from './remote.js';
import { orStoreError, problem } from './store-error.js';
import { type TaskKey, taskRefs } from './task-ref.js';

export interface Lineage {
  /** The newest checkpoint that the workflow knows. */
  head?: string;
  /** The ids of the attempts launched after it, oldest first. */
  since: readonly string[];
}

export interface Located {
  /** What the head points to. */
  tip?: MomentAt;
  /** The moment to go on from: the newest of the line. */
  base?: MomentAt;
  /** The tip, or the checkpoint a claim stands for, when it is not of the line. */
  stray?: MomentAt;
}

export async function locate(store: Store, task: TaskKey, lineage: Lineage): Promise<Located> {
  return orStoreError(store, async () => {
    const tip = await readHead(store, task);
    const known = lineage.head === undefined ? undefined : await readWhole(store, lineage.head);
    if (tip === undefined) return known === undefined ? {} : { base: known };
    const checkpoint = await checkpointOf(store, tip, known);
    if (checkpoint === undefined) return known === undefined ? { tip } : { tip, base: known };
    if (isOfLine(tip, checkpoint, lineage, known)) return { tip, base: checkpoint };
    return known === undefined ? { tip, stray: checkpoint } : { tip, base: known, stray: checkpoint };
  });
}

/** What the task's head points to now, at the remote where there is one. */
export async function readHead(store: Store, task: TaskKey): Promise<WholeMoment | undefined> {
  const { head } = taskRefs(task);
  if (store.url !== undefined) {
    await fetchRefs(store, [`${head}*`, FORMAT_REFS]);
    await catchUp(store, task);
  }
  for (;;) {
    // Asked for twice: a head that moves while its parts are read would give a moment made of two.
    const [tip, again] = await readNamed(store, [head, head]);
    if (tip?.id !== again?.id) continue;
    if (tip === undefined) await proveMissing(store, head);
    return tip;
  }
}

/** A ref whose commit is lost, or is not one of ours, must not pass for a task that has not begun. */
async function proveMissing(store: Store, head: string): Promise<void> {
  const args = ['for-each-ref', '--format=%(objectname)', head];
  const { stdout, stderr } = await gitWithWarnings({ gitDir: store.gitDir, args });
  const seen = stdout.toString('utf8').trim();
  if (seen !== '') throw problem('damaged', store, `${head} points to ${seen}, which is no checkpoint`);
  if (/broken ref/.test(stderr)) throw problem('damaged', store, `${head} can't be read`);
}

/** A claim stands for the moment it builds on; where that is gone, it holds the same content itself. */
async function checkpointOf(store: Store, tip: WholeMoment, known?: MomentAt): Promise<MomentAt | undefined> {
  if (tip.moment.kind === 'checkpoint') return tip;
  const { previous } = tip.moment;
  if (previous === undefined) return undefined;
  if (previous === known?.id) return known;
  return (await readWhole(store, previous)) ?? tip;
}

function isOfLine(tip: MomentAt, checkpoint: MomentAt, { head, since }: Lineage, known?: MomentAt): boolean {
  const by = checkpoint.moment.attempt.id;
  return (
    checkpoint.id === head ||
    (tip.moment.previous === head && tip.moment.kind === 'claim' && head !== undefined) ||
    since.includes(by) ||
    by === known?.moment.attempt.id
  );
}
