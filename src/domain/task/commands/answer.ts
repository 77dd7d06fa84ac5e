// `answer`: picks the session that the task asked for.
import { settleCommand } from '../records.js';
import { type Session, type TaskState, without } from '../state.js';
import { pickUp } from './resume.js';
import { type CommandInput, knownSessions, type Verdict } from './verdict.js';

export function answer(state: TaskState, { payload }: CommandInput<'answer'>): Verdict {
  const { question } = state;
  if (question === undefined)
    return { refused: 'answer: nothing is asked; see the `waiting` query for what the task waits for' };
  const session = picked(state, payload.pick);
  if (session === undefined)
    return { refused: `answer.pick: got ${JSON.stringify(payload.pick)}; ${knownSessions(state)}` };
  const verdict = pickUp(without(state, 'question'), session.id, question.instruction);
  if (verdict.refused !== undefined) return verdict;
  const asked =
    question.instruction === undefined
      ? settleCommand(verdict.state, question.commandId, 'done', `session ${session.number}`)
      : verdict.state;
  return { state: asked, fate: 'done', why: `session ${session.number}` };
}

/** A pick takes 2, "2" or the id. */
function picked(state: TaskState, pick: number | string): Session | undefined {
  const number = typeof pick === 'number' ? pick : /^\d{1,6}$/.test(pick) ? Number(pick) : undefined;
  return state.sessions.find((session) => (number === undefined ? session.id === pick : session.number === number));
}
