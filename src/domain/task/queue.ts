// The open instructions of a task and their order: accepted order, but an interrupting one goes first and takes
// the place of delivered, unfinished work in its session; undelivered work waits behind it.
import { BOUNDS } from '../../contract/limits.js';
import { jsonBytes, utf8Bytes } from '../../contract/text.js';
import { settleCommand } from './records.js';
import { type Instruction, sessionOf, type TaskState, without } from './state.js';

/** What an instruction gains while it is open: its session, this size, how its newest attempt ended. */
const GAINS_BYTES = 256;

/** An instruction with its size noted, so that room is counted without writing the queue out each time. */
export const sized = <T extends object>(instruction: T): T & { bytes: number } => ({
  ...instruction,
  bytes: jsonBytes(instruction) + GAINS_BYTES,
});

type Told = Pick<Instruction, 'prompt' | 'bytes'>;

/** A sentence where the open instructions would outgrow what a task takes or can carry. */
export function noRoomFor(state: TaskState, instruction: Told): string | undefined {
  const asked = state.question?.instruction;
  const open: Told[] = [...state.queue, ...(asked === undefined ? [] : [asked]), instruction];
  const promptBytes = open.reduce((sum, one) => sum + promptBytesOf(one), 0);
  const carriedBytes = open.reduce((sum, one) => sum + one.bytes, 0);
  return (
    sayTooMuch('prompts of this task', promptBytes, BOUNDS.openBytes) ??
    sayTooMuch('instructions of this task, as they are carried,', carriedBytes, BOUNDS.openCarriedBytes)
  );
}

/** Counted once an instruction: the prompts of a full queue are a megabyte, looked at for each command of a flood. */
const PROMPT_BYTES = new WeakMap<Told, number>();

function promptBytesOf(told: Told): number {
  const bytes = PROMPT_BYTES.get(told) ?? utf8Bytes(told.prompt);
  PROMPT_BYTES.set(told, bytes);
  return bytes;
}

function sayTooMuch(what: string, bytes: number, allowedBytes: number): string | undefined {
  if (bytes <= allowedBytes) return undefined;
  return `the open ${what} would take ${Math.ceil(bytes / 1024)} KiB; allowed: ${allowedBytes / 1024} KiB in all; wait for some to be done, or drop one`;
}

/** Adds an accepted instruction and makes its session the active one. */
export function enqueue(state: TaskState, instruction: Instruction): TaskState {
  const active = { ...state, activeSessionId: instruction.sessionId };
  if (!instruction.interrupts) return { ...active, queue: [...state.queue, instruction] };
  return replaceUnfinished({ ...active, queue: [instruction, ...state.queue] });
}

/**
 * Drops what an interrupting instruction ahead of it replaces: delivered, unfinished work of the same session, and the
 * work that the operator was asked about because its session can't be used any more. The one under way is judged when
 * its report says whether it was delivered.
 */
export function replaceUnfinished(state: TaskState): TaskState {
  return state.queue.reduce((next, open, at) => {
    if (open.id === state.current?.instructionId) return next;
    const instead = state.queue.slice(0, at).find((ahead) => ahead.interrupts && takesPlaceOf(ahead, open, state));
    if (instead === undefined) return next;
    return removeInstruction(next, open.id, 'dropped', `interrupted: ${instead.commandId} took its place`);
  }, state);
}

function takesPlaceOf(ahead: Instruction, open: Instruction, state: TaskState): boolean {
  if (open.delivered && ahead.sessionId === open.sessionId) return true;
  const asked = state.hold?.kind === 'operator' && state.hold.instructionId === open.id;
  return asked && sessionOf(state, open.sessionId)?.broken !== undefined;
}

/** Takes an instruction out of the queue and settles its command; a hold that was about it goes with it. */
export function removeInstruction(state: TaskState, id: string, fate: 'done' | 'dropped', why?: string): TaskState {
  const open = state.queue.find((instruction) => instruction.id === id);
  if (open === undefined) return state;
  const left = { ...state, queue: state.queue.filter((instruction) => instruction.id !== id) };
  const settled = settleCommand(left, open.commandId, fate, why);
  return holdIsAbout(settled, id) ? without(settled, 'hold') : settled;
}

const holdIsAbout = (state: TaskState, instructionId: string): boolean =>
  state.hold !== undefined && state.hold.kind !== 'stopped' && state.hold.instructionId === instructionId;

/** Moves an open instruction to where it is worked next: behind the one under way, else to the front. */
export function moveForward(state: TaskState, id: string): TaskState {
  const open = state.queue.find((instruction) => instruction.id === id);
  // What is first already is worked next, also where it interrupts the one under way.
  if (open === undefined || open === state.queue[0] || open.id === state.current?.instructionId) return state;
  const others = state.queue.filter((instruction) => instruction.id !== id);
  const at = state.current === undefined ? 0 : 1;
  return { ...state, queue: [...others.slice(0, at), open, ...others.slice(at)] };
}

/** Instructions ahead of this one. */
export const positionOf = (state: TaskState, id: string): number => state.queue.findIndex((open) => open.id === id);
