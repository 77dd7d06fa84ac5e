// One attempt as the workflow sees it: the request, the activity, and a report whatever becomes of it.
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import {
  ActivityCancellationType,
  type ActivityOptions,
  CancellationScope,
  isCancellation,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../contract/activities.js';
import {
  type AttemptProgress,
  type AttemptReport,
  type AttemptRequest,
  attemptProgress,
  attemptReport,
} from '../contract/attempt.js';
import { FAULT_CLASSES, type FaultClass } from '../contract/fault.js';
import { BOUNDS } from '../contract/limits.js';
import { BUSY, hostQueueOf } from '../contract/names.js';
import { cut } from '../contract/text.js';
import { hostFirst } from '../domain/task/host-first.js';
import type { Attempt, TaskState } from '../domain/task/state.js';
import { attemptSummary } from '../view/summary.js';
import { requestOf } from './attempt-request.js';

/** A worker is called lost after ten missed heartbeats; heartbeats go out every two seconds. */
const HEARTBEAT_TIMEOUT_MS = 20_000;
/** Preparing before and ending after: only a backstop behind the attempt's own time-out. */
const MARGIN_MS = 60 * 60_000;

/** The attempt under way; `end()` asks for a gentle end, the report comes all the same. */
export type RunningAttempt = { end(): void };

/** Starts the attempt that the state holds as current; `done` is called once with its report. */
export function startAttempt(
  state: TaskState,
  attempt: Attempt,
  done: (report: AttemptReport) => void,
): RunningAttempt {
  const request = requestOf(state, attempt);
  const scope = new CancellationScope();
  void scope
    .run(() => run(state, attempt, request))
    .then(
      (answer) => done(parseReport(answer, attempt)),
      (error: unknown) => done(reportOfFailure(error, attempt)),
    );
  return { end: () => scope.cancel() };
}

/** On the host that has the workspace, where one is known; whichever worker is free when that one does not take it. */
async function run(state: TaskState, attempt: Attempt, request: AttemptRequest): Promise<AttemptReport> {
  const options: ActivityOptions = {
    activityId: attempt.id,
    summary: attemptSummary(attempt.number, request.intention, attempt.cause),
    startToCloseTimeout: request.attemptTimeoutMs + MARGIN_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    // With the default the workflow would go on while the old process still works; a cancel ends in a report.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
    ...(state.spec.priority === undefined ? {} : { priority: { priorityKey: state.spec.priority } }),
  };
  const first = hostFirst(state, attempt);
  if (first !== undefined) {
    const taskQueue = hostQueueOf(workflowInfo().taskQueue, first.hostId);
    const scheduleToStartTimeout = first.waitMs;
    try {
      return await proxyActivities<Activities>({ ...options, taskQueue, scheduleToStartTimeout }).attempt(request);
    } catch (error) {
      if (!wasNotTaken(error)) throw error;
    }
  }
  for (;;) {
    try {
      return await proxyActivities<Activities>(options).attempt(request);
    } catch (error) {
      if (!wasNotTaken(error)) throw error;
    }
  }
}

const wasNotTaken = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  ((error.cause instanceof TimeoutFailure && error.cause.timeoutType === 'SCHEDULE_TO_START') ||
    (error.cause instanceof ApplicationFailure && error.cause.type === BUSY));

function parseReport(answer: unknown, attempt: Attempt): AttemptReport {
  const parsed = attemptReport.safeParse(answer);
  if (parsed.success) return { ...parsed.data, attemptId: attempt.id };
  return failedReport(attempt, 'fault', {
    class: 'unknown',
    says: 'The worker answered with a report that this version does not understand.',
  });
}

/** Temporal's own failures stand in for a report, with what the last heartbeat said. */
function reportOfFailure(error: unknown, attempt: Attempt): AttemptReport {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return lostReport(cause, attempt);
  // Cancelled before any worker took it: nothing was launched.
  if (isCancellation(error)) return failedReport(attempt, 'ended');
  const says = cause instanceof Error ? cause.message : 'unknown failure';
  const type = cause instanceof ApplicationFailure ? FAULT_CLASSES.find((known) => known === cause.type) : undefined;
  return failedReport(attempt, 'fault', { class: type ?? 'unknown', says: cut(says, BOUNDS.problemChars) });
}

function lostReport(failure: TimeoutFailure, attempt: Attempt): AttemptReport {
  const progress = attemptProgress.safeParse(failure.lastHeartbeatDetails);
  const heartbeat = failure.timeoutType === 'HEARTBEAT';
  const where = progress.success ? ` on ${progress.data.host}` : '';
  const says = heartbeat
    ? `The worker${where} was lost: no heartbeat for ${HEARTBEAT_TIMEOUT_MS / 1_000} s.`
    : `The worker${where} did not end the attempt in time.`;
  const report = failedReport(attempt, 'lost', { class: 'lost', says });
  return progress.success ? { ...report, ...lastKnown(progress.data) } : report;
}

function lastKnown(progress: AttemptProgress): Partial<AttemptReport> {
  const { host, seen, delivered, turns, startedAt } = progress;
  return {
    host,
    seen,
    delivered,
    turns,
    startedAt,
    ...(progress.sent === undefined ? {} : { sent: progress.sent }),
    ...(progress.lastWords === undefined ? {} : { text: progress.lastWords }),
    ...(progress.sessionCostUsd === undefined ? {} : { sessionCostUsd: progress.sessionCostUsd }),
    ...(progress.inheritedCostUsd === undefined ? {} : { inheritedCostUsd: progress.inheritedCostUsd }),
    ...(progress.log === undefined ? {} : { log: progress.log }),
    ...(progress.checkpoint === undefined ? {} : { checkpoint: progress.checkpoint }),
    ...(progress.hostId === undefined ? {} : { hostId: progress.hostId }),
  };
}

function failedReport(
  attempt: Attempt,
  outcome: 'ended' | 'lost' | 'fault',
  problem?: { class: FaultClass; says: string },
): AttemptReport {
  const at = new Date().toISOString();
  const startedAt = new Date(attempt.startedAtMs).toISOString();
  return {
    attemptId: attempt.id,
    outcome,
    sent: '',
    seen: false,
    delivered: false,
    turns: 0,
    startedAt,
    endedAt: at,
    ...(problem === undefined ? {} : { problem }),
  };
}
