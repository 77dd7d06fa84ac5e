// A task for machines: the answer of the query `task`, with what only the server knows merged in. Without a worker the
// fields of the memo are there, and `answeredBy` says so.
import type { Snapshot } from '../client.js';

export function taskJson({ view, memo, attempt, ...seen }: Snapshot): Record<string, unknown> {
  const known = view ?? {
    taskId: seen.taskId,
    phase: memo?.phase ?? null,
    ...(memo?.waiting ? { waiting: memo.waiting } : {}),
    startedAt: seen.startedAt,
  };
  return {
    ...known,
    answeredBy: view === undefined ? 'memo' : 'worker',
    status: seen.status,
    runId: seen.runId,
    ...(seen.closedAt === undefined ? {} : { closedAt: seen.closedAt }),
    ...(attempt === undefined ? {} : { underWay: attempt }),
  };
}
