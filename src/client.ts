// The typed client for services: start a task, send it commands, ask it, follow it, wait for its result.
// A thin layer over `@temporalio/client`; any Temporal client of any language does the same with the names and shapes
// of contract/ (schema/taskrun.schema.json).
import { randomUUID } from 'node:crypto';
import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { z } from 'zod';
import { InvalidInputError, TaskAlreadyOpenError } from './client/errors.js';
import { type Execution, listExecutions } from './client/execution.js';
import { type Snapshot } from './client/snapshot.js';
import { TaskHandle } from './client/task-handle.js';
import { type Config, readConfig } from './config.js';
import { TASK_QUEUE, WORKFLOW_TYPE } from './contract/names.js';
import { parseAs } from './contract/parse.js';
import { taskSpec } from './contract/spec.js';
import { startSummary } from './contract/start-summary.js';
import { excerpt } from './contract/text.js';

export * from './client/errors.js';
export { type CommandInput, TaskHandle } from './client/task-handle.js';
export type { CommandAnswer } from './contract/commands.js';
export type { AttemptView, SessionView, TaskMemo, TaskResult, TaskView, WaitingView } from './contract/views.js';
export type { Snapshot };

/** A task's spec as it is written: only `prompt` is required. */
export type TaskSpecInput = z.input<typeof taskSpec>;

export type StartOptions = {
  /** The workflow id; default `task-` and a uuid. Letters, digits and anything else Temporal takes, at most 1,000 characters. */
  taskId?: string;
  /** Default `taskrun`. */
  taskQueue?: string;
};

/** A task as the server lists it; `memo` is the task's own (`TaskMemo`), as it stands there. */
export type TaskListed = Execution;

export class TaskrunClient {
  /** @param client any connected Temporal client; its namespace is the tasks'. */
  constructor(
    readonly temporal: Client,
    private readonly taskQueue: string = TASK_QUEUE,
  ) {}

  /** Connects as the environment says (Temporal's own variables and profile, `TASKRUN_TASK_QUEUE`). @throws InvalidInputError */
  static async connect(config: Config = mustRead()): Promise<TaskrunClient> {
    const { connectionOptions, namespace } = config.temporal;
    const connection = await Connection.connect(connectionOptions);
    return new TaskrunClient(new Client({ connection, namespace }), config.taskQueue);
  }

  /**
   * Starts a task.
   * @throws InvalidInputError where the spec is refused (nothing was started), TaskAlreadyOpenError
   */
  async start(spec: TaskSpecInput, options: StartOptions = {}): Promise<TaskHandle> {
    const parsed = parseAs(taskSpec, spec, 'spec');
    if (!parsed.ok) throw new InvalidInputError(parsed.says);
    const taskId = checkTaskId(options.taskId ?? `task-${randomUUID()}`);
    try {
      await this.temporal.workflow.start(WORKFLOW_TYPE, {
        workflowId: taskId,
        taskQueue: options.taskQueue ?? this.taskQueue,
        args: [parsed.value],
        staticSummary: startSummary(parsed.value),
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      throw new TaskAlreadyOpenError(`Task "${taskId}" is open already: send it an update, or choose another id.`);
    }
    return this.task(taskId);
  }

  /** A handle of a task, open or closed; nothing is asked of the server yet. */
  task(taskId: string): TaskHandle {
    return new TaskHandle(this.temporal, taskId);
  }

  /** The tasks of the namespace, the newest first, each once; `filter` is a visibility query to add. */
  async *list(filter?: string): AsyncGenerator<TaskListed, void, void> {
    const tasks = `WorkflowType = "${WORKFLOW_TYPE}" AND ExecutionStatus != "ContinuedAsNew"`;
    const query = filter === undefined ? tasks : `${tasks} AND (${filter})`;
    yield* listExecutions(this.temporal, query);
  }

  async close(): Promise<void> {
    await this.temporal.connection.close();
  }
}

function checkTaskId(taskId: string): string {
  const allowed = 'a string of 1 to 1000 characters without control characters';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  if (taskId === '' || taskId.length > 1_000 || /[\u0000-\u001f\u007f]/.test(taskId)) {
    throw new InvalidInputError(`taskId: got ${JSON.stringify(excerpt(taskId, 60))}; allowed: ${allowed}`);
  }
  return taskId;
}

function mustRead(): Config {
  const read = readConfig();
  if (!read.ok) throw new InvalidInputError(read.says);
  return read.config;
}
