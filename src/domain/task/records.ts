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
  const grown = [...state.remembered, entry];
  const remembered = grown.slice(-BOUNDS.rememberedIds);
  moveIndex(state.remembered, remembered, entry, grown.slice(0, -BOUNDS.rememberedIds));
  return { ...state, remembered };
}

/** Where each id stands, found anew for a list that has none: a flood of commands must not search 5,000 ids for each. */
const INDEXES = new WeakMap<readonly Remembered[], Map<string, Remembered>>();

function indexOf(remembered: readonly Remembered[]): Map<string, Remembered> {
  const known = INDEXES.get(remembered);
  if (known !== undefined) return known;
  const made = new Map(remembered.map((entry) => [entry[0], entry]));
  INDEXES.set(remembered, made);
  return made;
}

/** The index goes along to the list that follows; the former one gets its own again if it is ever asked. */
function moveIndex(from: Remembered[], to: Remembered[], added: Remembered, left: Remembered[]): void {
  const index = indexOf(from);
  INDEXES.delete(from);
  for (const entry of left) if (index.get(entry[0]) === entry) index.delete(entry[0]);
  INDEXES.set(to, index.set(added[0], added));
}

/** The first answer given to a command id, where it is still remembered. */
export function rememberedAnswer(state: TaskState, commandId: string): CommandAnswer | undefined {
  const key = rememberedKey(commandId);
  const entry = indexOf(state.remembered).get(key);
  if (entry === undefined) return undefined;
  const [, instructionId, contextVersion, position] = entry;
  return { commandId, ...(instructionId === null ? {} : { instructionId }), contextVersion, position };
}
