// `resume`: picks up a given session or moment. With a prompt it is an update of that session; without one a nudge to its
// unfinished work; with no id where several sessions exist the task asks which one.
import { DEFAULTS } from '../../../contract/limits.js';
import { lift } from '../hold.js';
import { givenUpUnsaved } from '../line.js';
import { enqueue, moveForward, noRoomFor } from '../queue.js';
import {
  type FilesWanted,
  type Instruction,
  sessionOf,
  type TaskState,
  withInstruction,
  without,
  withSession,
} from '../state.js';
import { momentToPickUp } from './resume-moment.js';
import { filesTakenOver, instructionOf, wanted } from './update.js';
import { byOf, type CommandInput, knownSessions, type Verdict } from './verdict.js';

export function resume(state: TaskState, input: CommandInput<'resume'>): Verdict {
  const { payload } = input;
  if (payload.checkpoint !== undefined) return resumeMoment(state, input, payload.checkpoint);
  const files: FilesWanted = { mode: payload.onFileConflict ?? state.spec.onFileConflict ?? DEFAULTS.resumeFiles };
  const told = toldBy(state, input, files);
  if (told?.refused !== undefined) return told;

  const [only] = state.sessions;
  const sessionId = payload.sessionId ?? (state.sessions.length === 1 ? only?.id : undefined);
  if (sessionId === undefined) return ask(state, input, files, told?.instruction);
  if (sessionOf(state, sessionId) === undefined) {
    return { refused: `resume.sessionId: no session ${JSON.stringify(sessionId)}; ${knownSessions(state)}` };
  }
  return pickUp(state, sessionId, files, told?.instruction);
}

/** A moment behind its session's newest is gone on with as a fork, so that nothing newer is lost. */
function resumeMoment(state: TaskState, input: CommandInput<'resume'>, name: string): Verdict {
  const moment = momentToPickUp(state, input, name);
  if ('refused' in moment) return moment;
  const mode = input.payload.onFileConflict ?? state.spec.onFileConflict ?? DEFAULTS.resumeFiles;
  const files = { mode, checkpoint: moment.checkpoint };
  const told = toldBy(moment.state, input, files);
  if (told?.refused !== undefined) return told;
  return pickUp(givenUpUnsaved(moment.state), moment.sessionId, files, told?.instruction);
}

type Told =
  | { refused: string; instruction?: undefined }
  | { refused?: undefined; instruction: Omit<Instruction, 'sessionId'> };

function toldBy(state: TaskState, input: CommandInput<'resume'>, files: FilesWanted): Told | undefined {
  const { prompt } = input.payload;
  if (prompt === undefined) return undefined;
  const instruction = { ...instructionOf(state, input, { ...input.payload, prompt }, 'resume'), ...wanted(files) };
  const noRoom = noRoomFor(state, instruction);
  return noRoom === undefined ? { instruction } : { refused: `resume.prompt: ${noRoom}` };
}

/** Goes on with `sessionId`: also what an `answer` to the question does. */
export function pickUp(
  state: TaskState,
  sessionId: string,
  files: FilesWanted,
  told?: Omit<Instruction, 'sessionId'>,
): Verdict {
  if (told === undefined) return { state: nudge(state, sessionId, files), fate: 'done' };
  // Held work does not go on by itself: the session the operator picks goes first. After a back-off it does.
  const held = state.hold !== undefined && state.hold.kind !== 'backoff';
  const instruction: Instruction = { ...told, sessionId, interrupts: held };
  const contextVersion = Math.max(state.contextVersion, instruction.contextVersion);
  const queued = enqueue({ ...filesTakenOver(state, sessionId), contextVersion }, instruction);
  return { state: held ? lift(queued, 'resume') : queued, fate: 'queued', instructionId: instruction.id };
}

function nudge(state: TaskState, sessionId: string, files: FilesWanted): TaskState {
  const active = { ...state, activeSessionId: sessionId };
  const open = state.queue.find((instruction) => instruction.sessionId === sessionId);
  if (open === undefined)
    return noteFiles(state.hold?.kind === 'stopped' ? lift(active, 'resume') : active, sessionId, files);
  const forward = moveForward(lift(active, 'resume'), open.id);
  return withInstruction(forward, open.id, (one) => ({
    ...without(one, 'filesWanted'),
    ...wanted(files),
    ...(one.next === undefined ? {} : { next: { ...one.next, cause: 'resume' as const } }),
  }));
}

/** For the session's next instruction; what is only the default of a resume is not what was asked for. */
function noteFiles(state: TaskState, sessionId: string, files: FilesWanted): TaskState {
  const asked = files.checkpoint !== undefined || files.mode !== DEFAULTS.resumeFiles;
  return asked ? withSession(state, sessionId, (session) => ({ ...session, filesWanted: files })) : state;
}

function ask(
  state: TaskState,
  input: CommandInput<'resume'>,
  filesWanted: FilesWanted,
  instruction?: Omit<Instruction, 'sessionId'>,
): Verdict {
  if (state.question !== undefined) {
    return {
      refused: `resume: the task already asks which session ${state.question.commandId} means; answer it, drop that command, or name a sessionId; ${knownSessions(state)}`,
    };
  }
  const question = {
    commandId: input.commandId,
    atMs: input.atMs,
    ...byOf(input.payload),
    filesWanted,
    ...(instruction === undefined ? {} : { instruction }),
  };
  const contextVersion = instruction?.contextVersion ?? state.contextVersion;
  return {
    state: { ...state, contextVersion, question },
    fate: 'queued',
    ...(instruction === undefined ? {} : { instructionId: instruction.id }),
  };
}
