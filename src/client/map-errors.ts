// Temporal's errors → ours. Anything unknown passes as it is.
import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { CommandRefusedError, NoWorkerError, TaskNotFoundError } from './errors.js';

const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const CANCELLED = 1;

/** Ours keeps the one it stands for as its cause. */
export function mapError(error: unknown, taskId: string): unknown {
  const mapped = sayError(error, taskId);
  if (mapped !== error && mapped instanceof Error) mapped.cause = error;
  return mapped;
}

function sayError(error: unknown, taskId: string): unknown {
  if (error instanceof WorkflowUpdateFailedError) return new CommandRefusedError(error.cause?.message ?? error.message);
  if (error instanceof WorkflowNotFoundError || codeOf(error) === NOT_FOUND) return notFound(taskId);
  if (/workflow task (in failed state|failure)/i.test(textOf(error))) return failing(taskId);
  if (/limit on the total number of distinct updates/i.test(textOf(error))) return tooManyUpdates(taskId);
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || error instanceof QueryNotRegisteredError)
    return noWorker(taskId);
  if ([DEADLINE_EXCEEDED, FAILED_PRECONDITION, CANCELLED].includes(codeOf(error) ?? -1)) return noWorker(taskId);
  return error;
}

/**
 * True where an Update was given up on the way and may be sent again under its id: the workflow task that brought it
 * was overtaken by other events ("unexpected workflow task failure", seen under a flood of Signals), or its run ended
 * (the server hands it on to the next run, where there is one, by itself).
 */
export const gaveUpUpdate = (error: unknown): boolean =>
  /unexpected workflow task failure|aborted by closing workflow|workflow completed before the update/i.test(
    textOf(error),
  );

/** The gRPC status of an error or of the one that caused it. */
export function codeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : undefined;
}

const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.message} ${error.cause === undefined ? '' : textOf(error.cause)}` : '';

const notFound = (taskId: string): TaskNotFoundError =>
  new TaskNotFoundError(`There is no open task "${taskId}" here: it is closed, or the id or the namespace is another.`);

const noWorker = (taskId: string): NoWorkerError =>
  new NoWorkerError(
    `No worker answered for task "${taskId}". Start one (taskrun worker); what was sent as a Signal waits for it.`,
  );

const failing = (taskId: string): NoWorkerError =>
  new NoWorkerError(
    `The workers can't take the next step of task "${taskId}" just now; the server lets them try again. Ask again, and see the workers' log where it lasts.`,
  );

/** The server's limit for one run; the task begins another run before it, as soon as its attempt has ended gently. */
const tooManyUpdates = (taskId: string): CommandRefusedError =>
  new CommandRefusedError(
    `Task "${taskId}" can't take more Updates until its attempt has ended, which it was asked to do: try again in a moment, or send a Signal.`,
  );
