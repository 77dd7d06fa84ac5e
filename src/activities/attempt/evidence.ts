// A run of the CLI as the classifier wants it.
import type { Run } from '../../claude/run.js';
import type { Evidence } from '../../domain/attempt/evidence.js';

export function evidenceOf({ ended, exitCode, signal, progress, stderrTail, problem }: Run): Evidence {
  const { result, assistantError, rateLimit, apiRetry } = progress;
  return { ended, exitCode, signal, result, assistantError, rateLimit, apiRetry, stderrTail, hostProblem: problem };
}
