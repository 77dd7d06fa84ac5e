// What a task does outside of its attempts: starts a child task, has the store keep a milestone. Each runs beside the
// loop and feeds back what came of it; none throws.
import { ActivityFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, proxyActivities, startChild, workflowInfo } from '@temporalio/workflow';
import type { ShortActivities } from '../contract/activities.js';
import { assertNever } from '../contract/assert-never.js';
import { shortQueueOf, WORKFLOW_TYPE } from '../contract/names.js';
import { parseAs } from '../contract/parse.js';
import { type TaskSpec, taskSpec } from '../contract/spec.js';
import { startSummary } from '../contract/start-summary.js';
import { cut } from '../contract/text.js';
import type { Effect, TaskState } from '../domain/task/state.js';
import type { RunningTask } from './running-task.js';

/** How long the store may be out of reach before a milestone is refused. */
const MILESTONE_WITHIN = '10m';

export function startEffect(task: RunningTask, effect: Effect): void {
  const { commandId } = effect;
  task.feed({ type: 'effectStarted', atMs: Date.now(), commandId });
  void perform(task.state, effect).then(
    (why) => task.feed({ type: 'effectDone', atMs: Date.now(), commandId, why }),
    (error: unknown) => task.feed({ type: 'effectDone', atMs: Date.now(), commandId, refused: sayWhy(effect, error) }),
  );
}

async function perform(state: TaskState, effect: Effect): Promise<string> {
  switch (effect.kind) {
    case 'fork':
      return startFork(state, effect);
    case 'mark':
      return keepMilestone(state, effect);
    default:
      return assertNever(effect);
  }
}

/** Abandoned: it outlives this task, its continue-as-new and its close. */
async function startFork(state: TaskState, effect: Extract<Effect, { kind: 'fork' }>): Promise<string> {
  const parsed = parseAs(taskSpec, forkSpec(state, effect), 'the new task');
  if (!parsed.ok) throw new TypeError(parsed.says);
  const spec = parsed.value;
  await startChild<(spec: TaskSpec) => Promise<unknown>>(WORKFLOW_TYPE, {
    workflowId: effect.taskId,
    taskQueue: workflowInfo().taskQueue,
    args: [spec],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: startSummary(spec),
  });
  return `task ${effect.taskId} is at work`;
}

/** The same rules as its parent's, in a workspace of its own. */
function forkSpec({ spec }: TaskState, { prompt, forkOf, by }: Extract<Effect, { kind: 'fork' }>): TaskSpec {
  const { source, title: _, requestedBy: __, ...rules } = spec;
  const { taskId = '', ...moment } = forkOf;
  return {
    ...rules,
    prompt,
    from: { taskId, ...moment },
    ...(source === undefined || source.dir !== undefined ? {} : { source }),
    ...(by === undefined ? {} : { requestedBy: by }),
  };
}

async function keepMilestone(
  state: TaskState,
  { label, checkpoint }: Extract<Effect, { kind: 'mark' }>,
): Promise<string> {
  const { keepMilestone: keep } = proxyActivities<ShortActivities>({
    taskQueue: shortQueueOf(workflowInfo().taskQueue),
    summary: `milestone ${label}`,
    startToCloseTimeout: '1m',
    scheduleToCloseTimeout: MILESTONE_WITHIN,
    retry: { maximumInterval: '30s' },
  });
  await keep({ taskId: state.taskId, incarnation: state.incarnation, label, checkpoint });
  return `checkpoint ${checkpoint.slice(0, 12)}`;
}

function sayWhy(effect: Effect, error: unknown): string {
  if (error instanceof WorkflowExecutionAlreadyStartedError && effect.kind === 'fork')
    return `fork: there is a task ${JSON.stringify(effect.taskId)} already; choose another taskId`;
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  return cut(`${effect.kind}: ${cause instanceof Error ? cause.message : 'failed'}`, 500);
}
