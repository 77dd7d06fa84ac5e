// What continue-as-new carries: the whole state, within the size of one payload. Open instructions and remembered
// ids are never trimmed; the lists that people read are, the least missed first.
import { BOUNDS } from '../../contract/limits.js';
import { cut, jsonBytes } from '../../contract/text.js';
import { type TaskState, without } from './state.js';

const keepRecents =
  (entries: number) =>
  (state: TaskState): TaskState => ({
    ...state,
    sessions: state.sessions.map((session) => ({
      ...session,
      recent: entries === 0 ? [] : session.recent.slice(-entries),
    })),
  });

const RESULT_CHARS_AT_LEAST = 4_096;

const TRIMS: ((state: TaskState) => TaskState)[] = [
  keepRecents(2),
  (state) => ({ ...state, commands: state.commands.map((record) => without(record, 'payload')) }),
  (state) => ({ ...state, attempts: state.attempts.slice(-10) }),
  keepRecents(0),
  (state) => ({ ...state, commands: state.commands.slice(-10) }),
  (state) => ({ ...state, attempts: [], commands: [] }),
  (state) => ({ ...state, sessions: state.sessions.map((session) => without(session, 'startedBy')) }),
  (state) => ({
    ...state,
    queue: state.queue.map((open) => (open.next === undefined ? open : { ...open, next: without(open.next, 'says') })),
  }),
  (state) =>
    state.result === undefined
      ? state
      : { ...state, result: { ...state.result, text: cut(state.result.text, RESULT_CHARS_AT_LEAST) } },
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
