// What becomes of an instruction whose attempt failed: the table's answer to its class, within the budget.
import type { AttemptReport, Cause } from '../../contract/attempt.js';
import type { FaultClass, Problem } from '../../contract/fault.js';
import type { Decision } from '../../contract/views.js';
import { backoffMs, FAULT_ANSWERS } from './answers.js';
import { attemptsOf, sayUsedUp, usedUp } from './attempts-budget.js';
import { problemOf } from './problem.js';
import { replaceUnfinished } from './queue.js';
import type { Settled } from './settle.js';
import type { Attempt, Hold, Instruction, Session, TaskState } from './state.js';
import { withSession } from './state.js';
import { waitAgain } from './wait-again.js';

/** Faults after which the conversation can't be used as it is. */
const BREAKS: Partial<Record<FaultClass, NonNullable<Session['broken']>>> = {
  transcriptLost: 'lost',
  contextFull: 'full',
  poisoned: 'poisoned',
};

export function settleFault(state: TaskState, current: Attempt, report: AttemptReport, atMs: number): Settled {
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
