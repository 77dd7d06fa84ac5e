// One-line summaries for the UI's timeline.
import type { Cause, Intention } from '../contract/attempt.js';

const FLAGS: Record<Intention, string> = {
  start: '--session-id',
  continue: '--continue',
  resume: '--resume',
  fork: '--resume --fork-session',
};

const AFTER: Record<Cause, string> = {
  first: 'first attempt',
  lost: 'after its worker was lost',
  timedOut: 'after time-out',
  fault: 'after a fault',
  stopped: 'after a stop',
  continue: 'continued by the operator',
  update: 'update',
  resume: 'resume',
  fork: 'fork',
  answer: 'answered',
  handover: 'handed over',
};

export const sayCause = (cause: Cause): string => AFTER[cause];

/** "attempt 3 · --continue · after time-out" */
export const attemptSummary = (number: number, intention: Intention, cause: Cause): string =>
  `attempt ${number} · ${FLAGS[intention]} · ${AFTER[cause]}`;
