// The workflow `taskRun`: one durable task. Handlers first, before anything is awaited; then the loop, out of reach
// of the workflow's own cancellation, which is an event like any other.
import { CancellationScope, proxyActivities, upsertMemo, workflowInfo } from '@temporalio/workflow';
import type { ShortActivities } from '../contract/activities.js';
import { MEMO_KEY, shortQueueOf } from '../contract/names.js';
import type { TaskResult } from '../contract/views.js';
import { handleCommands } from './commands.js';
import { workTask } from './loop.js';
import { Mirror } from './mirror.js';
import { invalidSpec, open } from './open-task.js';
import { answerAsFailed, handleQueries } from './queries.js';
import { RunningTask } from './running-task.js';

/**
 * @param args one JSON object, the task's spec (contract/spec.ts); only `prompt` is required.
 * @returns the result of the newest done instruction, when the task closes.
 * @throws ApplicationFailure of type `InvalidSpec`, never retried, where the spec is refused.
 */
export async function taskRun(...args: unknown[]): Promise<TaskResult> {
  const opened = open(args);
  if (!opened.ok) {
    answerAsFailed();
    upsertMemo({ [MEMO_KEY]: { phase: 'failed', waiting: null } });
    throw invalidSpec(opened.says);
  }
  const task = new RunningTask(opened.state);
  handleCommands(task);
  handleQueries(task);
  const mirror = new Mirror();
  CancellationScope.current().cancelRequested.catch(() => task.feed({ type: 'cancel', atMs: Date.now() }));
  return CancellationScope.nonCancellable(() => {
    void learnSearchAttributes(task, mirror);
    return workTask(task, mirror);
  });
}

/** In the background: a namespace that can't be asked costs the search attributes, never the task. */
async function learnSearchAttributes(task: RunningTask, mirror: Mirror): Promise<void> {
  const { knownSearchAttributes } = proxyActivities<ShortActivities>({
    taskQueue: shortQueueOf(workflowInfo().taskQueue),
    summary: 'which search attributes this namespace knows',
    startToCloseTimeout: '10s',
    scheduleToCloseTimeout: '10m',
    retry: { maximumInterval: '30s' },
  });
  try {
    mirror.know(await knownSearchAttributes());
    task.changes += 1;
  } catch {
    // Asked again in the next run.
  }
}
