// Sending a command: as an Update, which answers; where no worker answers, as a Signal under the same id, which waits
// for one. One id makes it one command, so that it never counts twice.
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { NoWorkerError } from '../client/errors.js';
import type { CommandAnswer, CommandInput, TaskHandle } from '../client.js';
import type { CommandName } from '../contract/names.js';
import type { CommonOptions } from './base-program.js';
import { withClient } from './connect.js';
import { commandLine } from './invocation.js';
import { type Output, openOutput } from './output.js';
import { plain } from './plain-text.js';
import { waitingText } from './task-text.js';

/** `signal`: no worker answered, the command waits in the task for one. */
export type Sent = { via: 'update'; answer: CommandAnswer } | { via: 'signal'; commandId: string };

export async function sendCommand<N extends CommandName>(
  task: TaskHandle,
  name: N,
  payload: CommandInput<N>,
): Promise<Sent> {
  const whole = { requestedBy: whoAsks(), ...payload, id: payload.id ?? randomUUID() };
  try {
    return { via: 'update', answer: await task.send(name, whole) };
  } catch (error) {
    if (!(error instanceof NoWorkerError)) throw error;
    return { via: 'signal', commandId: await task.signal(name, whole) };
  }
}

/** The user of this machine: a claim for people who read the task, no more. */
export function whoAsks(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

export type Telling = {
  taskId: string;
  options: CommonOptions;
  /** What its acceptance means, for people. */
  accepted: (answer: CommandAnswer) => string;
};

/** The whole of a command that only sends: sends it and tells what became of it. */
export async function tell<N extends CommandName>(telling: Telling, name: N, payload: CommandInput<N>): Promise<void> {
  const out = openOutput(telling.options);
  await withClient(telling.options, async ({ client }) => {
    sayToldOf(out, telling, name, await sendCommand(client.task(telling.taskId), name, payload));
  });
}

export function sayToldOf(out: Output, { options, taskId, accepted }: Telling, name: CommandName, sent: Sent): void {
  if (sent.via === 'update') return out.result(accepted(sent.answer), sent.answer);
  const says = `No worker answered. The command waits in the task and takes effect when one comes: ${commandLine(options, 'worker')}`;
  out.result(`${name}: sent, not answered yet (command ${plain(sent.commandId)})`, {
    commandId: sent.commandId,
    sentAs: 'signal',
    says,
  });
  out.note(`${says}\nIts fate:  ${commandLine(options, 'show', taskId)}`);
}

/** An instruction that is accepted while the task waits for somebody does not start by itself: that is worth a word. */
export async function sayWait(out: Output, task: TaskHandle, options: CommonOptions): Promise<void> {
  if (out.json) return;
  const { status, ...seen } = await task.snapshot();
  if (status === 'RUNNING' && seen.view?.phase === 'waiting')
    out.note(waitingText(plain({ status, ...seen }), out.notePaint, options));
}
