// What becomes of an instruction whose attempt was done, ended on request, or has a question. (A fault: settle-fault.ts.)
import type { AttemptReport, Cause, FilesQuestion } from '../../contract/attempt.js';
import { BOUNDS } from '../../contract/limits.js';
import { cut } from '../../contract/text.js';
import type { Decision } from '../../contract/views.js';
import { sayUsedUp, usedUp } from './attempts-budget.js';
import { removeInstruction, replaceUnfinished } from './queue.js';
import type { Attempt, TaskState } from './state.js';
import { waitAgain } from './wait-again.js';

export type Settled = { state: TaskState; decided: Decision; why: string };

export function settleDone(state: TaskState, current: Attempt, report: AttemptReport): Settled {
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
export function settleEnded(state: TaskState, current: Attempt, report: AttemptReport, atMs: number): Settled {
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
export function settleAsked(
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
