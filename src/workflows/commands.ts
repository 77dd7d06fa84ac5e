// The border for commands: whatever a Signal or an Update brings is hostile until parsed, and no handler throws.
// A Signal's refusal is recorded, since it can't answer; an Update's validator refuses and leaves no trace.
import {
  ApplicationFailure,
  currentUpdateInfo,
  defineSignal,
  defineUpdate,
  setDefaultSignalHandler,
  setHandler,
  uuid4,
} from '@temporalio/workflow';
import { commandIdOfUpdate, idOf } from '../contract/command-id.js';
import { type Command, type CommandAnswer, commandPayloads } from '../contract/commands.js';
import { COMMAND_HELP } from '../contract/handlers.js';
import { COMMANDS, type CommandName, LATER_COMMANDS } from '../contract/names.js';
import { nearest } from '../contract/nearest.js';
import { type Parsed, parseAs } from '../contract/parse.js';
import { shapeProblem } from '../contract/shape.js';
import { excerpt } from '../contract/text.js';
import { decide } from '../domain/task/commands/decide.js';
import { rememberedAnswer } from '../domain/task/records.js';
import { unfoldSignals } from './folded-signals.js';
import { sentName } from './reserved-names.js';
import type { RunningTask } from './running-task.js';
import { sayBinary, Undecodable } from './undecodable.js';

export function handleCommands(task: RunningTask): void {
  // The first of all: what came before the task's first step is handed over at registration, name by name; the default
  // handler alone gets it in the order in which it was sent.
  setDefaultSignalHandler((name, ...args) => {
    for (const signal of unfoldSignals(name, args)) onAnySignal(task, sentName(signal.name), signal.args);
  });
  for (const name of COMMANDS) {
    const description = COMMAND_HELP[name];
    setHandler(defineSignal<unknown[]>(name), (...args) => onSignal(task, name, args), { description });
    setHandler(defineUpdate<CommandAnswer, unknown[]>(name), (...args) => onUpdate(task, name, args), {
      description,
      validator: (...args) => validateUpdate(task, name, args),
    });
  }
}

function onAnySignal(task: RunningTask, name: string, args: unknown[]): void {
  const known = COMMANDS.find((command) => command === name);
  if (known === undefined) onUnknownSignal(task, name, args);
  else onSignal(task, known, args);
}

function onSignal(task: RunningTask, name: CommandName, args: unknown[]): void {
  task.received('signals');
  const commandId = idOf(args[0]) ?? uuid4();
  if (rememberedAnswer(task.state, commandId) !== undefined) return;
  const parsed = parseCommand(name, args);
  if (parsed.ok) task.feed(commandEvent(commandId, parsed.value));
  else task.feed({ type: 'refused', atMs: Date.now(), commandId, name, why: parsed.says, payload: shown(args) });
}

function onUpdate(task: RunningTask, name: CommandName, args: unknown[]): CommandAnswer {
  task.received('updates');
  const commandId = updateCommandId(args);
  const parsed = parseCommand(name, args);
  if (parsed.ok) task.feed(commandEvent(commandId, parsed.value));
  const answer = rememberedAnswer(task.state, commandId);
  // Between validator and handler another command of the same activation may have closed the way.
  if (answer === undefined)
    throw refusal(task.state.commands.find(({ id }) => id === commandId)?.why ?? `${name}: refused`);
  return answer;
}

/** Reads only: a change made here would stick without a trace in history and break replay. */
function validateUpdate(task: RunningTask, name: CommandName, args: unknown[]): void {
  const commandId = updateCommandId(args);
  if (rememberedAnswer(task.state, commandId) !== undefined) return;
  const parsed = parseCommand(name, args);
  if (!parsed.ok) throw refusal(parsed.says);
  const verdict = decide(task.state, {
    type: 'command',
    atMs: Date.now(),
    commandId,
    command: parsed.value,
    ids: NO_IDS,
  });
  if (verdict.refused !== undefined) throw refusal(verdict.refused);
}

const refusal = (says: string): ApplicationFailure => ApplicationFailure.nonRetryable(says, 'Refused');

function onUnknownSignal(task: RunningTask, name: string, args: unknown[]): void {
  task.received('signals');
  const later = LATER_COMMANDS.find((known) => known === name);
  const near = nearest(name, COMMANDS);
  const hint = near === undefined ? `commands: ${COMMANDS.join(', ')}` : `did you mean "${near}"?`;
  const why =
    later === undefined
      ? `no command of this name; ${hint}`
      : `${later} is not built in this version; nothing was changed`;
  task.feed({
    type: 'refused',
    atMs: Date.now(),
    commandId: idOf(args[0]) ?? uuid4(),
    name: excerpt(name, 60),
    why,
    payload: shown(args),
  });
}

/** An Update's own id makes it one command, unless its payload brings another. */
const updateCommandId = (args: unknown[]): string => idOf(args[0]) ?? commandIdOfUpdate(currentUpdateInfo()?.id ?? '');

const commandEvent = (commandId: string, command: Command) =>
  ({ type: 'command', atMs: Date.now(), commandId, command, ids: idsFor(command.name) }) as const;

/**
 * Drawn for all commands of the first version, whether they need them or not: each uuid sets those that follow. `fork` and
 * `mark` were unknown to it and drew none; histories with one that was refused replay only if that stays so.
 */
const idsFor = (name: CommandName): { instruction: string; session: string } =>
  name === 'fork' || name === 'mark' ? NO_IDS : { instruction: uuid4(), session: uuid4() };
const NO_IDS = { instruction: '', session: '' };

/** No argument at all stands for `{}`: an operator who stops a task types nothing. */
function parseCommand(name: CommandName, args: unknown[]): Parsed<Command> {
  const [payload = {}] = args;
  if (args.length > 1) return { ok: false, says: `${name}: got more than one argument; allowed: one JSON object` };
  if (payload instanceof Undecodable) return { ok: false, says: `${name}: got ${payload.says}` };
  if (ArrayBuffer.isView(payload)) return { ok: false, says: `${name}: got ${sayBinary(payload)}` };
  const parsed = parseAs(commandPayloads[name], payload, name);
  return parsed.ok ? { ok: true, value: { name, payload: parsed.value } as Command } : parsed;
}

/** What came, for the record of a refusal; nothing where its very shape is hostile: JSON of a great depth overflows. */
function shown(args: unknown[]): unknown {
  const [payload] = args;
  if (args.length > 1) return undefined;
  if (payload instanceof Undecodable) return { undecodable: payload.encoding, bytes: payload.bytes };
  if (ArrayBuffer.isView(payload)) return { binary: true, bytes: payload.byteLength };
  return shapeProblem(payload) === undefined ? payload : undefined;
}
