// `stop`: ends the attempt gently and holds the queue until `continue`, `resume` or an interrupting `update`.
import type { TaskState } from '../state.js';
import { byOf, type CommandInput, type Verdict } from './verdict.js';

export function stop(state: TaskState, { payload, atMs }: CommandInput<'stop'>): Verdict {
  const waits = state.hold !== undefined && state.hold.kind !== 'backoff';
  if (waits) return { state, fate: 'done', why: 'the task was waiting already' };
  const reason = payload.reason === undefined ? {} : { reason: payload.reason };
  return { state: { ...state, hold: { kind: 'stopped', atMs, ...byOf(payload), ...reason } }, fate: 'done' };
}
