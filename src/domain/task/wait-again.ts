// An instruction whose attempt has ended without being done.
import type { AttemptReport, Cause } from '../../contract/attempt.js';
import type { Problem } from '../../contract/fault.js';
import { cut } from '../../contract/text.js';
import { settleCommand } from './records.js';
import { type Attempt, type Instruction, type TaskState, withInstruction } from './state.js';

/** The instruction stays open; its next attempt knows how this one ended. */
export function waitAgain(
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
