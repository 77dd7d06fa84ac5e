// Which host an attempt is offered to before all others: the one that has the workspace. REPLAY-SENSITIVE.
import type { Attempt, TaskState } from './state.js';

const WAIT_MS = 10_000;
/** A lost attempt may have left there what no checkpoint has: its worker gets the time to come back. */
const WAIT_AFTER_LOSS_MS = 30_000;

/** Undefined: whichever is free. A host that was lost twice in a row is not waited for again. */
export function hostFirst(state: TaskState, attempt: Attempt): { hostId: string; waitMs: number } | undefined {
  const { workspaceOn: hostId } = state;
  if (hostId === undefined) return undefined;
  if (attempt.cause !== 'lost') return { hostId, waitMs: WAIT_MS };
  const failures = state.queue.find(({ id }) => id === attempt.instructionId)?.failures ?? 0;
  return failures > 1 ? undefined : { hostId, waitMs: WAIT_AFTER_LOSS_MS };
}
