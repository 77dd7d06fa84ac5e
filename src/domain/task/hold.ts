// Lifting a hold: what `continue`, `resume`, `answer` or an interrupting `update` does to it.
import type { Cause } from '../../contract/attempt.js';
import { type TaskState, withInstruction, without } from './state.js';

/** Ends the hold. Work that waited for the operator gets its budget anew; a back-off is only cut short. */
export function lift(state: TaskState, cause: Cause): TaskState {
  const { hold } = state;
  if (hold === undefined) return state;
  const free = without(state, 'hold');
  if (hold.kind === 'stopped') return free;
  const renewed = hold.kind === 'backoff' || hold.kind === 'files' ? {} : { spent: 0, failures: 0 };
  return withInstruction(free, hold.instructionId, (open) => ({
    ...open,
    ...renewed,
    ...(open.next === undefined ? {} : { next: { ...open.next, cause } }),
  }));
}
