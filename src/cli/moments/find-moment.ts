// Which moment is meant: a milestone's label, a checkpoint's id, or the beginning of one. Looked up in the store, so that
// what the task itself no longer lists (side moments, a closed task) is found too.
import { type MomentAt, momentId } from '../../context/moment.js';
import { readMoment } from '../../context/store/read.js';
import { nearest } from '../../contract/nearest.js';
import { excerpt } from '../../contract/text.js';
import { badInput } from '../failure.js';
import { mustHaveMoments, type TaskMoments } from './task-moments.js';
import { shortId } from './words.js';

/** What a moment may be called when it is not found: asked for only then. */
export type KnownLabels = () => Promise<readonly string[]>;

export const isHex = (name: string): boolean => /^[0-9a-f]+$/.test(name);
const LEAST_DIGITS = 7;

/**
 * @param of with `name` among the labels that were looked for
 * @param field how a refusal calls it
 * @throws CliFailure of exit code 2, with those that there are
 */
export async function findMoment(of: TaskMoments, name: string, field: string, labels: KnownLabels): Promise<MomentAt> {
  mustHaveMoments(of);
  const milestone = of.moments.findLast(({ refs }) => refs.includes(`milestone ${name}`));
  if (milestone !== undefined) return milestone;
  if (isHex(name) && name.length >= LEAST_DIGITS) {
    const [found, ...others] = of.moments.filter(({ id }) => id.startsWith(name));
    if (found !== undefined && others.length === 0) return found;
    if (found !== undefined) throw ambiguous(of, name, field, [found, ...others]);
    const read = await unlisted(of, name, field);
    if (read !== undefined) return read;
  }
  throw unknown(of, name, field, await labels());
}

/** A checkpoint that no ref names any more may still be there. */
async function unlisted({ store, taskId, namespace }: TaskMoments, id: string, field: string) {
  const moment = momentId.safeParse(id).success ? await readMoment(store, id) : undefined;
  if (moment === undefined) return undefined;
  const { task } = moment;
  if (task.taskId === taskId && task.namespace === namespace) return { id, moment };
  throw badInput(`${field}: checkpoint ${shortId(id)} is one of task ${JSON.stringify(task.taskId)}, not of this one.`);
}

function ambiguous({ taskId }: TaskMoments, name: string, field: string, found: readonly MomentAt[]): Error {
  const which = found.map(({ id, moment }) => `${id} (attempt ${moment.attempt.number})`).join(', ');
  return badInput(`${field}: ${name} begins several checkpoints of ${taskId}: ${which}. Write more of its digits.`);
}

const LISTED = 8;

function unknown({ taskId, moments }: TaskMoments, name: string, field: string, labels: readonly string[]): Error {
  const near = nearest(name, labels);
  const newest = moments
    .slice(-LISTED)
    .toReversed()
    .map(({ id, moment }) => `${shortId(id)} (attempt ${moment.attempt.number})`);
  const more = moments.length - newest.length;
  const shortened =
    isHex(name) && name.length < LEAST_DIGITS ? ` A checkpoint takes at least ${LEAST_DIGITS} of its digits.` : '';
  return badInput(
    [
      `${field}: got ${JSON.stringify(excerpt(name, 100))}; no checkpoint or milestone of ${taskId} is called that.${shortened}`,
      ...(near === undefined ? [] : [`Did you mean ${JSON.stringify(near)}?`]),
      ...(labels.length === 0 ? [] : [`Milestones: ${labels.map((label) => JSON.stringify(label)).join(', ')}.`]),
      `Checkpoints, the newest first: ${newest.join(', ')}${more > 0 ? `, and ${more} more` : ''}.`,
    ].join(' '),
  );
}
