// One task, from a service's point of view: send it commands, ask it, follow it, wait for its result.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { z } from 'zod';
import { commandIdOfUpdate } from '../contract/command-id.js';
import { type CommandAnswer, type CommandPayload, commandPayloads } from '../contract/commands.js';
import type { CommandName } from '../contract/names.js';
import { parseAs } from '../contract/parse.js';
import type { AttemptView, SessionView, TaskResult, TaskView, WaitingView } from '../contract/views.js';
import { InvalidInputError, NoWorkerError } from './errors.js';
import { inTurn } from './in-turn.js';
import { gaveUpUpdate, mapError } from './map-errors.js';
import { describeTask, type Snapshot } from './snapshot.js';

/** What a command takes, before defaults. */
export type CommandInput<N extends CommandName> = z.input<(typeof commandPayloads)[N]>;

const ANSWER_MS = 10_000;
/** An Update that the server gave up is sent again under its id, which makes it one command. */
const ATTEMPTS = 5;
const AGAIN_MS = 200;

export class TaskHandle {
  constructor(
    private readonly client: Client,
    readonly taskId: string,
  ) {}

  get #workflow(): WorkflowHandle {
    return this.client.workflow.getHandle(this.taskId);
  }

  /**
   * Sends a command as an Update and answers at its acceptance, never after an attempt.
   * @throws InvalidInputError, CommandRefusedError, TaskNotFoundError, NoWorkerError
   */
  async send<N extends CommandName>(name: N, payload: CommandInput<N>): Promise<CommandAnswer> {
    const parsed = this.#parse(name, payload);
    const updateId = parsed.id === undefined ? randomUUID() : commandIdOfUpdate(parsed.id);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#update(name, parsed, updateId);
      } catch (error) {
        if (!gaveUpUpdate(error) || attempt === ATTEMPTS) throw mapError(error, this.taskId);
        await sleep(AGAIN_MS * attempt);
      }
    }
  }

  /**
   * Sends a command as a Signal: taken also while no worker is up. Its fate stands in the `commands` of the task.
   * @returns the command's id
   */
  async signal<N extends CommandName>(name: N, payload: CommandInput<N>): Promise<string> {
    const parsed = this.#parse(name, payload);
    const id = parsed.id ?? randomUUID();
    await this.#mapped(this.#workflow.signal(name, { ...parsed, id }));
    return id;
  }

  /** The query `task`. @throws NoWorkerError, TaskNotFoundError */
  view(): Promise<TaskView> {
    return this.#query<TaskView>('task');
  }

  sessions(): Promise<SessionView[]> {
    return this.#query<SessionView[]>('sessions');
  }

  attempts(): Promise<AttemptView[]> {
    return this.#query<AttemptView[]>('attempts');
  }

  /** What the task waits for; null when nothing. */
  waiting(): Promise<WaitingView | null> {
    return this.#query<WaitingView | null>('waiting');
  }

  /** What can be seen now; without a worker that is memo and `describe`. @throws TaskNotFoundError */
  async snapshot(answerMs = 3_000): Promise<Snapshot> {
    const described = await this.#mapped(describeTask(this.client, this.taskId));
    try {
      return { ...described, view: await this.#query<TaskView>('task', answerMs) };
    } catch (error) {
      if (error instanceof NoWorkerError) return described;
      throw error;
    }
  }

  /** A snapshot each time something changed, from now until the task closes; looks every `everyMs` (default 1 s). */
  async *follow({
    everyMs = 1_000,
    signal,
  }: {
    everyMs?: number;
    signal?: AbortSignal;
  } = {}): AsyncGenerator<Snapshot, void, void> {
    let before = '';
    while (signal?.aborted !== true) {
      const snapshot = await this.snapshot();
      const now = JSON.stringify(snapshot);
      if (now !== before) yield snapshot;
      before = now;
      if (snapshot.closedAt !== undefined) return;
      await sleep(everyMs, undefined, { ...(signal === undefined ? {} : { signal }) }).catch(() => {});
    }
  }

  /**
   * The result, when the task closes.
   * @throws TaskNotFoundError, WorkflowFailedError where it was cancelled, terminated or its spec refused
   */
  async result(): Promise<TaskResult> {
    try {
      return (await this.#workflow.result()) as TaskResult;
    } catch (error) {
      // Its cause may hold any words: nothing is read into them.
      throw error instanceof WorkflowFailedError ? error : mapError(error, this.taskId);
    }
  }

  /** A gentle stop, then `cancelled`; nothing where the task is closed. @throws TaskNotFoundError */
  async cancel(): Promise<void> {
    await this.#mapped(this.#workflow.cancel());
  }

  /** Ends the task at once; the attempt learns of it at its next heartbeat. @throws TaskNotFoundError, also where it is closed */
  async terminate(reason: string): Promise<void> {
    await this.#mapped(this.#workflow.terminate(reason));
  }

  #parse<N extends CommandName>(name: N, payload: unknown): CommandPayload<N> {
    const parsed = parseAs<z.ZodType<CommandPayload<N>>>(commandPayloads[name] as never, payload, name);
    if (!parsed.ok) throw new InvalidInputError(parsed.says);
    return parsed.value;
  }

  #query<T>(name: string, withinMs = ANSWER_MS): Promise<T> {
    return this.#mapped(this.#within(withinMs, () => this.#workflow.query<T>(name)));
  }

  async #mapped<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      throw mapError(error, this.taskId);
    }
  }

  /** The wait for its turn counts too: without a worker many at once fail no later than one. */
  #update(name: CommandName, payload: unknown, updateId: string): Promise<CommandAnswer> {
    const deadline = Date.now() + ANSWER_MS;
    const send = () => this.#workflow.executeUpdate<CommandAnswer, [unknown]>(name, { args: [payload], updateId });
    return inTurn(this.client, this.taskId, () => this.client.connection.withDeadline(deadline, send));
  }

  #within<T>(ms: number, call: () => Promise<T>): Promise<T> {
    return this.client.connection.withDeadline(Date.now() + ms, call);
  }
}
