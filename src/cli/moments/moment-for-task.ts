// The name of a moment made ready for a command to a task: the task knows its labels and its newest checkpoints, the
// store also those that the task no longer lists. Where the store is out of reach the name goes out as it was typed.
import type { TaskView } from '../../client.js';
import type { Config } from '../../config.js';
import type { MomentAt } from '../../context/moment.js';
import { StoreError } from '../../context/store/store-error.js';
import { badInput, CliFailure } from '../failure.js';
import { findMoment, isHex } from './find-moment.js';
import { momentsOf } from './task-moments.js';
import { sayMoment, shortId } from './words.js';

export type MomentForTask = { checkpoint: string; sessionId?: string };

type Named = { checkpoint: string; found?: MomentAt };

/** @throws CliFailure where the name is the beginning of several checkpoints, or one of another task */
export async function checkpointForTask(
  settings: Config,
  taskId: string,
  name: string,
  view: TaskView | undefined,
): Promise<Named> {
  if (isListed(name, view)) return { checkpoint: name };
  const found = await inStore(settings, taskId, name, view);
  return found === undefined ? { checkpoint: name } : { checkpoint: found.id, found };
}

/** With the session too, where the task itself can't know whose moment it is. @throws CliFailure as above */
export async function momentForTask(
  settings: Config,
  taskId: string,
  name: string,
  view: TaskView | undefined,
): Promise<MomentForTask> {
  const { checkpoint, found } = await checkpointForTask(settings, taskId, name, view);
  if (found === undefined || isListed(checkpoint, view)) return { checkpoint };
  if (view !== undefined) mustKnowSession(found, view);
  return { checkpoint, sessionId: found.moment.sessionId };
}

/** @throws CliFailure for one that a rewind went behind: the task itself has never heard of it */
function mustKnowSession(found: MomentAt, { taskId, sessions, sessionsTotal }: TaskView): void {
  const { sessionId } = found.moment;
  if (sessionsTotal > sessions.length || sessions.some((one) => one.sessionId === sessionId)) return;
  throw badInput(
    `moment: ${sayMoment(found)} is of session ${sessionId}, which this task does not have: it was rewound behind it, or is another task of the same id. ` +
      `taskrun start "…" --from ${taskId}@${shortId(found.id)} goes on from there, taskrun checkout takes its files.`,
  );
}

/** Undefined: the store doesn't know it either, or can't be asked, and the task shall say what it thinks of it. */
async function inStore(
  settings: Config,
  taskId: string,
  name: string,
  view: TaskView | undefined,
): Promise<MomentAt | undefined> {
  try {
    const of = await momentsOf(settings, taskId, [name]);
    if (of.moments.length === 0) return undefined;
    return await findMoment(of, name, 'moment', async () => view?.milestones.map(({ label }) => label) ?? []);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    if (error instanceof CliFailure && error.message.startsWith('There is no store')) return undefined;
    throw error;
  }
}

/** Exactly: the beginning of an id is looked up. */
function isListed(name: string, view: TaskView | undefined): boolean {
  if (view === undefined) return !isHex(name);
  return (
    view.milestones.some(({ label, checkpoint }) => label === name || checkpoint === name) ||
    view.attempts.some(({ checkpoint }) => checkpoint === name) ||
    view.sessions.some(({ head }) => head === name)
  );
}
