// The four queries. They read; a failed start answers too, so that an operator sees `failed` and not an error.
import { defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import { QUERY_HELP } from '../contract/handlers.js';
import type { AttemptView, SessionView, TaskView, WaitingView } from '../contract/views.js';
import { attemptViews, sessionViews, taskView } from '../view/task-view.js';
import { waitingOf } from '../view/waiting.js';
import type { RunningTask } from './running-task.js';

export function handleQueries(task: RunningTask): void {
  setHandler(defineQuery<TaskView>('task'), () => taskView(task.state), { description: QUERY_HELP.task });
  setHandler(defineQuery<SessionView[]>('sessions'), () => sessionViews(task.state), {
    description: QUERY_HELP.sessions,
  });
  setHandler(defineQuery<AttemptView[]>('attempts'), () => attemptViews(task.state), {
    description: QUERY_HELP.attempts,
  });
  setHandler(defineQuery<WaitingView | null>('waiting'), () => waitingOf(task.state) ?? null, {
    description: QUERY_HELP.waiting,
  });
}

/** A task whose spec was refused. The sentence is the workflow's failure. */
export function answerAsFailed(): void {
  const { workflowId, runStartTime } = workflowInfo();
  const at = runStartTime.toISOString();
  const empty = {
    contextVersion: 0,
    activeSessionId: null,
    costUsd: 0,
    queued: 0,
    sessions: [],
    sessionsTotal: 0,
    attempts: [],
    commands: [],
    milestones: [],
  };
  const totals = { commandsTotal: 0, attemptsTotal: 0, refusedTotal: 0 };
  const failed: TaskView = { taskId: workflowId, phase: 'failed', ...empty, ...totals, startedAt: at, updatedAt: at };
  setHandler(defineQuery<TaskView>('task'), () => failed, { description: QUERY_HELP.task });
  setHandler(defineQuery<SessionView[]>('sessions'), () => []);
  setHandler(defineQuery<AttemptView[]>('attempts'), () => []);
  setHandler(defineQuery<null>('waiting'), () => null);
}
