// Lists the moments of a task as `taskrun log` shows them: its line, what lies aside, its milestones. Reads refs and
// descriptions; changes nothing.
import { shownText } from './compare/shown.js';
import type { Moment, MomentAt } from './moment.js';
import { listRefs, readMoments } from './store/read.js';
import type { Store } from './store/store.js';
import { idRoot, type TaskKey, taskRefs } from './store/task-ref.js';

export type LoggedMoment = MomentAt & {
  /** `head`, `side`, `milestone <label>`; nothing for a moment that is just one of the line. */
  refs: string[];
  /** `milestone`: nothing else holds it any more. */
  where: 'line' | 'side' | 'milestone';
};

const LABEL_CHARS = 100;

/**
 * Newest last, by the server's time of the attempt: hosts' clocks differ.
 * @param task without an incarnation: all tasks that ever bore this id
 * @param labels milestones the task knows; the store holds only the labels' hashes
 */
export async function logMoments(
  store: Store,
  task: TaskKey | Pick<TaskKey, 'namespace' | 'taskId'>,
  labels: readonly string[] = [],
): Promise<LoggedMoment[]> {
  const refs = await listRefs(store, 'incarnation' in task ? taskRefs(task).root : idRoot(task));
  const known = await readAll(store, refs);
  const logged = new Map<string, LoggedMoment>();
  for (const { ref, id } of refs) {
    const stood = standsFor(id, known);
    const named = stood === undefined ? undefined : nameOf(ref, stood.moment, labels);
    if (stood === undefined || named === undefined) continue;
    logged.set(stood.id, together(logged.get(stood.id) ?? { ...stood, refs: [], where: named.where }, named));
  }
  return [...logged.values()].sort(byAge);
}

type Known = Map<string, Moment>;

/** What the refs point to, and what the claims among them stand for. */
async function readAll(store: Store, refs: readonly { id: string }[]): Promise<Known> {
  const found = await readMoments(store, [...new Set(refs.map(({ id }) => id))]);
  const known: Known = new Map(found.map(({ id, moment }) => [id, moment]));
  const behind = found.flatMap(({ moment }) => (moment.kind === 'claim' ? (moment.previous ?? []) : []));
  const unread = [...new Set(behind)].filter((id) => !known.has(id));
  for (const { id, moment } of await readMoments(store, unread)) known.set(id, moment);
  return known;
}

/** A claim holds what the checkpoint before it held; where that one is gone, it stands for itself. */
function standsFor(id: string, known: Known): MomentAt | undefined {
  const moment = known.get(id);
  if (moment === undefined || moment.kind === 'checkpoint') return moment === undefined ? undefined : { id, moment };
  if (moment.previous === undefined) return undefined;
  const before = known.get(moment.previous);
  return before === undefined ? { id, moment } : { id: moment.previous, moment: before };
}

type Named = { where: LoggedMoment['where']; name?: string };

/** `refs/taskrun/<task>/<incarnation>/<kind>/…`; undefined: a ref of a kind that this version doesn't know. */
function nameOf(ref: string, moment: Moment, labels: readonly string[]): Named | undefined {
  const [, , , , kind, last = ''] = ref.split('/');
  if (kind === 'head') return { where: 'line', name: 'head' };
  if (kind === 'moments') return { where: 'line' };
  if (kind === 'side') return { where: 'side', name: 'side' };
  if (kind !== 'marks') return undefined;
  const label = labels.find((one) => taskRefs(moment.task).mark(one) === ref) ?? last;
  return { where: 'milestone', name: `milestone ${shownText(label, LABEL_CHARS)}` };
}

const WEIGHT = { line: 2, side: 1, milestone: 0 };

function together(logged: LoggedMoment, { where, name }: Named): LoggedMoment {
  const refs = name === undefined || logged.refs.includes(name) ? logged.refs : [...logged.refs, name];
  return { ...logged, refs, where: WEIGHT[where] > WEIGHT[logged.where] ? where : logged.where };
}

const byAge = (a: MomentAt, b: MomentAt): number =>
  a.moment.token - b.moment.token || a.moment.at.localeCompare(b.moment.at) || a.id.localeCompare(b.id);
