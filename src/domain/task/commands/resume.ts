// `resume`: picks up a given session. With a prompt it is an update of that session; without one a nudge to its
// unfinished work; with no id where several sessions exist the task asks which one.
import { lift } from '../hold.js';
import { enqueue, moveForward, noRoomFor } from '../queue.js';
import { type Instruction, sessionOf, type TaskState, withInstruction } from '../state.js';
import { instructionOf } from './update.js';
import { byOf, type CommandInput, knownSessions, type Verdict } from './verdict.js';

export function resume(state: TaskState, input: CommandInput<'resume'>): Verdict {
  const { payload } = input;
  const instruction =
    payload.prompt === undefined
      ? undefined
      : instructionOf(state, input, { ...payload, prompt: payload.prompt }, 'resume');
  const noRoom = instruction === undefined ? undefined : noRoomFor(state, instruction);
  if (noRoom !== undefined) return { refused: `resume.prompt: ${noRoom}` };

  const [only] = state.sessions;
  const sessionId = payload.sessionId ?? (state.sessions.length === 1 ? only?.id : undefined);
  if (sessionId === undefined) return ask(state, input, instruction);
  if (sessionOf(state, sessionId) === undefined) {
    return { refused: `resume.sessionId: no session ${JSON.stringify(sessionId)}; ${knownSessions(state)}` };
  }
  return pickUp(state, sessionId, instruction);
}

/** Goes on with `sessionId`: also what an `answer` to the question does. */
export function pickUp(state: TaskState, sessionId: string, told?: Omit<Instruction, 'sessionId'>): Verdict {
  if (told === undefined) return { state: nudge(state, sessionId), fate: 'done' };
  // Held work does not go on by itself: the session the operator picks goes first. After a back-off it does.
  const held = state.hold !== undefined && state.hold.kind !== 'backoff';
  const instruction: Instruction = { ...told, sessionId, interrupts: held };
  const moved = { ...state, contextVersion: Math.max(state.contextVersion, instruction.contextVersion) };
  const queued = enqueue(moved, instruction);
  return { state: held ? lift(queued, 'resume') : queued, fate: 'queued', instructionId: instruction.id };
}

function nudge(state: TaskState, sessionId: string): TaskState {
  const active = { ...state, activeSessionId: sessionId };
  const open = state.queue.find((instruction) => instruction.sessionId === sessionId);
  if (open === undefined) return state.hold?.kind === 'stopped' ? lift(active, 'resume') : active;
  const forward = moveForward(lift(active, 'resume'), open.id);
  return withInstruction(forward, open.id, (one) =>
    one.next === undefined ? one : { ...one, next: { ...one.next, cause: 'resume' } },
  );
}

function ask(state: TaskState, input: CommandInput<'resume'>, instruction?: Omit<Instruction, 'sessionId'>): Verdict {
  if (state.question !== undefined) {
    return {
      refused: `resume: the task already asks which session ${state.question.commandId} means; answer it, drop that command, or name a sessionId; ${knownSessions(state)}`,
    };
  }
  const question = {
    commandId: input.commandId,
    atMs: input.atMs,
    ...byOf(input.payload),
    ...(instruction === undefined ? {} : { instruction }),
  };
  const contextVersion = instruction?.contextVersion ?? state.contextVersion;
  return {
    state: { ...state, contextVersion, question },
    fate: 'queued',
    ...(instruction === undefined ? {} : { instructionId: instruction.id }),
  };
}
