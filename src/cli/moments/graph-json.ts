// The graph of a task's moments for machines: newest first, whole ids, what the task tells of them where it answers.
import type { TaskView } from '../../client.js';
import type { LoggedMoment } from '../../context/graph.js';
import { type Line, lineOf, livesOf, placeOf } from './line.js';
import type { TaskMoments } from './task-moments.js';
import { tellsOf } from './told.js';

export function graphJson({ taskId, namespace, store, moments }: TaskMoments, view: TaskView | undefined): object {
  return {
    taskId,
    namespace,
    store: store.shown,
    ...(view?.noSafetyNet === undefined ? {} : { noSafetyNet: view.noSafetyNet }),
    answeredBy: view === undefined ? 'store' : 'task',
    moments: livesOf(moments).flatMap((life, n) => {
      const line = lineOf(life, n === 0 ? view : undefined);
      return life.toReversed().map((one) => momentJson(one, line, view));
    }),
  };
}

function momentJson(one: LoggedMoment, line: Line, view: TaskView | undefined): object {
  const { id, moment } = one;
  const { task, attempt, host, at, sessionId, during, previous, filesFrom, lacks, withheld } = moment;
  const { session, attempt: told, milestones, by } = tellsOf(one, view);
  return {
    checkpoint: id,
    where: placeOf(one, line),
    isHead: id === line.head,
    at,
    incarnation: task.incarnation,
    attempt: { ...attempt, ...(told === undefined ? {} : { outcome: told.outcome, cause: told.cause }) },
    sessionId,
    ...(session === undefined ? {} : { sessionNumber: session.number }),
    ...(by === undefined ? {} : { by }),
    milestones,
    host,
    during,
    ...(previous === undefined ? {} : { previous }),
    filesFrom,
    sessions: moment.transcripts.map((notes) => notes.sessionId),
    lacks,
    withheld: withheld.length,
  };
}
