// What continue-as-new carries: the whole state, within the size of one payload. Open instructions and remembered
// ids are never trimmed; the lists that people read are, the least missed first.
import { BOUNDS } from '../../contract/limits.js';
import { cut, cutBytes, jsonBytes } from '../../contract/text.js';
import { type Session, type TaskState, without } from './state.js';

const keepRecents =
  (entries: number) =>
  (state: TaskState): TaskState => ({
    ...state,
    sessions: state.sessions.map((session) => ({
      ...session,
      recent: entries === 0 ? [] : session.recent.slice(-entries),
    })),
  });

const RESULT_BYTES_AT_LEAST = 1_024;
const SAYS_CHARS_AT_LEAST = 100;

/** Checkpoints that the session's own moment stands for; where a used session began is only told by its parent. */
function withoutDerived(session: Session): Session {
  const { head, forkOf, filesWanted } = session;
  const moment = head ?? forkOf?.checkpoint;
  return {
    ...session,
    ...(filesWanted?.checkpoint === moment && filesWanted !== undefined
      ? { filesWanted: without(filesWanted, 'checkpoint') }
      : {}),
    ...(forkOf?.sessionId === undefined || head === undefined ? {} : { forkOf: without(forkOf, 'checkpoint') }),
  };
}

function shortHold(state: TaskState): TaskState {
  const { hold } = state;
  if (hold === undefined || !('problem' in hold) || hold.problem === undefined) return state;
  const { remedy, ...problem } = hold.problem;
  const short = { ...problem, says: cut(problem.says, SAYS_CHARS_AT_LEAST) };
  const mended = remedy === undefined ? short : { ...short, remedy: cut(remedy, SAYS_CHARS_AT_LEAST) };
  return { ...state, hold: { ...hold, problem: mended } };
}

const TRIMS: ((state: TaskState) => TaskState)[] = [
  keepRecents(2),
  (state) => ({ ...state, commands: state.commands.map((record) => without(record, 'payload')) }),
  (state) => ({ ...state, attempts: state.attempts.slice(-10) }),
  keepRecents(0),
  (state) => ({ ...state, commands: state.commands.slice(-10) }),
  (state) => ({ ...state, attempts: [], commands: [] }),
  (state) => ({ ...state, sessions: state.sessions.map((session) => without(session, 'startedBy')) }),
  (state) => ({ ...state, milestones: state.milestones.map((milestone) => without(milestone, 'by')) }),
  (state) => ({
    ...state,
    queue: state.queue.map((open) =>
      open.next === undefined ? open : { ...open, next: without(without(open.next, 'says'), 'host') },
    ),
  }),
  (state) =>
    state.result === undefined
      ? state
      : { ...state, result: { ...state.result, text: cutBytes(state.result.text, RESULT_BYTES_AT_LEAST) } },
  (state) => ({ ...state, sessions: state.sessions.map(withoutDerived) }),
  shortHold,
];

/** The state to carry: trimmed only as far as its size asks for. */
export function carry(state: TaskState): TaskState {
  let carried = state;
  for (const trim of TRIMS) {
    if (jsonBytes(carried) <= BOUNDS.carriedBytes) break;
    carried = trim(carried);
  }
  return carried;
}
