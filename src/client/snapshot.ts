// A task as far as it can be seen from outside: `describe` and the memo always, the live attempt's heartbeat while
// one works, the whole view while a worker answers.
import type { Client } from '@temporalio/client';
import { type AttemptProgress, attemptProgress } from '../contract/attempt.js';
import { type TaskMemo, type TaskView, taskMemo } from '../contract/views.js';
import { describeExecution } from './execution.js';

export type Snapshot = {
  taskId: string;
  runId: string;
  /** Temporal's own word: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, … */
  status: string;
  startedAt: Date;
  closedAt?: Date;
  /** Undefined before the task's first step, and for workflows that are no task of ours. */
  memo?: TaskMemo;
  /** The attempt under way: waiting for a worker, or what its last heartbeat told. */
  attempt?: { state: 'waiting for a worker' | 'working'; progress?: AttemptProgress };
  /** Undefined where no worker answers. */
  view?: TaskView;
};

type Pending = {
  activityType?: { name?: string | null } | null;
  state?: unknown;
  heartbeatDetails?: { payloads?: { data?: Uint8Array | null }[] | null } | null;
};
const STARTED = 2;

/** Everything but the view; needs no worker. */
export async function describeTask(client: Client, taskId: string): Promise<Omit<Snapshot, 'view'>> {
  const { execution, pendingActivities } = await describeExecution(client, taskId);
  const { memo: raw, ...described } = execution;
  const memo = taskMemo.safeParse(raw);
  const attempt = attemptOf(pendingActivities);
  return {
    ...described,
    ...(memo.success ? { memo: memo.data } : {}),
    ...(attempt === undefined ? {} : { attempt }),
  };
}

function attemptOf(pending: Pending[]): Snapshot['attempt'] {
  const attempt = pending.find((activity) => activity.activityType?.name === 'attempt');
  if (attempt === undefined) return undefined;
  if (attempt.state !== STARTED) return { state: 'waiting for a worker' };
  const progress = progressOf(attempt);
  return { state: 'working', ...(progress === undefined ? {} : { progress }) };
}

function progressOf(attempt: Pending): AttemptProgress | undefined {
  const data = attempt.heartbeatDetails?.payloads?.[0]?.data;
  if (data === undefined || data === null) return undefined;
  try {
    return attemptProgress.safeParse(JSON.parse(Buffer.from(data).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
