// nextStep(state): what the workflow does next. Pure; the loop performs it and feeds back what came of it.
import { durationMs } from '../../contract/duration.js';
import { DEFAULTS } from '../../contract/limits.js';
import { dueEffect } from './effects.js';
import { type Effect, type EndReason, hasOpenWork, type TaskState } from './state.js';

/** How full this run's history is: `long` asks for a new run between attempts, `full` also in mid-attempt. */
export type HistoryFill = 'short' | 'long' | 'full';

export type Step =
  | { do: 'launch' }
  | { do: 'end'; attemptId: string; reason: EndReason }
  | { do: 'wait'; untilMs?: number }
  | { do: 'effect'; effect: Effect }
  | { do: 'continueAsNew' }
  | { do: 'close' };

export function nextStep(state: TaskState, history: HistoryFill): Step {
  const effect = dueEffect(state);
  if (effect !== undefined) return { do: 'effect', effect };
  if (state.current !== undefined) return whileWorking(state, history);
  // What was started outside belongs to this run: it ends before the run does.
  const leaves = state.closing !== undefined || history !== 'short';
  if (leaves && state.effects.length > 0) return { do: 'wait' };
  if (state.closing !== undefined) return { do: 'close' };
  if (history !== 'short') return { do: 'continueAsNew' };
  if (state.hold !== undefined)
    return state.hold.kind === 'backoff' ? { do: 'wait', untilMs: state.hold.untilMs } : { do: 'wait' };
  if (state.queue.length > 0) return { do: 'launch' };
  if (state.question !== undefined) return { do: 'wait' };
  if (state.effects.length > 0) return { do: 'wait' };
  return state.spec.close === 'when-done' ? { do: 'close' } : { do: 'wait', untilMs: idleUntilMs(state) };
}

/** One attempt at a time; it is asked to end once, and its report is awaited whatever else comes. */
function whileWorking(state: TaskState, history: HistoryFill): Step {
  const { current } = state;
  if (current === undefined || current.ending !== undefined) return { do: 'wait' };
  const reason = endReason(state, history);
  return reason === undefined ? { do: 'wait' } : { do: 'end', attemptId: current.id, reason };
}

function endReason(state: TaskState, history: HistoryFill): EndReason | undefined {
  if (state.closing !== undefined) return state.closing.how;
  if (state.hold?.kind === 'stopped') return 'stop';
  if (state.queue[0]?.id !== state.current?.instructionId) return 'interrupt';
  return history === 'full' ? 'continueAsNew' : undefined;
}

/** Open for the next command, with nothing to do and nothing waited for. */
export const isIdle = (state: TaskState): boolean =>
  state.current === undefined && state.hold === undefined && state.closing === undefined && !hasOpenWork(state);

const idleUntilMs = (state: TaskState): number =>
  state.updatedAtMs + durationMs(state.spec.limits?.closeAfterIdle ?? DEFAULTS.closeAfterIdle);
