// `continue`: goes on with the most recent session; lifts a stop or a wait for the operator.
import { lift } from '../hold.js';
import { moveForward } from '../queue.js';
import type { TaskState } from '../state.js';
import type { Verdict } from './verdict.js';

export function continueTask(state: TaskState): Verdict {
  if (state.hold?.kind === 'files') {
    return {
      refused: `continue: the task asks what becomes of its files; answer with one of: ${state.hold.picks.join(', ')}`,
    };
  }
  if (state.hold !== undefined) return { state: unfinishedFirst(lift(state, 'continue')), fate: 'done' };
  if (state.current !== undefined) return { state, fate: 'done', why: `attempt ${state.current.number} is at work` };
  if (state.queue.length > 0) return { state, fate: 'done', why: 'the next attempt is on its way' };
  if (state.question !== undefined) {
    return {
      refused: `continue: the task asks which session ${state.question.commandId} means; answer it, or drop that command`,
    };
  }
  return { refused: 'continue: nothing to continue; the task is idle: send an update, or finish it' };
}

/** The session of the newest launched attempt goes on first, where it left work unfinished: in its own order. */
function unfinishedFirst(state: TaskState): TaskState {
  const ofSession = state.queue.filter((open) => open.sessionId === state.launchedSessionId);
  const [first] = ofSession;
  return first === undefined || ofSession.every((open) => open.next === undefined)
    ? state
    : moveForward(state, first.id);
}
