// What became of a command that is answered at its acceptance and done a moment later: a fork, a milestone.
import { setTimeout as sleep } from 'node:timers/promises';
import { NoWorkerError } from '../client/errors.js';
import type { TaskHandle, TaskView } from '../client.js';
import { EXIT } from '../contract/exit-codes.js';
import { CliFailure } from './failure.js';

type CommandView = TaskView['commands'][number];

const WITHIN_MS = 15_000;
const AGAIN_MS = 150;
const OPEN = ['queued', 'working'];

/** Undefined: not yet. @throws CliFailure of exit code 1 where it was refused after all */
export async function settled(task: TaskHandle, commandId: string): Promise<CommandView | undefined> {
  const untilMs = Date.now() + WITHIN_MS;
  do {
    const command = await commandOf(task, commandId);
    if (command === undefined || !OPEN.includes(command.state)) return mustNotBeRefused(command);
    await sleep(AGAIN_MS);
  } while (Date.now() < untilMs);
  return undefined;
}

async function commandOf(task: TaskHandle, commandId: string): Promise<CommandView | undefined> {
  try {
    return (await task.view()).commands.find(({ id }) => id === commandId);
  } catch (error) {
    if (error instanceof NoWorkerError) return undefined;
    throw error;
  }
}

function mustNotBeRefused(command: CommandView | undefined): CommandView | undefined {
  if (command?.state === 'refused' || command?.state === 'dropped')
    throw new CliFailure(EXIT.failed, command.why ?? `${command.name}: ${command.state}`);
  return command;
}
