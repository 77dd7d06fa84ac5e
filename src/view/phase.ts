// The phase of a task: derived, never stored.
import type { Phase } from '../contract/views.js';
import type { TaskState } from '../domain/task/state.js';

export function phaseOf(state: TaskState): Phase {
  if (state.closed !== undefined) return state.closed.how;
  if (state.current !== undefined) return 'working';
  if (state.hold !== undefined) return 'waiting';
  if (state.queue.length > 0) return state.attemptsTotal === 0 ? 'preparing' : 'working';
  return state.question === undefined ? 'idle' : 'waiting';
}
