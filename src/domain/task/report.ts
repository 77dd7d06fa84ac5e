// What a report of an attempt does: the session's figures, the instruction's fate, and the answer to a fault.
import type { AttemptReport, Cause, FilesQuestion, ForkOf } from '../../contract/attempt.js';
import type { FaultClass, Problem } from '../../contract/fault.js';
import { BOUNDS, DEFAULTS } from '../../contract/limits.js';
import { cut } from '../../contract/text.js';
import type { Decision } from '../../contract/views.js';
import { backoffMs, FAULT_ANSWERS } from './answers.js';
import { lineAfter } from './line.js';
import { problemOf, shortProblem } from './problem.js';
import { removeInstruction, replaceUnfinished } from './queue.js';
import { settleCommand } from './records.js';
import { noteExchange } from './sessions.js';
import {
  type Attempt,
  type EndedAttempt,
  type Hold,
  type Instruction,
  type Session,
  sessionOf,
  type TaskState,
  withInstruction,
  without,
  withSession,
} from './state.js';

type Settled = { state: TaskState; decided: Decision; why: string };

/** A report of any attempt but the current one is stale and changes nothing. */
export function applyReport(state: TaskState, report: AttemptReport, atMs: number): TaskState {
  const { current } = state;
  if (current === undefined || current.id !== report.attemptId) return state;
  const instruction = state.queue.find((open) => open.id === current.instructionId);
  const before = sessionOf(state, current.sessionId);
  if (instruction === undefined || before === undefined) return { ...without(state, 'current'), updatedAtMs: atMs };

  const noted = withSession(without(state, 'current'), before.id, (session) =>
    noteReport(session, instruction, report, atMs),
  );
  const told = withInstruction(noted, instruction.id, (open) => noteDelivery(open, report));
  const placed = { ...workspaceAfter(told, report), line: lineAfter(state.line, current, report) };
  const settled = settle({ ...placed, updatedAtMs: atMs }, current, report, atMs);
  const costUsd = (sessionOf(noted, before.id)?.costUsd ?? 0) - before.costUsd;
  const ended = endedAttempt(current, report, settled, costUsd, atMs);
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

function noteReport(session: Session, instruction: Instruction, report: AttemptReport, atMs: number): Session {
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
const workedIn = ({ sent, outcome }: AttemptReport): boolean => sent !== '' || outcome === 'done';

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

function settleDone(state: TaskState, current: Attempt, report: AttemptReport): Settled {
  const done = removeInstruction(state, current.instructionId, 'done');
  const checkpoint = report.checkpoint === undefined ? {} : { checkpoint: report.checkpoint };
  const result = {
    instructionId: current.instructionId,
    text: cut(report.text ?? '', BOUNDS.resultChars),
    ...checkpoint,
  };
  return { state: { ...done, result }, decided: 'none', why: 'done' };
}

/** A gentle end: no attempt counted. What was interrupted gives way to the interrupting one, or waits to go on. */
function settleEnded(state: TaskState, current: Attempt, report: AttemptReport, atMs: number): Settled {
  const asked = current.ending !== undefined || report.outcome === 'handedOver';
  const byUs = current.ending === 'continueAsNew' || report.outcome === 'handedOver';
  const cause: Cause = byUs && state.hold?.kind !== 'stopped' ? 'handover' : 'stopped';
  const kept = waitAgain(state, current, report, cause, (open) =>
    asked ? { ...open, spent: Math.max(0, open.spent - 1) } : open,
  );
  const next = replaceUnfinished(kept);
  const [head] = next.queue;
  // An end that nobody asked for counts: without a budget it could come for ever.
  const hold = asked || head?.id !== current.instructionId ? undefined : usedUp(next, head, atMs);
  if (hold === undefined || next.hold !== undefined)
    return { state: next, decided: 'none', why: sayEnd(current, report) };
  return { state: { ...next, hold }, decided: 'ask', why: sayUsedUp(hold) };
}

/** Nothing was launched: no attempt counted. The instruction waits for the answer. */
function settleAsked(
  state: TaskState,
  current: Attempt,
  report: AttemptReport,
  question: FilesQuestion,
  atMs: number,
): Settled {
  const kept = waitAgain(state, current, report, 'answer', (open) => ({ ...open, spent: Math.max(0, open.spent - 1) }));
  const next = replaceUnfinished(kept);
  const why = "today's files differ from those of the moment that is picked up";
  // Work that goes first, or a stop, comes before the question; it is asked again when its turn comes.
  if (next.hold !== undefined || next.queue[0]?.id !== current.instructionId)
    return { state: next, decided: 'ask', why };
  const asked = { ...question, says: cut(question.says, BOUNDS.problemChars) };
  return {
    state: { ...next, hold: { kind: 'files', atMs, instructionId: current.instructionId, ...asked } },
    decided: 'ask',
    why,
  };
}

const sayEnd = (current: Attempt, report: AttemptReport): string =>
  report.outcome === 'handedOver'
    ? 'the worker is shutting down; another goes on'
    : `ended gently: ${current.ending ?? 'asked from outside'}`;

/** Faults after which the conversation can't be used as it is. */
const BREAKS: Partial<Record<FaultClass, NonNullable<Session['broken']>>> = {
  transcriptLost: 'lost',
  contextFull: 'full',
  poisoned: 'poisoned',
};

function settleFault(state: TaskState, current: Attempt, report: AttemptReport, atMs: number): Settled {
  const problem = problemOf(report);
  const cause: Cause = report.outcome === 'lost' || report.outcome === 'timedOut' ? report.outcome : 'fault';
  const kept = waitAgain(state, current, report, cause, (open) => ({ ...open, failures: open.failures + 1 }), problem);
  const broken = BREAKS[problem.class];
  const marked =
    broken === undefined ? kept : withSession(kept, current.sessionId, (session) => ({ ...session, broken }));
  const [head] = marked.queue;
  // Work that an interrupting instruction overtook holds nothing up: the fault is met again if it is still there.
  if (head !== undefined && head.id !== current.instructionId) {
    return { state: replaceUnfinished(marked), decided: 'none', why: `${problem.class}; ${head.commandId} goes first` };
  }
  const { hold, decided, why } = answerTo(problem, head, marked, atMs);
  // A stop that came meanwhile stands; the fault is met again when it is lifted.
  return { state: marked.hold === undefined ? { ...marked, hold } : marked, decided, why };
}

function answerTo(
  problem: Problem,
  open: Instruction | undefined,
  state: TaskState,
  atMs: number,
): { hold: Hold; decided: Decision; why: string } {
  const answer = FAULT_ANSWERS[problem.class];
  const instructionId = open?.id ?? '';
  if (answer.then === 'operator') {
    const withRemedy = { ...problem, remedy: problem.remedy ?? answer.remedy };
    return {
      hold: { kind: 'operator', atMs, instructionId, problem: withRemedy },
      decided: 'ask',
      why: `${problem.class}: the operator decides`,
    };
  }
  const budget = usedUp(state, open, atMs, problem);
  if (budget !== undefined) return { hold: budget, decided: 'ask', why: sayUsedUp(budget) };
  const waitMs = backoffMs(answer, open?.failures ?? 1);
  const hold: Hold = { kind: 'backoff', atMs, instructionId, untilMs: atMs + waitMs, problem };
  return {
    hold,
    decided: 'continue',
    why: `${problem.class}: attempt ${open?.spent ?? 0} of ${attemptsOf(state)}, next in ${waitMs / 1_000} s`,
  };
}

const attemptsOf = (state: TaskState): number => state.spec.limits?.attempts ?? DEFAULTS.attempts;

type BudgetHold = Extract<Hold, { kind: 'budget' }>;

/** The wait for the operator once an instruction has used its attempts. */
function usedUp(
  state: TaskState,
  open: Instruction | undefined,
  atMs: number,
  problem?: Problem,
): BudgetHold | undefined {
  const attempts = attemptsOf(state);
  if (open === undefined || open.spent < attempts) return undefined;
  return {
    kind: 'budget',
    atMs,
    instructionId: open.id,
    attempts,
    ...(problem === undefined ? {} : { problem }),
  };
}

const sayUsedUp = ({ attempts }: BudgetHold): string => `${attempts} of ${attempts} attempts used`;

/** The instruction stays open; its next attempt knows how this one ended. */
function waitAgain(
  state: TaskState,
  current: Attempt,
  report: AttemptReport,
  cause: Cause,
  change: (open: Instruction) => Instruction,
  problem?: Problem,
): TaskState {
  const host = report.host === undefined ? {} : { host: cut(report.host, 100) };
  const says = problem === undefined ? {} : { says: cut(problem.says, 300) };
  const queued = withInstruction(state, current.instructionId, (open) =>
    change({ ...open, next: { cause, outcome: report.outcome, ...host, ...says } }),
  );
  const commandId = queued.queue.find((open) => open.id === current.instructionId)?.commandId;
  return commandId === undefined ? queued : settleCommand(queued, commandId, 'queued');
}

function endedAttempt(
  current: Attempt,
  report: AttemptReport,
  { decided, why }: Settled,
  costUsd: number,
  atMs: number,
): EndedAttempt {
  const attempt = without(current, 'ending');
  return {
    ...attempt,
    endedAtMs: atMs,
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
