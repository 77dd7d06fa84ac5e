// Asking and telling a task in tests, by the plain client alone: no class of ours is between the test and the workflow.
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { CommandAnswer } from '../../src/contract/commands.js';
import { type AttemptView, type CommandView, type TaskView, taskView } from '../../src/contract/views.js';
import { until } from './poll.js';

/** The query `task`; its shape is held against the contract each time. */
export async function viewOf(handle: WorkflowHandle): Promise<TaskView> {
  return taskView.strict().parse(await handle.query('task'));
}

/** The first view that `fits`. */
export function viewWhen(
  handle: WorkflowHandle,
  what: string,
  fits: (view: TaskView) => boolean,
  timeoutMs = 60_000,
): Promise<TaskView> {
  return until(
    async () => {
      const view = await viewOf(handle);
      if (fits(view)) return view;
      throw new Error(JSON.stringify({ ...view, sessions: view.sessions.length }).slice(0, 3_000));
    },
    { what, timeoutMs, everyMs: 50 },
  );
}

export const phaseIs = (handle: WorkflowHandle, phase: TaskView['phase'], timeoutMs?: number): Promise<TaskView> =>
  viewWhen(handle, `phase ${phase}`, (view) => view.phase === phase, timeoutMs);

/** A command as an Update. */
export function tell(handle: WorkflowHandle, name: string, ...args: unknown[]): Promise<CommandAnswer> {
  return handle.executeUpdate<CommandAnswer, [unknown]>(name, { args: args as [unknown] });
}

/** The sentence with which an Update is refused. */
export async function refusalOf(handle: WorkflowHandle, name: string, ...args: unknown[]): Promise<string> {
  try {
    const answer = await tell(handle, name, ...args);
    throw new Error(`accepted: ${JSON.stringify(answer)}`);
  } catch (error) {
    if (error instanceof Error && error.cause instanceof Error) return error.cause.message;
    throw error;
  }
}

/** A command as a Signal; answers its record once the task has it. */
export async function signalled(handle: WorkflowHandle, name: string, payload: object = {}): Promise<CommandView> {
  const id = 'id' in payload ? String(payload.id) : randomUUID();
  await handle.signal(name, { ...payload, id });
  return recordOf(handle, id);
}

export function recordOf(handle: WorkflowHandle, id: string): Promise<CommandView> {
  return until(async () => (await viewOf(handle)).commands.find((record) => record.id === id), {
    what: `the record of command ${id}`,
  });
}

export async function attemptOf(handle: WorkflowHandle, number: number): Promise<AttemptView> {
  const found = (await viewOf(handle)).attempts.find((attempt) => attempt.number === number);
  if (found === undefined) throw new Error(`no attempt ${number}`);
  return found;
}

const { EventType, WorkflowTaskFailedCause } = temporal.api.enums.v1;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** The events of the newest run. */
export async function eventsOf({ client, workflowId }: WorkflowHandle): Promise<HistoryEvent[]> {
  return (await client.getHandle(workflowId).fetchHistory()).events ?? [];
}

export const namesOf = (events: HistoryEvent[]): string[] =>
  events.map((event) => EventType[event.eventType ?? 0]?.replace('EVENT_TYPE_', '') ?? '');

/** The runs of a task, oldest first: each continue-as-new begins one. */
export async function runsOf({
  client,
  workflowId,
}: WorkflowHandle): Promise<{ runId: string; events: HistoryEvent[] }[]> {
  const runs: { runId: string; events: HistoryEvent[] }[] = [];
  let runId: string | undefined = (await client.getHandle(workflowId).describe()).runId;
  while (runId !== undefined && runId !== '') {
    const events: HistoryEvent[] = (await client.getHandle(workflowId, runId).fetchHistory()).events ?? [];
    runs.unshift({ runId, events });
    runId = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? undefined;
  }
  return runs;
}

const {
  WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND: OVERTAKEN,
  WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND: FLUSH,
} = WorkflowTaskFailedCause;

/**
 * The workflow tasks of a task, in all its runs, that failed. Not among them are those that the server itself gives up
 * and asks for again: a command overtaken by a new event, and a buffer of new events that grew too large meanwhile. Nor one
 * that timed out: it was handed to a worker that ended just then.
 */
export async function failedWorkflowTasks(handle: WorkflowHandle): Promise<string[]> {
  const events = (await runsOf(handle)).flatMap((run) => run.events);
  return events.flatMap((event) => {
    const failed = event.workflowTaskFailedEventAttributes;
    if (failed != null && failed.cause !== OVERTAKEN && failed.cause !== FLUSH)
      return [`${WorkflowTaskFailedCause[failed.cause ?? 0]}: ${failed.failure?.message}`];
    return [];
  });
}
