// What a report of an attempt does: the session's figures, the instruction's fate, and the answer to a fault.
import type { AttemptReport } from '../../contract/attempt.js';
import { BOUNDS } from '../../contract/limits.js';
import { cut } from '../../contract/text.js';
import { lineAfter } from './line.js';
import { shortProblem } from './problem.js';
import { sessionAfter } from './session-after.js';
import { type Settled, settleAsked, settleDone, settleEnded } from './settle.js';
import { settleFault } from './settle-fault.js';
import {
  type Attempt,
  type EndedAttempt,
  type Instruction,
  sessionOf,
  type TaskState,
  withInstruction,
  without,
  withSession,
} from './state.js';

/** A report of any attempt but the current one is stale and changes nothing. */
export function applyReport(state: TaskState, report: AttemptReport, atMs: number): TaskState {
  const { current } = state;
  if (current === undefined || current.id !== report.attemptId) return state;
  const instruction = state.queue.find((open) => open.id === current.instructionId);
  const before = sessionOf(state, current.sessionId);
  if (instruction === undefined || before === undefined) return { ...without(state, 'current'), updatedAtMs: atMs };

  const endedAtMs = endOf(current, report, atMs);
  const noted = withSession(without(state, 'current'), before.id, (session) =>
    sessionAfter(session, instruction, report, endedAtMs),
  );
  const told = withInstruction(noted, instruction.id, (open) => noteDelivery(open, report));
  const placed = { ...workspaceAfter(told, report), line: lineAfter(state.line, current, report) };
  const settled = settle({ ...placed, updatedAtMs: atMs }, current, report, atMs);
  const costUsd = (sessionOf(noted, before.id)?.costUsd ?? 0) - before.costUsd;
  const ended = endedAttempt(current, report, settled, costUsd, endedAtMs);
  return { ...settled.state, attempts: [...settled.state.attempts, ended].slice(-BOUNDS.listed) };
}

/** Files are put in place before a launch: where there was one, they are. */
function noteDelivery(open: Instruction, report: AttemptReport): Instruction {
  const noted = { ...open, delivered: open.delivered || report.delivered };
  return report.filesSettled === true || report.sent !== '' ? without(noted, 'filesWanted') : noted;
}

/** A host whose worker shuts down is not asked first, but where it alone has what was done. */
function workspaceAfter(state: TaskState, { hostId, outcome, unsaved }: AttemptReport): TaskState {
  if (outcome === 'handedOver' && unsaved === undefined) return without(state, 'workspaceOn');
  return hostId === undefined ? state : { ...state, workspaceOn: hostId };
}

function settle(state: TaskState, current: Attempt, report: AttemptReport, atMs: number): Settled {
  switch (report.outcome) {
    case 'done':
      return settleDone(state, current, report);
    case 'ended':
    case 'handedOver':
      return settleEnded(state, current, report, atMs);
    case 'lost':
    case 'timedOut':
    case 'fault':
      return settleFault(state, current, report, atMs);
    case 'asks':
      return report.question === undefined
        ? settleFault(state, current, report, atMs)
        : settleAsked(state, current, report, report.question, atMs);
  }
}

/** By the host's clock, as far as that can be: after a Reset the report is read again much later. */
function endOf(current: Attempt, { endedAt }: AttemptReport, atMs: number): number {
  const toldMs = Date.parse(endedAt);
  return Number.isNaN(toldMs) ? atMs : Math.min(atMs, Math.max(current.startedAtMs, toldMs));
}

function endedAttempt(
  current: Attempt,
  report: AttemptReport,
  { decided, why }: Settled,
  costUsd: number,
  endedAtMs: number,
): EndedAttempt {
  const attempt = without(current, 'ending');
  return {
    ...attempt,
    endedAtMs,
    outcome: report.outcome,
    sent: report.sent,
    ...(report.sentWhy === undefined ? {} : { sentWhy: report.sentWhy }),
    ...(report.problem === undefined ? {} : { problem: shortProblem(report.problem) }),
    decided,
    decidedWhy: why,
    turns: report.turns,
    costUsd,
    ...(report.host === undefined ? {} : { host: report.host }),
    ...(report.startedFrom === undefined ? {} : { startedFrom: report.startedFrom }),
    ...(report.checkpoint === undefined ? {} : { checkpoint: report.checkpoint }),
    ...(report.lacks === undefined
      ? {}
      : { lacks: report.lacks.slice(0, BOUNDS.lacksListed).map((one) => cut(one, 200)) }),
    ...(report.log === undefined ? {} : { log: report.log }),
  };
}
