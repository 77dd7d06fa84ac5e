// The attempts in the history of one run, and the point of it at which each had ended: read from Temporal's own events,
// so that no worker is needed and no list of the task is too short.
import type { Client } from '@temporalio/client';

type Page = Awaited<ReturnType<Client['workflowService']['getWorkflowExecutionHistory']>>;
type HistoryEvent = NonNullable<NonNullable<NonNullable<Page['history']>['events']>[number]>;
export type EventId = NonNullable<HistoryEvent['eventId']>;

export type AttemptInRun = {
  runId: string;
  id: string;
  number: number;
  /** Undefined while it works. */
  ended?: {
    at: Date;
    /** As its report says; undefined where Temporal's own failure stands in for one. */
    outcome?: string;
    /** What it left, as far as its report or last heartbeat told. */
    checkpoint?: string;
    /** The workflow task that took its end in; undefined: not yet. */
    point?: EventId;
  };
};

export type RunHistory = {
  attempts: AttemptInRun[];
  /** The run before this one in the same task. */
  before?: string;
};

/** A page of events, prompts of 256 KiB among them, has to fit a message. */
const PAGE = 100;

export async function readRun(client: Client, workflowId: string, runId: string): Promise<RunHistory> {
  const { namespace } = client.options;
  const reading = new Reading(runId);
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution: { workflowId, runId },
      maximumPageSize: PAGE,
      nextPageToken,
    });
    for (const event of page.history?.events ?? []) reading.take(event);
    nextPageToken = page.nextPageToken ?? new Uint8Array();
  } while (nextPageToken.length > 0);
  return reading.result();
}

class Reading {
  #before: string | undefined;
  readonly #attempts = new Map<string, AttemptInRun>();
  readonly #scheduled = new Map<string, AttemptInRun>();

  constructor(private readonly runId: string) {}

  take(event: HistoryEvent): void {
    const { workflowExecutionStartedEventAttributes: started } = event;
    if (started != null) this.#before = started.continuedExecutionRunId || undefined;
    if (event.activityTaskScheduledEventAttributes != null) this.#onScheduled(event);
    const end = endOf(event);
    if (end !== undefined) this.#onEnded(event, end);
    if (event.workflowTaskCompletedEventAttributes != null) this.#onTaken(event);
  }

  result(): RunHistory {
    const attempts = [...this.#attempts.values()].toSorted((a, b) => a.number - b.number);
    return { attempts, ...(this.#before === undefined ? {} : { before: this.#before }) };
  }

  /** One that no host took in time is offered again under the same id: the newest offer counts. */
  #onScheduled({ eventId, activityTaskScheduledEventAttributes: scheduled }: HistoryEvent): void {
    if (scheduled?.activityType?.name !== 'attempt') return;
    const request = jsonOf(scheduled.input?.payloads?.[0]?.data);
    const [id, number] = [request?.['attemptId'], request?.['number']];
    if (typeof id !== 'string' || typeof number !== 'number') return;
    const attempt = { runId: this.runId, id, number };
    this.#attempts.set(id, attempt);
    this.#scheduled.set(String(eventId), attempt);
  }

  #onEnded({ eventTime }: HistoryEvent, { scheduledEventId, report }: End): void {
    const attempt = this.#scheduled.get(String(scheduledEventId));
    if (attempt === undefined) return;
    const [outcome, checkpoint] = [report?.['outcome'], report?.['checkpoint']];
    attempt.ended = {
      at: new Date(Number(eventTime?.seconds ?? 0) * 1_000 + Math.floor((eventTime?.nanos ?? 0) / 1_000_000)),
      ...(typeof outcome === 'string' ? { outcome } : {}),
      ...(typeof checkpoint === 'string' ? { checkpoint } : {}),
    };
  }

  #onTaken({ eventId }: HistoryEvent): void {
    if (eventId == null) return;
    for (const { ended } of this.#attempts.values()) if (ended !== undefined) ended.point ??= eventId;
  }
}

type End = { scheduledEventId: unknown; report: Record<string, unknown> | undefined };

function endOf(event: HistoryEvent): End | undefined {
  const {
    activityTaskCompletedEventAttributes: completed,
    activityTaskTimedOutEventAttributes: timedOut,
    activityTaskFailedEventAttributes: failed,
    activityTaskCanceledEventAttributes: cancelled,
  } = event;
  const ended = completed ?? timedOut ?? failed ?? cancelled;
  if (ended == null) return undefined;
  const heartbeat = timedOut?.failure?.timeoutFailureInfo?.lastHeartbeatDetails;
  const said = jsonOf((completed?.result ?? heartbeat)?.payloads?.[0]?.data);
  return { scheduledEventId: ended.scheduledEventId, report: said };
}

function jsonOf(data: Uint8Array | null | undefined): Record<string, unknown> | undefined {
  if (data == null) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
