// The loop of a task: perform the next step, feed back what came of it, wait for the next change.
import {
  allHandlersFinished,
  CancelledFailure,
  condition,
  makeContinueAsNewFunc,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { assertNever } from '../contract/assert-never.js';
import type { TaskResult } from '../contract/views.js';
import { carry } from '../domain/task/carry.js';
import { type HistoryFill, nextStep } from '../domain/task/next-step.js';
import { type RunningAttempt, startAttempt } from './attempt.js';
import { startEffect } from './effects.js';
import type { Mirror } from './mirror.js';
import type { Carried } from './open-task.js';
import type { RunningTask } from './running-task.js';

export async function workTask(task: RunningTask, mirror: Mirror): Promise<TaskResult> {
  let running: RunningAttempt | undefined;
  for (;;) {
    mirror.show(task.state);
    const step = nextStep(task.state, historyFill(task));
    switch (step.do) {
      case 'launch':
        running = launch(task);
        break;
      case 'end':
        task.feed({ type: 'ending', atMs: Date.now(), attemptId: step.attemptId, reason: step.reason });
        running?.end();
        break;
      case 'effect':
        startEffect(task, step.effect);
        break;
      case 'wait':
        await nextChange(task, step.untilMs);
        break;
      case 'continueAsNew':
        await condition(allHandlersFinished);
        await continueAsNew(task);
        break;
      case 'close':
        return close(task, mirror);
      default:
        assertNever(step);
    }
  }
}

function launch(task: RunningTask): RunningAttempt | undefined {
  task.feed({ type: 'launched', atMs: Date.now(), attemptId: uuid4() });
  const { current } = task.state;
  return current === undefined
    ? undefined
    : startAttempt(task.state, current, (report) => task.feed({ type: 'report', atMs: Date.now(), report }));
}

/** The server carries the search attributes by itself, the memo (ours, and whatever the starter put there) it does not. */
async function continueAsNew(task: RunningTask): Promise<never> {
  const { memo } = workflowInfo();
  const next = makeContinueAsNewFunc<(input: Carried) => Promise<TaskResult>>({
    ...(memo === undefined ? {} : { memo }),
  });
  return next({ carried: carry(task.state) });
}

/** Any event wakes the loop; the end of a wait is an event too. */
async function nextChange(task: RunningTask, untilMs?: number): Promise<void> {
  const seen = task.changes;
  const changed = () => task.changes !== seen;
  if (untilMs === undefined) return condition(changed);
  const woken = await condition(changed, Math.max(1, untilMs - Date.now()));
  if (!woken) task.feed({ type: 'tick', atMs: Date.now() });
}

async function close(task: RunningTask, mirror: Mirror): Promise<TaskResult> {
  task.feed({ type: 'closed', atMs: Date.now() });
  mirror.show(task.state);
  await condition(allHandlersFinished);
  const { closed, result } = task.state;
  if (closed?.how === 'cancelled') throw new CancelledFailure('task cancelled');
  return result ?? { instructionId: null, text: '' };
}

const LONG_EVENTS = 500;
/** Far below what the server terminates a workflow for: 51,200 events, 50 MiB, 2,000 Updates, 10,000 Signals. */
const FULL = { events: 10_000, bytes: 10 * 1024 * 1024, updates: 1_500, signals: 8_000 };

function historyFill(task: RunningTask): HistoryFill {
  const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
  const full =
    historyLength > FULL.events ||
    historySize > FULL.bytes ||
    task.updates > FULL.updates ||
    task.signals > FULL.signals;
  if (full) return 'full';
  return historyLength > LONG_EVENTS || continueAsNewSuggested ? 'long' : 'short';
}
