// What an interrupted conversation is told when it goes on. The instruction stands in it already and is not repeated.
import type { Cause } from '../../contract/attempt.js';

const INTERRUPTED: Record<Cause, string> = {
  first: 'the process that worked on it ended',
  lost: 'the machine or process that worked on it was lost',
  timedOut: 'the attempt ran out of time',
  fault: 'the attempt failed',
  stopped: 'the operator stopped it',
  continue: 'the operator was asked and wants you to go on',
  update: 'the process that worked on it ended',
  resume: 'the operator comes back to it',
  fork: 'the process that worked on it ended',
  answer: 'the operator was asked and has answered',
  handover: 'the worker was shut down and another one goes on',
};

/** The text of a nudge; `says` is what the last attempt's failure said, where it helps to know. */
export function nudgeText(cause: Cause, says?: string): string {
  const detail = says === undefined ? '' : ` (${says})`;
  return [
    `Your work on the last instruction was interrupted: ${INTERRUPTED[cause]}${detail}.`,
    'Look at the state of the workspace first: a command that was under way may have run partly, wholly or not at all.',
    'Then go on from where you were. Do not repeat what is done.',
  ].join(' ');
}
