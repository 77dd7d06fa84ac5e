// Signals and Updates as nobody's client would send them: raw gRPC, payloads made by hand.
import { randomUUID } from 'node:crypto';
import type { Connection, WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

export type RawPayload = temporal.api.common.v1.IPayload;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A payload with this encoding, as text or bytes, and whatever else its metadata is to hold. */
export const payload = (
  encoding: string | Uint8Array | undefined,
  data?: string | Uint8Array,
  metadata: Record<string, Uint8Array> = {},
): RawPayload => ({
  metadata: {
    ...metadata,
    ...(encoding === undefined ? {} : { encoding: typeof encoding === 'string' ? bytes(encoding) : encoding }),
  },
  ...(data === undefined ? {} : { data: typeof data === 'string' ? bytes(data) : data }),
});

/** JSON text as it stands, also where it is none. */
export const json = (text: string): RawPayload => payload('json/plain', text);

export async function rawSignal(
  connection: Connection,
  handle: WorkflowHandle,
  signalName: string,
  payloads: RawPayload[],
): Promise<void> {
  await connection.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId },
    signalName,
    requestId: randomUUID(),
    input: { payloads },
  });
}

const COMPLETED = 3;

/** What an Update came to: its answer's JSON, its failure's sentence, or the gRPC error's. */
export async function rawUpdate(
  connection: Connection,
  handle: WorkflowHandle,
  name: string,
  payloads: RawPayload[],
  updateId: string = randomUUID(),
): Promise<{ answer?: unknown; refused?: string }> {
  const response = await connection.workflowService.updateWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId },
    waitPolicy: { lifecycleStage: COMPLETED },
    request: { meta: { updateId, identity: 'raw' }, input: { name, args: { payloads } } },
  });
  const { failure, success } = response.outcome ?? {};
  if (failure != null) return { refused: failure.message ?? '' };
  const data = success?.payloads?.[0]?.data;
  return data == null ? {} : { answer: JSON.parse(Buffer.from(data).toString('utf8')) };
}

/** Starts a workflow of our type with these very arguments. */
export async function rawStart(
  connection: Connection,
  { taskQueue, payloads, memo }: { taskQueue: string; payloads: RawPayload[]; memo?: Record<string, RawPayload> },
): Promise<string> {
  const workflowId = `raw-${randomUUID()}`;
  await connection.workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId,
    workflowType: { name: 'taskRun' },
    taskQueue: { name: taskQueue },
    requestId: randomUUID(),
    identity: 'raw',
    input: { payloads },
    ...(memo === undefined ? {} : { memo: { fields: memo } }),
  });
  return workflowId;
}
