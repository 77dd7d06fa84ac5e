// Whether anybody takes tasks from a queue: a server keeps whoever asked within the last minutes.
import type { TaskrunClient } from '../client.js';

const WORKFLOW_QUEUE = 1;
const ACTIVITY_QUEUE = 2;

/** A server that does not tell is taken to have some. */
export async function hasWorkers(client: TaskrunClient, taskQueue: string): Promise<boolean> {
  return (await workersOf(client, taskQueue)).length > 0;
}

/** Names of those that take both workflows and attempts from the queue. */
export async function workersOf(client: TaskrunClient, taskQueue: string): Promise<string[]> {
  const [workflows, attempts] = await Promise.all(
    [WORKFLOW_QUEUE, ACTIVITY_QUEUE].map((type) => pollersOf(client, taskQueue, type)),
  );
  return (workflows ?? []).filter((name) => attempts?.includes(name));
}

async function pollersOf({ temporal }: TaskrunClient, name: string, taskQueueType: number): Promise<string[]> {
  const answer = await temporal.workflowService.describeTaskQueue({
    namespace: temporal.options.namespace,
    taskQueue: { name },
    taskQueueType,
  });
  const aliveSinceMs = Date.now() - 90_000;
  return (answer.pollers ?? [])
    .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 > aliveSinceMs)
    .map(({ identity }) => identity ?? '');
}
