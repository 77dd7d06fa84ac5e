// Which flag the workflow wants: a pure table from the attempt's cause. What is sent is decided on the host, from
// what lies on disk (domain/attempt/ground).
import type { Cause, Intention } from '../../contract/attempt.js';
import type { Instruction, Session } from './state.js';

const INTENTIONS: Record<Cause, Intention> = {
  first: 'start',
  lost: 'continue',
  timedOut: 'continue',
  fault: 'continue',
  stopped: 'continue',
  continue: 'continue',
  handover: 'continue',
  update: 'resume',
  resume: 'resume',
  answer: 'resume',
  fork: 'resume',
};

/** The first attempt of a session starts it; every later one goes on with it. */
export function intentionOf(cause: Cause, session: Session): Intention {
  if (session.attempts > 0 || session.seen) return INTENTIONS[cause];
  return session.forkOf === undefined ? 'start' : 'fork';
}

/** Why the next attempt of an instruction is made. */
export function causeOf(instruction: Instruction, forked: boolean): Cause {
  if (instruction.next !== undefined) return instruction.next.cause;
  return instruction.via === 'start' ? firstCause(forked) : instruction.via;
}

const firstCause = (forked: boolean): Cause => (forked ? 'fork' : 'first');
