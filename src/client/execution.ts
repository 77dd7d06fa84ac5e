// What the server itself says of a task: asked raw, since the SDK's own calls decode every memo and throw at one that
// this client can't read (another team's encryption): one such task would hide all others.
import type { Client } from '@temporalio/client';
import { MEMO_KEY, type SearchAttributeName } from '../contract/names.js';

export type Execution = {
  taskId: string;
  runId: string;
  /** Temporal's own word: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, … */
  status: string;
  startedAt: Date;
  closedAt?: Date;
  /** Ours, as it stands there. */
  memo?: unknown;
};

type Described = Awaited<ReturnType<Client['workflowService']['describeWorkflowExecution']>>;
type Raw = NonNullable<Described['workflowExecutionInfo']>;

/** The server's numbers, in the order of its enum; CANCELLED as the SDK spells it. */
const STATUSES = [
  'UNSPECIFIED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'PAUSED',
];

export type DescribedExecution = {
  execution: Execution;
  /** A workflow id used again is another task: this tells them apart. */
  firstRunId: string;
  /** What it was started with, as one line. */
  summary?: string;
  /** `TaskRunSessions`, where the namespace knows that attribute. */
  sessionIds?: string[];
  pendingActivities: Described['pendingActivities'];
};

export async function describeExecution(client: Client, workflowId: string): Promise<DescribedExecution> {
  const { namespace } = client.options;
  const answer = await client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
  const info = answer.workflowExecutionInfo ?? {};
  const execution = executionOf(info);
  const summary = jsonOf(answer.executionConfig?.userMetadata?.summary?.data);
  const sessionIds = jsonOf(
    info.searchAttributes?.indexedFields?.['TaskRunSessions' satisfies SearchAttributeName]?.data,
  );
  return {
    execution,
    firstRunId: info.firstRunId || execution.runId,
    ...(typeof summary === 'string' ? { summary } : {}),
    ...(sessionIds === undefined ? {} : { sessionIds: [sessionIds].flat().map(String) }),
    pendingActivities: answer.pendingActivities,
  };
}

export async function* listExecutions(client: Client, query: string): AsyncGenerator<Execution, void, void> {
  const { namespace } = client.options;
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.listWorkflowExecutions({ namespace, query, nextPageToken });
    for (const info of page.executions) yield executionOf(info);
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}

function executionOf(info: Raw): Execution {
  const memo = jsonOf(info.memo?.fields?.[MEMO_KEY]?.data);
  return {
    taskId: info.execution?.workflowId ?? '',
    runId: info.execution?.runId ?? '',
    status: STATUSES[info.status ?? 0] ?? 'UNKNOWN',
    startedAt: dateOf(info.startTime),
    ...(info.closeTime == null ? {} : { closedAt: dateOf(info.closeTime) }),
    ...(memo === undefined ? {} : { memo }),
  };
}

/** Undefined for what this client can't read. */
function jsonOf(data: Uint8Array | null | undefined): unknown {
  if (data == null) return undefined;
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
}

const dateOf = (at: Raw['startTime']): Date =>
  new Date(Number(at?.seconds ?? 0) * 1_000 + Math.floor((at?.nanos ?? 0) / 1_000_000));
