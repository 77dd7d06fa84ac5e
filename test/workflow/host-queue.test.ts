// Attempts are offered to the host that has the workspace first, and to whichever is free when that one does not take them.
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { BUSY, hostQueueOf } from '../../src/contract/names.js';
import { until } from '../support/poll.js';
import type { StubAttempt } from '../support/stub-attempts.js';
import { eventsOf, failedWorkflowTasks, phaseIs, tell, viewOf } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld();
const launched = (handle: WorkflowHandle, number: number): Promise<StubAttempt> =>
  at.world.attempts.launched(handle.workflowId, number);
const queueOf = (hostId: string): string => hostQueueOf(at.world.taskQueue, hostId);

async function started(): Promise<[WorkflowHandle, StubAttempt]> {
  const handle = await at.world.start();
  return [handle, await launched(handle, 1)];
}

/** The offers so far: queue and how long it waits for a worker. */
async function offers(handle: WorkflowHandle): Promise<[queue: string, waitSeconds: number][]> {
  return (await eventsOf(handle)).flatMap(({ activityTaskScheduledEventAttributes: offer }) =>
    offer?.activityType?.name === 'attempt'
      ? [[offer.taskQueue?.name ?? '', Number(offer.scheduleToStartTimeout?.seconds ?? 0)] as [string, number]]
      : [],
  );
}

const offered = (handle: WorkflowHandle, queue: string) =>
  until(async () => (await offers(handle)).find(([name]) => name === queue), { what: `an offer on ${queue}` });

describe.concurrent('an attempt', () => {
  it('is taken by the host that has the workspace', async () => {
    await at.world.startHost('host-a');
    const [handle, first] = await started();
    expect(first.taskQueue).toBe(at.world.taskQueue);
    first.done('one', { hostId: 'host-a' });
    await phaseIs(handle, 'idle');
    for (const number of [2, 3]) {
      await tell(handle, 'update', { prompt: 'more' });
      const next = await launched(handle, number);
      expect(next.taskQueue).toBe(queueOf('host-a'));
      next.done('more', { hostId: 'host-a' });
      await phaseIs(handle, 'idle');
    }
    expect(await offers(handle)).toHaveLength(3);
  });

  it('is taken by another, ten seconds later, where nobody serves that host; it is one attempt all the same', async () => {
    const [handle, first] = await started();
    first.done('one', { hostId: 'host-gone' });
    await phaseIs(handle, 'idle');
    await tell(handle, 'update', { prompt: 'more' });
    const sentMs = Date.now();
    const second = await launched(handle, 2);
    expect(Date.now() - sentMs).toBeGreaterThan(9_000);
    expect(second.taskQueue).toBe(at.world.taskQueue);
    second.done('two', { hostId: 'host-b' });
    expect(await phaseIs(handle, 'idle')).toMatchObject({ attemptsTotal: 2, result: { text: 'two' } });
    expect((await viewOf(handle)).attempts).toHaveLength(2);
    expect((await offers(handle)).slice(1)).toEqual([
      [queueOf('host-gone'), 10],
      [at.world.taskQueue, expect.any(Number)],
    ]);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
    // From now on the one that did take it is asked first.
    await tell(handle, 'update', { prompt: 'again' });
    await offered(handle, queueOf('host-b'));
    await tell(handle, 'finish');
    await handle.result();
  });

  it('waits longer for the host of a lost one, which may have what no checkpoint has', async () => {
    const [handle, first] = await started();
    first.end('lost', { hostId: 'host-lost', problem: { class: 'lost', says: 'gone' } });
    expect(await offered(handle, queueOf('host-lost'))).toEqual([queueOf('host-lost'), 30]);
    await tell(handle, 'finish');
    await handle.result();
  });

  it('that a draining host hands over is offered to all at once', async () => {
    const [handle, first] = await started();
    first.end('handedOver', { hostId: 'host-drained' });
    const second = await launched(handle, 2);
    expect(second.taskQueue).toBe(at.world.taskQueue);
    expect((await offers(handle)).map(([queue]) => queue)).not.toContain(queueOf('host-drained'));
  });

  it('that a worker without a free slot turns down is offered again, and is one attempt', async () => {
    await at.world.startHost('host-busy');
    const [handle, first] = await started();
    first.done('one', { hostId: 'host-busy' });
    await phaseIs(handle, 'idle');
    await tell(handle, 'update', { prompt: 'more' });
    const queues: string[] = [];
    for (let turnedDown = 1; turnedDown <= 2; turnedDown += 1) {
      const busy = await until(() => at.world.attempts.of(handle.workflowId)[turnedDown], { what: 'an offer' });
      queues.push(busy.taskQueue);
      busy.throw(ApplicationFailure.nonRetryable('no slot free', BUSY));
    }
    const taken = await until(() => at.world.attempts.of(handle.workflowId)[3], { what: 'the third offer' });
    expect([...queues, taken.taskQueue]).toEqual([queueOf('host-busy'), at.world.taskQueue, at.world.taskQueue]);
    taken.done('two');
    expect(await phaseIs(handle, 'idle')).toMatchObject({ attemptsTotal: 2, result: { text: 'two' } });
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('that still waits for its host is ended by a stop, and nothing is launched', async () => {
    const [handle, first] = await started();
    first.done('one', { hostId: 'host-dead' });
    await phaseIs(handle, 'idle');
    await tell(handle, 'update', { id: 'u', prompt: 'more' });
    await offered(handle, queueOf('host-dead'));
    await tell(handle, 'stop', { reason: 'wait' });
    const held = await phaseIs(handle, 'waiting', 8_000);
    expect(held.attempts[1]).toMatchObject({ outcome: 'ended', sent: '', turns: 0 });
    expect(held.commands).toContainEqual(expect.objectContaining({ id: 'u', state: 'queued' }));
    expect(at.world.attempts.of(handle.workflowId)).toHaveLength(1);
    await tell(handle, 'finish');
    expect(await handle.result()).toMatchObject({ text: 'one', dropped: [{ id: 'u' }] });
    expect(at.world.attempts.of(handle.workflowId)).toHaveLength(1);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });
});
