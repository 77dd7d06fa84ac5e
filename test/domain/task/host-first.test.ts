// Whom an attempt is offered to first: the host that has the workspace, unless it keeps being lost.
import { expect, test } from 'vitest';
import { hostFirst } from '../../../src/domain/task/host-first.js';
import { openTask } from '../../../src/domain/task/open.js';
import type { Attempt, TaskState } from '../../../src/domain/task/state.js';

function asked(cause: Attempt['cause'], failures: number, workspaceOn?: string) {
  const ids = { taskId: 't', incarnation: 'r', atMs: 0, sessionId: 's', instructionId: 'i' };
  const open = openTask({ spec: { prompt: 'p' }, ...ids });
  const queue = open.queue.map((one) => ({ ...one, failures }));
  const state: TaskState = { ...open, queue, ...(workspaceOn === undefined ? {} : { workspaceOn }) };
  const attempt: Attempt = {
    ...{ id: 'a', number: 1, cause, sessionId: 's', instructionId: 'i', contextVersion: 1, startedAtMs: 0 },
  };
  return hostFirst(state, attempt);
}

test.each([
  ['no host is known', 'update', 0, undefined, undefined],
  ['a host is known', 'update', 0, 'h', { hostId: 'h', waitMs: 10_000 }],
  ['it failed there for another reason', 'fault', 5, 'h', { hostId: 'h', waitMs: 10_000 }],
  ['it was lost there', 'lost', 1, 'h', { hostId: 'h', waitMs: 30_000 }],
  ['it was lost there again', 'lost', 2, 'h', undefined],
] as const)('%s', (_, cause, failures, host, expected) => {
  expect(asked(cause, failures, host)).toEqual(expected);
});
