// `answer`: picks the session that the task asked for, or what becomes of today's files.
import { lift } from '../hold.js';
import { settleCommand } from '../records.js';
import { type Hold, type Session, type TaskState, withInstruction, without } from '../state.js';
import { pickUp } from './resume.js';
import { type CommandInput, knownSessions, type Verdict } from './verdict.js';

export function answer(state: TaskState, { payload }: CommandInput<'answer'>): Verdict {
  const { question, hold } = state;
  const pick = picksFiles(payload.pick);
  if (hold?.kind === 'files' && (pick || question === undefined)) return pickFiles(state, hold, payload.pick);
  if (question === undefined)
    return { refused: 'answer: nothing is asked; see the `waiting` query for what the task waits for' };
  const session = picked(state, payload.pick);
  if (session === undefined)
    return { refused: `answer.pick: got ${JSON.stringify(payload.pick)}; ${knownSessions(state)}` };
  const files = question.filesWanted ?? { mode: 'keep' };
  const verdict = pickUp(without(state, 'question'), session.id, files, question.instruction);
  if (verdict.refused !== undefined) return verdict;
  const asked =
    question.instruction === undefined
      ? settleCommand(verdict.state, question.commandId, 'done', `session ${session.number}`)
      : verdict.state;
  return { state: asked, fate: 'done', why: `session ${session.number}` };
}

const picksFiles = (pick: number | string): boolean => pick === 'keep' || pick === 'restore' || pick === 'merge';

function pickFiles(state: TaskState, hold: Extract<Hold, { kind: 'files' }>, pick: number | string): Verdict {
  const mode = hold.picks.find((one) => one === pick);
  if (mode === undefined) {
    return {
      refused: `answer.pick: got ${JSON.stringify(pick)}; the task asks about its files: ${hold.picks.join(', ')}`,
    };
  }
  const told = withInstruction(state, hold.instructionId, (open) => {
    const { filesWanted, ...rest } = open;
    return mode === 'keep' ? rest : { ...rest, filesWanted: { ...filesWanted, mode, answered: true as const } };
  });
  return { state: lift(told, 'answer'), fate: 'done', why: mode };
}

/** A pick takes 2, "2" or the id. */
function picked(state: TaskState, pick: number | string): Session | undefined {
  const number = typeof pick === 'number' ? pick : /^\d{1,6}$/.test(pick) ? Number(pick) : undefined;
  return state.sessions.find((session) => (number === undefined ? session.id === pick : session.number === number));
}
