// What a report changes of the session that its attempt worked on.
import type { AttemptReport, ForkOf } from '../../contract/attempt.js';
import { noteExchange } from './sessions.js';
import { type Instruction, type Session, without } from './state.js';

export function sessionAfter(session: Session, instruction: Instruction, report: AttemptReport, atMs: number): Session {
  const noted = noteExchange(session, instruction, atMs, report.text);
  const usable = report.seen ? without(noted, 'broken') : noted;
  const { forkOf } = session;
  return {
    ...usable,
    ...(forkOf === undefined ? {} : { forkOf: begunFrom(forkOf, report) }),
    ...(report.checkpoint === undefined || !workedIn(report) ? {} : { head: report.checkpoint }),
    seen: session.seen || report.seen,
    turns: session.turns + report.turns,
    ...costAfter(session, report),
  };
}

/** Another task's newest moment is chosen once, for files and conversation alike. */
const begunFrom = (forkOf: ForkOf, { parentSessionId, origin }: AttemptReport): ForkOf => ({
  ...forkOf,
  ...(parentSessionId === undefined ? {} : { sessionId: parentSessionId }),
  ...(origin === undefined || forkOf.taskId === undefined ? {} : { checkpoint: origin }),
});

/** Before a launch a workspace still holds what other sessions left: a checkpoint of that is no moment of this session. */
export const workedIn = ({ sent, outcome }: AttemptReport): boolean => sent !== '' || outcome === 'done';

/** What a fork took over was spent, and counted, in its parent. */
function costAfter(session: Session, report: AttemptReport): Pick<Session, 'costUsd' | 'inheritedCostUsd'> {
  const inherited = session.inheritedCostUsd ?? report.inheritedCostUsd;
  const { sessionCostUsd } = report;
  const ownUsd = sessionCostUsd === undefined ? undefined : Math.max(0, sessionCostUsd - (inherited ?? 0));
  return {
    costUsd: totalCostUsd(session.costUsd, ownUsd),
    ...(inherited === undefined ? {} : { inheritedCostUsd: inherited }),
  };
}

/** The CLI's total of a session runs on over resumes; one that fell behind (a killed process) is added. */
function totalCostUsd(knownUsd: number, reportedUsd: number | undefined): number {
  if (reportedUsd === undefined) return knownUsd;
  return reportedUsd >= knownUsd ? reportedUsd : knownUsd + reportedUsd;
}
