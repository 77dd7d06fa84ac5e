// The moments of a task as its store holds them, over all tasks that ever bore its id. Needs no Temporal server.
import type { Config } from '../../config.js';
import { type LoggedMoment, logMoments } from '../../context/graph.js';
import type { MomentAt } from '../../context/moment.js';
import { readMoment } from '../../context/store/read.js';
import type { Store } from '../../context/store/store.js';
import { EXIT } from '../../contract/exit-codes.js';
import { CliFailure } from '../failure.js';
import { openKnownStore } from './open-store.js';

export type TaskMoments = {
  store: Store;
  taskId: string;
  namespace: string;
  /** Newest last. */
  moments: LoggedMoment[];
};

/** @param labels the milestones that are looked for or shown: the store itself knows them only by their hashes */
export async function momentsOf(config: Config, taskId: string, labels: readonly string[]): Promise<TaskMoments> {
  const store = await openKnownStore(config);
  const { namespace } = config.temporal;
  return { store, taskId, namespace, moments: await logMoments(store, { namespace, taskId }, labels) };
}

/** @throws CliFailure where the store holds nothing of the task */
export function mustHaveMoments({ moments, taskId, namespace, store }: TaskMoments): void {
  if (moments.length > 0) return;
  throw new CliFailure(
    EXIT.failed,
    `The store ${store.shown} holds no moment of a task ${JSON.stringify(taskId)} of namespace "${namespace}". ` +
      "See the id (taskrun ls --all), --namespace, and TASKRUN_STORE: it must be the workers' own.",
  );
}

/** The newest of the task's line. */
export function newestOf(of: TaskMoments): MomentAt {
  mustHaveMoments(of);
  const line = of.moments.filter(({ where }) => where === 'line');
  const newest = line.findLast(({ refs }) => refs.includes('head')) ?? line.at(-1) ?? of.moments.at(-1);
  if (newest === undefined) throw new TypeError('no moments');
  return newest;
}

/** The one before it on the line; undefined: it is the first, or retention has dropped what was there. */
export async function beforeOf({ store, moments }: TaskMoments, { moment }: MomentAt): Promise<MomentAt | undefined> {
  const { previous } = moment;
  if (previous === undefined) return undefined;
  const listed = moments.find(({ id }) => id === previous);
  if (listed !== undefined) return listed;
  const read = await readMoment(store, previous);
  return read === undefined ? undefined : { id: previous, moment: read };
}
