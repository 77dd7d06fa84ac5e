// What the task tells of one of its moments: the attempt that left it, its session, who asked for what, its labels.
import type { AttemptView, SessionView, TaskView } from '../../client.js';
import type { MomentAt } from '../../context/moment.js';

export type Told = {
  attempt?: AttemptView;
  session?: SessionView;
  by?: string;
  asked?: string;
  milestones: { label: string; by?: string | undefined }[];
};

export function tellsOf({ id, moment }: MomentAt, view: TaskView | undefined): Told {
  const attempt = view?.attempts.find((one) => one.id === moment.attempt.id);
  const session = view?.sessions.find((one) => one.sessionId === moment.sessionId);
  // The newest attempt of an instruction ends when its exchange is noted; an earlier one has none of its own.
  const exchange = session?.recent.find(({ at }) => at === attempt?.endedAt);
  return {
    ...(attempt === undefined ? {} : { attempt }),
    ...(session === undefined ? {} : { session }),
    ...(exchange?.by === undefined ? {} : { by: exchange.by }),
    ...(exchange === undefined ? {} : { asked: exchange.asked }),
    milestones: (view?.milestones ?? [])
      .filter(({ checkpoint }) => checkpoint === id)
      .map(({ label, by }) => ({ label, ...(by === undefined ? {} : { by }) })),
  };
}
