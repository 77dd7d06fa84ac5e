// One attempt as the workflow sees it: the request, the activity, and a report whatever becomes of it.
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { ActivityCancellationType, CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../contract/activities.js';
import {
  type AttemptProgress,
  type AttemptReport,
  type AttemptRequest,
  attemptProgress,
  attemptReport,
} from '../contract/attempt.js';
import { durationMs } from '../contract/duration.js';
import { FAULT_CLASSES, type FaultClass } from '../contract/fault.js';
import { BOUNDS, DEFAULTS } from '../contract/limits.js';
import { cut } from '../contract/text.js';
import { intentionOf } from '../domain/task/intention.js';
import { type Attempt, sessionOf, type TaskState } from '../domain/task/state.js';
import { attemptSummary } from '../view/summary.js';

/** A worker is called lost after ten missed heartbeats; heartbeats go out every two seconds. */
const HEARTBEAT_TIMEOUT_MS = 20_000;
/** Preparing before and ending after: only a backstop behind the attempt's own time-out. */
const MARGIN_MS = 15 * 60_000;

/** The attempt under way; `end()` asks for a gentle end, the report comes all the same. */
export type RunningAttempt = { end(): void };

/** Starts the attempt that the state holds as current; `done` is called once with its report. */
export function startAttempt(
  state: TaskState,
  attempt: Attempt,
  done: (report: AttemptReport) => void,
): RunningAttempt {
  const request = requestOf(state, attempt);
  const { attempt: run } = proxyActivities<Activities>({
    activityId: attempt.id,
    summary: attemptSummary(attempt.number, request.intention, attempt.cause),
    startToCloseTimeout: request.attemptTimeoutMs + MARGIN_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    // With the default the workflow would go on while the old process still works; a cancel ends in a report.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { maximumAttempts: 1 },
    ...(state.spec.priority === undefined ? {} : { priority: { priorityKey: state.spec.priority } }),
  });
  const scope = new CancellationScope();
  void scope
    .run(() => run(request))
    .then(
      (answer) => done(parseReport(answer, attempt)),
      (error: unknown) => done(reportOfFailure(error, attempt)),
    );
  return { end: () => scope.cancel() };
}

function requestOf(state: TaskState, attempt: Attempt): AttemptRequest {
  const instruction = state.queue.find((open) => open.id === attempt.instructionId);
  const session = sessionOf(state, attempt.sessionId);
  if (instruction === undefined || session === undefined)
    throw new TypeError(`attempt ${attempt.number} without its instruction`);
  const { limits, source } = state.spec;
  const { next } = instruction;
  return {
    taskId: state.taskId,
    incarnation: state.incarnation,
    attemptId: attempt.id,
    number: attempt.number,
    cause: attempt.cause,
    // The launch has been counted already; the intention asks whether there was one before.
    intention: intentionOf(attempt.cause, { ...session, attempts: session.attempts - 1 }),
    session: { id: session.id, seen: session.seen },
    instruction: {
      id: instruction.id,
      prompt: instruction.prompt,
      ...(instruction.files === undefined ? {} : { files: instruction.files }),
    },
    ...(next === undefined
      ? {}
      : {
          previous: {
            outcome: next.outcome,
            ...(next.host === undefined ? {} : { host: next.host }),
            ...(next.says === undefined ? {} : { says: next.says }),
          },
        }),
    ...(source?.dir === undefined ? {} : { workspaceDir: source.dir }),
    claude: { ...state.spec.claude, permissionMode: state.spec.claude?.permissionMode ?? DEFAULTS.permissionMode },
    attemptTimeoutMs: durationMs(limits?.attemptTimeout ?? DEFAULTS.attemptTimeout),
    silenceTimeoutMs: durationMs(limits?.silenceTimeout ?? DEFAULTS.silenceTimeout),
  };
}

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
    ...(progress.log === undefined ? {} : { log: progress.log }),
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
