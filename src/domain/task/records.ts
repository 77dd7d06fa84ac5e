// The list of commands and their fates, and the ids that make a command one command.
import { rememberedKey } from '../../contract/command-id.js';
import type { CommandAnswer } from '../../contract/commands.js';
import { BOUNDS } from '../../contract/limits.js';
import type { CommandState } from '../../contract/views.js';
import type { CommandRecord, Remembered, TaskState } from './state.js';

/** Appends a command's record; the same id again (a refused one, mended) takes the old record's place. */
export function recordCommand(state: TaskState, record: CommandRecord): TaskState {
  const others = state.commands.filter((known) => known.id !== record.id);
  return { ...state, commands: [...others, record].slice(-BOUNDS.listed), commandsTotal: state.commandsTotal + 1 };
}

/** Moves a command on to its next state; one no longer listed has only its effect. */
export function settleCommand(state: TaskState, commandId: string, fate: CommandState, why?: string): TaskState {
  const commands = state.commands.map((record) => {
    if (record.id !== commandId) return record;
    const { why: _, ...rest } = record;
    return { ...rest, state: fate, ...(why === undefined ? {} : { why }) };
  });
  return { ...state, commands };
}

/** Remembers the answer that this id gets from now on. */
export function rememberAnswer(state: TaskState, answer: CommandAnswer): TaskState {
  const entry: Remembered = [
    rememberedKey(answer.commandId),
    answer.instructionId ?? null,
    answer.contextVersion,
    answer.position,
  ];
  return { ...state, remembered: [...state.remembered, entry].slice(-BOUNDS.rememberedIds) };
}

/** The first answer given to a command id, where it is still remembered. */
export function rememberedAnswer(state: TaskState, commandId: string): CommandAnswer | undefined {
  const key = rememberedKey(commandId);
  const entry = state.remembered.findLast(([known]) => known === key);
  if (entry === undefined) return undefined;
  const [, instructionId, contextVersion, position] = entry;
  return { commandId, ...(instructionId === null ? {} : { instructionId }), contextVersion, position };
}
