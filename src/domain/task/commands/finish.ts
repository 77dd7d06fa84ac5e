// `finish`: ends like stop, then closes the task; undelivered commands become dropped.
import type { TaskState } from '../state.js';
import type { CommandInput, Verdict } from './verdict.js';

export function finish(state: TaskState, { payload }: CommandInput<'finish'>): Verdict {
  const summary = payload.summary === undefined ? {} : { summary: payload.summary };
  return { state: { ...state, closing: { how: 'finish', why: 'task finished', ...summary } }, fate: 'done' };
}
