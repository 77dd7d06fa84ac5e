// What went wrong with an attempt, as the state keeps it: never missing, never long.
import type { AttemptReport } from '../../contract/attempt.js';
import type { FaultClass, Problem } from '../../contract/fault.js';
import { BOUNDS } from '../../contract/limits.js';
import { cut } from '../../contract/text.js';

/** The problem of an attempt that was not done; its outcome speaks where the report gives no reason. */
export function problemOf({ problem, outcome }: AttemptReport): Problem {
  if (problem !== undefined) return shortProblem(problem);
  const of: FaultClass = outcome === 'lost' || outcome === 'timedOut' ? outcome : 'unknown';
  return { class: of, says: `the attempt ended as ${outcome} and gave no reason` };
}

/** State is carried in one payload: what a host says is cut here, its full text lies in the log. */
export const shortProblem = (problem: Problem): Problem => ({
  ...problem,
  says: cut(problem.says, BOUNDS.problemChars),
  ...(problem.remedy === undefined ? {} : { remedy: cut(problem.remedy, BOUNDS.problemChars) }),
  ...(problem.log === undefined ? {} : { log: cut(problem.log, BOUNDS.problemChars) }),
});
