// How a task ends: done, asked, idle, cancelled, terminated. What was left undone is listed by name.
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { taskResult } from '../../src/contract/views.js';
import { until } from '../support/poll.js';
import type { StubAttempt } from '../support/stub-attempts.js';
import { failedWorkflowTasks, phaseIs, refusalOf, tell, viewOf } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld();

async function working(spec: object = { prompt: 'first' }): Promise<[WorkflowHandle, StubAttempt]> {
  const handle = await at.world.start(spec);
  return [handle, await at.world.attempts.launched(handle.workflowId, 1)];
}

async function failureOf(handle: WorkflowHandle): Promise<unknown> {
  try {
    return await handle.result();
  } catch (error) {
    return error instanceof WorkflowFailedError ? error.cause : error;
  }
}

describe('a task that closes when done', () => {
  it('returns what Claude said last', async () => {
    const [handle, first] = await working({ prompt: 'first', close: 'when-done' });
    first.done('sorted');
    const result = taskResult.strict().parse(await handle.result());
    expect(result).toEqual({ instructionId: first.request.instruction.id, text: 'sorted' });
    expect(await viewOf(handle)).toMatchObject({ phase: 'finished', result });
    expect((await handle.describe()).memo).toEqual({ taskrun: { phase: 'finished', waiting: null } });
  });

  it('goes on where an update is queued, or one arrives with the last report', async () => {
    const [handle, first] = await working({ prompt: 'first', close: 'when-done' });
    await tell(handle, 'update', { prompt: 'second' });
    first.done();
    const second = await at.world.attempts.launched(handle.workflowId, 2);
    // Both at once: the Signal overtakes the close, or finds the task closed; it is never taken and lost.
    const signals = Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => handle.signal('update', { id: `s${i}`, prompt: `p${i}` })),
    );
    second.done();
    at.world.attempts.onLaunch = (attempt) => attempt.done();
    const taken = (await signals).filter(({ status }) => status === 'fulfilled').length;
    await handle.result();
    at.world.attempts.onLaunch = () => {};
    const view = await viewOf(handle);
    expect(view.commands.filter(({ id, state }) => id.startsWith('s') && state === 'done')).toHaveLength(taken);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('stays open while it waits for the operator', async () => {
    const [handle, first] = await working({ prompt: 'first', close: 'when-done' });
    first.fault({ class: 'credential', says: 'Invalid API key' });
    await phaseIs(handle, 'waiting');
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await tell(handle, 'continue', {});
    (await at.world.attempts.launched(handle.workflowId, 2)).done('mended');
    expect(await handle.result()).toMatchObject({ text: 'mended' });
  });
});

describe('a task that is finished', () => {
  it('ends its attempt gently, lists what it leaves undone and refuses what comes meanwhile', async () => {
    const [handle, first] = await working({ prompt: 'first' });
    first.endsGently = false;
    await tell(handle, 'update', { id: 'second', prompt: 'second' });
    const finishing = await tell(handle, 'finish', { id: 'f', summary: 'no longer needed' });
    expect(finishing).toMatchObject({ commandId: 'f', position: null });
    await until(() => first.cancelled === 'asked', { what: 'asked to end' });
    expect(await refusalOf(handle, 'update', { prompt: 'late' })).toBe('update: the task is closing (task finished)');
    expect(await tell(handle, 'finish', { id: 'f' })).toEqual(finishing);
    first.end('ended', { text: 'half' });
    const result = taskResult.strict().parse(await handle.result());
    expect(result).toEqual({
      instructionId: null,
      text: 'no longer needed',
      summary: 'no longer needed',
      dropped: [
        { id: first.request.instruction.id, why: 'task finished' },
        { id: 'second', why: 'task finished' },
      ],
    });
    expect((await viewOf(handle)).commands).toMatchObject([
      { id: 'second', state: 'dropped' },
      { id: 'f', state: 'done' },
    ]);
  });

  it('keeps the result of its newest done instruction', async () => {
    const [handle, first] = await working();
    first.done('sorted');
    await phaseIs(handle, 'idle');
    await handle.signal('finish', {});
    expect(await handle.result()).toEqual({ instructionId: first.request.instruction.id, text: 'sorted' });
  });
});

describe('an idle task', () => {
  it('closes by itself after its idle time, which any command begins anew', async () => {
    const [handle, first] = await working({ prompt: 'first', limits: { closeAfterIdle: '2s' } });
    first.done('sorted');
    await phaseIs(handle, 'idle');
    await tell(handle, 'update', { prompt: 'second' });
    (await at.world.attempts.launched(handle.workflowId, 2)).done('again');
    const before = Date.now();
    expect(await handle.result()).toMatchObject({ text: 'again' });
    expect(Date.now() - before).toBeGreaterThanOrEqual(1_500);
  });

  it('stays open beyond its idle time while it is stopped', async () => {
    const [handle, first] = await working({ prompt: 'first', limits: { closeAfterIdle: '1s' } });
    await tell(handle, 'stop', {});
    await phaseIs(handle, 'waiting');
    expect(first.cancelled).toBe('asked');
    // A second task with the same limit closes meanwhile.
    const [other, otherFirst] = await working({ prompt: 'other', limits: { closeAfterIdle: '1s' } });
    otherFirst.done();
    await other.result();
    expect((await viewOf(handle)).phase).toBe('waiting');
  });
});

describe('cancelling the workflow', () => {
  it('ends the attempt gently, then the task is cancelled', async () => {
    const [handle, first] = await working();
    await handle.cancel();
    expect(await failureOf(handle)).toBeInstanceOf(CancelledFailure);
    expect(first.cancelled).toBe('asked');
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    const view = await viewOf(handle);
    expect(view).toMatchObject({ phase: 'cancelled', attempts: [{ outcome: 'ended' }] });
    expect(view.result?.dropped).toMatchObject([{ why: 'task cancelled' }]);
    expect((await handle.describe()).memo).toEqual({ taskrun: { phase: 'cancelled', waiting: null } });
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it.each(['waiting', 'idle'] as const)('ends a task that is %s at once', async (phase) => {
    const [handle, first] = await working();
    if (phase === 'idle') first.done();
    else first.fault({ class: 'credit', says: 'no credit' });
    await phaseIs(handle, phase);
    await handle.cancel();
    expect(await failureOf(handle)).toBeInstanceOf(CancelledFailure);
  });

  it('before its first step ends it without a launch', async () => {
    const { world } = at;
    await world.stopWorkers();
    const handle = await world.start();
    await handle.cancel();
    await world.startWorker();
    expect(await failureOf(handle)).toBeInstanceOf(CancelledFailure);
    expect(world.attempts.of(handle.workflowId)).toEqual([]);
  });
});

describe('terminating the workflow', () => {
  it('is felt by the attempt at its next heartbeat, as a loss and not as a stop', async () => {
    const [handle, first] = await working();
    await handle.terminate('enough');
    expect(await failureOf(handle)).toBeInstanceOf(TerminatedFailure);
    await until(() => first.cancelled === 'other', { what: 'the attempt told' });
    expect(await viewOf(handle)).toMatchObject({ phase: 'working' });
  });
});
