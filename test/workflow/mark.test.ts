// `mark`: a short activity has the store keep the milestone; one that the store refuses is none.
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../support/poll.js';
import { failedWorkflowTasks, phaseIs, recordOf, signalled, tell, viewOf } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld();
const CHECKPOINT = '0001'.repeat(10);
afterEach(() => {
  at.world.milestones.onKeep = () => {};
});

async function withCheckpoint(): Promise<WorkflowHandle> {
  const handle = await at.world.start({ prompt: 'first' });
  (await at.world.attempts.launched(handle.workflowId, 1)).done('one', { checkpoint: CHECKPOINT });
  await phaseIs(handle, 'idle');
  return handle;
}

const fateOf = async (handle: WorkflowHandle, id: string, state: string) =>
  until(async () => (await recordOf(handle, id)).state === state && recordOf(handle, id), {
    what: `${id} is ${state}`,
  });

describe('mark', () => {
  it('has the milestone kept under its label, and lists it', async () => {
    const handle = await withCheckpoint();
    await tell(handle, 'mark', { id: 'm', label: 'green', requestedBy: 'ana' });
    expect(await fateOf(handle, 'm', 'done')).toMatchObject({ why: `checkpoint ${CHECKPOINT.slice(0, 12)}` });
    const [asked, ...more] = at.world.milestones.of(handle.workflowId);
    expect(more).toEqual([]);
    expect(asked).toEqual({
      taskId: handle.workflowId,
      incarnation: expect.stringMatching(/^[0-9a-f-]{36}$/),
      label: 'green',
      checkpoint: CHECKPOINT,
    });
    expect((await viewOf(handle)).milestones).toMatchObject([{ label: 'green', checkpoint: CHECKPOINT, by: 'ana' }]);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('is tried again while the store is out of reach', async () => {
    const handle = await withCheckpoint();
    let left = 1;
    at.world.milestones.onKeep = () => {
      if (left-- > 0) throw new Error('unreachable for a moment');
    };
    await signalled(handle, 'mark', { id: 'm', label: 'green' });
    await fateOf(handle, 'm', 'done');
    expect(at.world.milestones.of(handle.workflowId)).toHaveLength(2);
  });

  it('that the store refuses for good is refused with its words, and is no milestone', async () => {
    const handle = await withCheckpoint();
    at.world.milestones.onKeep = () => {
      throw ApplicationFailure.nonRetryable('TASKRUN_STORE (/srv/store.git) is read-only', 'store');
    };
    await tell(handle, 'mark', { id: 'm', label: 'green' });
    expect(await fateOf(handle, 'm', 'refused')).toMatchObject({
      why: 'mark: TASKRUN_STORE (/srv/store.git) is read-only',
    });
    expect((await viewOf(handle)).milestones).toEqual([]);
    at.world.milestones.onKeep = () => {};
    await tell(handle, 'mark', { id: 'm2', label: 'green' });
    await fateOf(handle, 'm2', 'done');
    expect((await viewOf(handle)).milestones).toHaveLength(1);
  });

  it('does not hold up an attempt, nor an attempt it', async () => {
    const handle = await withCheckpoint();
    let let_go: () => void = () => {};
    at.world.milestones.onKeep = () =>
      new Promise<void>((resolve) => {
        let_go = resolve;
      });
    await tell(handle, 'mark', { id: 'm', label: 'green' });
    await until(() => at.world.milestones.of(handle.workflowId).length === 1, { what: 'the store is asked' });
    await tell(handle, 'update', { prompt: 'more' });
    (await at.world.attempts.launched(handle.workflowId, 2)).done('two', { checkpoint: '0002'.repeat(10) });
    await phaseIs(handle, 'idle');
    expect(await recordOf(handle, 'm')).toMatchObject({ state: 'queued' });
    let_go();
    await fateOf(handle, 'm', 'done');
    expect((await viewOf(handle)).milestones).toMatchObject([{ checkpoint: CHECKPOINT }]);
  });
});
