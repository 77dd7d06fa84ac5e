// `update`: tells a session something new. The context version moves at acceptance.
import type { OnFileConflict, TaskFile } from '../../../contract/fields.js';
import { BOUNDS, DEFAULTS } from '../../../contract/limits.js';
import { lift } from '../hold.js';
import { enqueue, noRoomFor, sized } from '../queue.js';
import { newSession } from '../sessions.js';
import {
  type FilesWanted,
  type Instruction,
  type Session,
  sessionOf,
  type TaskState,
  without,
  withSession,
} from '../state.js';
import { byOf, type CommandInput, knownSessions, type Verdict } from './verdict.js';

export function update(state: TaskState, input: CommandInput<'update'>): Verdict {
  const { payload } = input;
  const sessionId = payload.newSession === true ? input.ids.session : (payload.sessionId ?? state.activeSessionId);
  if (payload.newSession !== true && sessionOf(state, sessionId) === undefined) {
    return { refused: `update.sessionId: no session ${JSON.stringify(sessionId)}; ${knownSessions(state)}` };
  }
  if (payload.newSession === true && state.sessions.length >= BOUNDS.sessions) {
    return {
      refused: `update.newSession: this task has ${BOUNDS.sessions} sessions, the most there can be; start another task`,
    };
  }
  const files = filesWanted(state, sessionOf(state, sessionId), payload.onFileConflict);
  const instruction = {
    ...instructionOf(state, input, payload),
    sessionId,
    interrupts: payload.when === 'interrupt',
    ...files,
  };
  const noRoom = noRoomFor(state, instruction);
  if (noRoom !== undefined) return { refused: `update.prompt: ${noRoom}` };

  const told = { ...filesTakenOver(state, sessionId), contextVersion: instruction.contextVersion };
  const opened = payload.newSession === true ? withNewSession(told, input, sessionId) : told;
  const queued = enqueue(opened, instruction);
  return {
    state: instruction.interrupts ? lift(queued, 'continue') : queued,
    fate: 'queued',
    instructionId: instruction.id,
  };
}

/** What an earlier `resume` asked for goes with the session's next instruction, unless that says otherwise. */
function filesWanted(
  state: TaskState,
  session: Session | undefined,
  asked: OnFileConflict | undefined,
): { filesWanted?: FilesWanted } {
  const before = session?.filesWanted;
  const mode = asked ?? before?.mode ?? state.spec.onFileConflict ?? DEFAULTS.updateFiles;
  return wanted({ ...before, mode });
}

/** Today's files stay where nothing else is wanted. */
export const wanted = (files: FilesWanted): { filesWanted?: FilesWanted } =>
  files.mode === 'keep' ? {} : { filesWanted: files };

export const filesTakenOver = (state: TaskState, sessionId: string): TaskState =>
  withSession(state, sessionId, (session) => without(session, 'filesWanted'));

/** An accepted instruction without its session: the shape that `update`, `resume` and `answer` share. */
export function instructionOf(
  state: TaskState,
  input: Pick<CommandInput<'update' | 'resume'>, 'atMs' | 'commandId' | 'ids'>,
  told: { prompt: string; files?: TaskFile[] | undefined; requestedBy?: string | undefined },
  via: Instruction['via'] = 'update',
): Omit<Instruction, 'sessionId'> {
  return sized({
    id: input.ids.instruction,
    commandId: input.commandId,
    via,
    prompt: told.prompt,
    ...(told.files === undefined ? {} : { files: told.files }),
    ...byOf(told),
    acceptedAtMs: input.atMs,
    contextVersion: state.contextVersion + 1,
    interrupts: false,
    delivered: false,
    spent: 0,
    failures: 0,
  });
}

function withNewSession(state: TaskState, input: CommandInput<'update'>, id: string): TaskState {
  const number = (state.sessions.at(-1)?.number ?? 0) + 1;
  const session = newSession({
    id,
    number,
    atMs: input.atMs,
    contextVersion: state.contextVersion,
    ...byOf(input.payload),
  });
  return { ...state, sessions: [...state.sessions, session] };
}
