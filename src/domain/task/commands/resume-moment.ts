// Which session goes on where a `resume` names a moment: the session itself where the moment is its newest, else a new
// one that begins as a fork of it there.
import { BOUNDS } from '../../../contract/limits.js';
import { namedMoment } from '../line.js';
import { newSession } from '../sessions.js';
import { sessionOf, type TaskState } from '../state.js';
import { byOf, type CommandInput, knownSessions } from './verdict.js';

export type MomentToPickUp = { state: TaskState; sessionId: string; checkpoint: string } | { refused: string };

export function momentToPickUp(state: TaskState, input: CommandInput<'resume'>, name: string): MomentToPickUp {
  const { payload } = input;
  const named = namedMoment(state, name);
  if ('refused' in named) return { refused: `resume.checkpoint: ${named.refused}` };
  const sessionId = payload.sessionId ?? named.sessionId;
  if (sessionId === undefined) {
    return {
      refused: `resume.checkpoint: ${named.checkpoint} is not among the checkpoints that this task lists; name its session too (taskrun log shows both); ${knownSessions(state)}`,
    };
  }
  const session = sessionOf(state, sessionId);
  if (session === undefined)
    return { refused: `resume.sessionId: no session ${JSON.stringify(sessionId)}; ${knownSessions(state)}` };
  const newest = session.head === named.checkpoint && !worksOnFirst(state, sessionId, payload.prompt !== undefined);
  if (newest) return { state, sessionId, checkpoint: named.checkpoint };
  if (state.sessions.length >= BOUNDS.sessions) {
    return {
      refused: `resume.checkpoint: to go on from there takes a new session, and this task has ${BOUNDS.sessions}, the most there can be; start another task with \`from\``,
    };
  }
  const { checkpoint } = named;
  const fork = {
    ...newSession({
      id: input.ids.session,
      number: (state.sessions.at(-1)?.number ?? 0) + 1,
      atMs: input.atMs,
      contextVersion: session.contextVersion,
      ...byOf(payload),
    }),
    forkOf: { sessionId, checkpoint },
  };
  return { state: { ...state, sessions: [...state.sessions, fork] }, sessionId: fork.id, checkpoint };
}

/** Work of the session that comes before what is told now will have moved it on from its newest moment. */
function worksOnFirst({ current, hold, queue }: TaskState, sessionId: string, told: boolean): boolean {
  if (current?.sessionId === sessionId) return true;
  const goesFirst = !told || (hold !== undefined && hold.kind !== 'backoff');
  return !goesFirst && queue.some((open) => open.sessionId === sessionId);
}
