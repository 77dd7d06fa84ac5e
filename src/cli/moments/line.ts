// Which of a task's moments are its line, as it stands now: what an earlier attempt left stays in the store when the
// task is rewound behind it, and lies beside the line from then on. Pure.
import type { TaskView } from '../../client.js';
import type { LoggedMoment } from '../../context/graph.js';

export type Line = {
  /** The newest of the line. */
  head?: string;
  holds(moment: LoggedMoment): boolean;
};

/** @param moments of one incarnation, newest last; @param view where the task can tell which attempts are its own */
export function lineOf(moments: readonly LoggedMoment[], view: TaskView | undefined): Line {
  const head = headOf(moments, view);
  if (head === undefined) return { holds: ({ where }) => where !== 'side' };
  const { ids, oldest } = ancestors(head, moments);
  // Where retention has cut the line nothing tells what was beside it before.
  const isBeforeCut = (one: LoggedMoment): boolean =>
    oldest.moment.previous !== undefined && one.moment.token < oldest.moment.token;
  return { head: head.id, holds: (one) => ids.has(one.id) || (isBeforeCut(one) && one.where !== 'side') };
}

/** The store's own head is behind the times from a rewind until the next attempt has begun. */
function headOf(moments: readonly LoggedMoment[], view: TaskView | undefined): LoggedMoment | undefined {
  const own = new Set(view?.attempts.map(({ id }) => id));
  const known = moments.findLast(({ moment, where }) => where !== 'side' && own.has(moment.attempt.id));
  return known ?? moments.findLast(({ refs }) => refs.includes('head'));
}

function ancestors(head: LoggedMoment, moments: readonly LoggedMoment[]): { ids: Set<string>; oldest: LoggedMoment } {
  const byId = new Map(moments.map((one) => [one.id, one]));
  const ids = new Set<string>();
  let oldest = head;
  for (let at: LoggedMoment | undefined = head; at !== undefined && !ids.has(at.id); ) {
    ids.add(at.id);
    oldest = at;
    at = byId.get(at.moment.previous ?? '');
  }
  return { ids, oldest };
}

export type Place = LoggedMoment['where'];

/** What nothing but its milestone holds any more stays what it is. */
export const placeOf = (one: LoggedMoment, line: Line): Place =>
  one.where === 'milestone' || line.holds(one) ? one.where : 'side';

/** The moments of each task that bore the id, newest task first; within it newest last. */
export function livesOf(moments: readonly LoggedMoment[]): LoggedMoment[][] {
  const lives = new Map<string, LoggedMoment[]>();
  for (const one of moments.toReversed()) {
    const { incarnation } = one.moment.task;
    lives.set(incarnation, [one, ...(lives.get(incarnation) ?? [])]);
  }
  return [...lives.values()];
}
