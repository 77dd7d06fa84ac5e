// The two moments that `diff` compares: as they were named, else the newest of the line and the one before it.
import type { Config } from '../../config.js';
import type { MomentAt } from '../../context/moment.js';
import type { Store } from '../../context/store/store.js';
import { badInput } from '../failure.js';
import { labelsOf } from './ask-task.js';
import { findMoment } from './find-moment.js';
import { beforeOf, momentsOf, newestOf, type TaskMoments } from './task-moments.js';
import { sayMoment } from './words.js';

export async function twoMoments(
  settings: Config,
  taskId: string,
  a: string | undefined,
  b: string | undefined,
): Promise<{ store: Store; from: MomentAt; to: MomentAt }> {
  const named = [a, b].filter((name) => name !== undefined);
  const of = await momentsOf(settings, taskId, named);
  const find = (name: string, field: string): Promise<MomentAt> =>
    findMoment(of, name, field, () => labelsOf(settings, taskId));
  const from = a === undefined ? undefined : await find(a, 'A');
  const to = b === undefined ? newestOf(of) : await find(b, 'B');
  return { store: of.store, from: from ?? (await mustHaveBefore(of, to)), to };
}

async function mustHaveBefore(of: TaskMoments, to: MomentAt): Promise<MomentAt> {
  const before = await beforeOf(of, to);
  if (before !== undefined) return before;
  throw badInput(`A: got nothing, and there is no moment before ${sayMoment(to)}. Name one: taskrun log ${of.taskId}`);
}
