// `fork`: a child task that its parent does not hold, started once whatever becomes of the parent's history.
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { until } from '../support/poll.js';
import {
  eventsOf,
  failedWorkflowTasks,
  namesOf,
  phaseIs,
  recordOf,
  refusalOf,
  signalled,
  tell,
  viewOf,
  viewWhen,
} from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld();
const CHECKPOINT = '0001'.repeat(10);

/** An idle task whose first attempt left a checkpoint. */
async function withCheckpoint(spec: object = { prompt: 'first' }): Promise<WorkflowHandle> {
  const handle = await at.world.start(spec);
  (await at.world.attempts.launched(handle.workflowId, 1)).done('one', { checkpoint: CHECKPOINT });
  await phaseIs(handle, 'idle');
  return handle;
}

const settled = (handle: WorkflowHandle, id: string) =>
  until(async () => ['done', 'refused'].includes((await recordOf(handle, id)).state) && recordOf(handle, id), {
    what: `command ${id} settled`,
  });
const statusOf = async (taskId: string) => (await at.world.client.workflow.getHandle(taskId).describe()).status.name;

describe('fork', () => {
  it('starts a task under the same rules, from that moment, with a workspace of its own', async () => {
    const handle = await withCheckpoint({
      prompt: 'first',
      title: 'The first',
      service: 'nightly',
      requestedBy: 'ada',
      source: { dir: '/srv/app' },
      setupCommand: 'npm ci',
      claude: { model: 'opus' },
      limits: { attempts: 3, attemptTimeout: '5m' },
      priority: 2,
      onFileConflict: 'merge',
    });
    const sessionId = (await viewOf(handle)).activeSessionId;
    const childId = `child-${randomUUID()}`;
    const answer = await tell(handle, 'fork', { id: 'f', prompt: 'otherwise', taskId: childId, requestedBy: 'bo' });
    expect(answer).toEqual({ commandId: 'f', contextVersion: 1, position: null });
    const child = await at.world.attempts.launched(childId, 1);
    expect(child.request).toMatchObject({
      taskId: childId,
      cause: 'fork',
      intention: 'fork',
      session: { seen: false, forkOf: { taskId: handle.workflowId, sessionId, checkpoint: CHECKPOINT } },
      instruction: { prompt: 'otherwise' },
      setupCommand: 'npm ci',
      claude: { model: 'opus' },
      attemptTimeoutMs: 300_000,
    });
    expect(child.request).not.toHaveProperty('workspaceDir');
    expect(child.request).not.toHaveProperty('source');
    const childHandle = at.world.client.workflow.getHandle(childId);
    expect(await viewOf(childHandle)).toMatchObject({ service: 'nightly', phase: 'working' });
    expect((await viewOf(childHandle)).title).toBeUndefined();
    expect((await childHandle.describe()).staticSummary).toBeDefined();
    expect(await settled(handle, 'f')).toMatchObject({ state: 'done', why: `task ${childId} is at work`, by: 'bo' });
    expect(await viewOf(handle)).toMatchObject({ phase: 'idle', contextVersion: 1, attemptsTotal: 1 });
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it.each(['finish', 'terminate'] as const)('lives on where its parent ends: %s', async (how) => {
    const handle = await withCheckpoint();
    const childId = `child-${randomUUID()}`;
    await tell(handle, 'fork', { prompt: 'on its own', taskId: childId });
    const child = await at.world.attempts.launched(childId, 1);
    if (how === 'finish') await tell(handle, 'finish', {});
    else await handle.terminate();
    await handle.result().catch(() => {});
    child.done('and on');
    const childHandle = at.world.client.workflow.getHandle(childId);
    expect(await phaseIs(childHandle, 'idle')).toMatchObject({ result: { text: 'and on' } });
    expect(await statusOf(childId)).toBe('RUNNING');
  });

  it('sent with a finish is done before the task closes', async () => {
    const handle = await withCheckpoint();
    await at.world.stopWorkers();
    const childId = `child-${randomUUID()}`;
    await handle.signal('fork', { id: 'f', prompt: 'on its own', taskId: childId });
    await handle.signal('finish', {});
    await at.world.startWorker();
    await handle.result();
    expect(await recordOf(handle, 'f')).toMatchObject({ state: 'done' });
    expect(await statusOf(childId)).toBe('RUNNING');
  });

  it('under an id that is taken is refused with the reason; the task goes on', async () => {
    const handle = await withCheckpoint();
    const other = await at.world.start();
    const record = await signalled(handle, 'fork', { id: 'f', prompt: 'p', taskId: other.workflowId });
    expect(['queued', 'refused']).toContain(record.state);
    expect(await settled(handle, 'f')).toMatchObject({
      state: 'refused',
      why: `fork: there is a task "${other.workflowId}" already; choose another taskId`,
    });
    expect((await viewOf(handle)).refusedTotal).toBe(1);
    await tell(handle, 'update', { prompt: 'more' });
    (await at.world.attempts.launched(handle.workflowId, 2)).done();
    await phaseIs(handle, 'idle');
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('of a spec that leaves no room for where it starts from is refused, and starts nothing', async () => {
    const handle = await withCheckpoint({ prompt: 'first', claude: { settings: { a: 'x'.repeat(65_400) } } });
    const childId = `child-${randomUUID()}`;
    await tell(handle, 'fork', { id: 'f', prompt: 'p', taskId: childId });
    expect(await settled(handle, 'f')).toMatchObject({ state: 'refused', why: expect.stringContaining('64 KiB') });
    await expect(statusOf(childId)).rejects.toThrow(/not found/i);
  });

  it('under the longest ids that there are wedges nothing', async () => {
    const handle = await withCheckpoint();
    const longest = `${'漢'.repeat(320)}-${randomUUID()}`;
    await tell(handle, 'fork', { id: 'f', prompt: 'p', taskId: longest });
    expect(await settled(handle, 'f')).toMatchObject({ state: 'done' });
    const child = await at.world.attempts.launched(longest, 1);
    child.done('one', { checkpoint: CHECKPOINT });
    const childHandle = at.world.client.workflow.getHandle(longest);
    await phaseIs(childHandle, 'idle');
    await tell(childHandle, 'fork', { id: 'f2', prompt: 'p' });
    expect(await settled(childHandle, 'f2')).toMatchObject({ state: 'done' });
    expect(await refusalOf(handle, 'fork', { prompt: 'p', taskId: '漢'.repeat(334) })).toContain('1000 bytes');
    expect(await failedWorkflowTasks(childHandle)).toEqual([]);
  });

  it('is not started twice by a Reset that plays it again', async () => {
    const handle = await withCheckpoint();
    await tell(handle, 'fork', { id: 'f', prompt: 'p' });
    await settled(handle, 'f');
    const childId = `${handle.workflowId}-fork-f`;
    const before = await at.world.client.workflow.getHandle(childId).describe();
    const events = await eventsOf(handle);
    const initiated = namesOf(events).indexOf('START_CHILD_WORKFLOW_EXECUTION_INITIATED');
    const point = events[initiated]?.startChildWorkflowExecutionInitiatedEventAttributes?.workflowTaskCompletedEventId;
    await at.world.connection.workflowService.resetWorkflowExecution({
      namespace: at.world.server.namespace,
      workflowExecution: { workflowId: handle.workflowId },
      reason: 'test',
      workflowTaskFinishEventId: point ?? null,
      requestId: randomUUID(),
    });
    const again = at.world.client.workflow.getHandle(handle.workflowId);
    await viewWhen(again, 'the fork played again', ({ commands }) =>
      commands.some(({ id, state }) => id === 'f' && (state === 'refused' || state === 'done')),
    );
    expect(await recordOf(again, 'f')).toMatchObject({
      state: 'refused',
      why: `fork: there is a task ${JSON.stringify(childId)} already; choose another taskId`,
    });
    expect((await at.world.client.workflow.getHandle(childId).describe()).runId).toBe(before.runId);
    // A Reset itself stands in the history as a failed workflow task.
    expect((await failedWorkflowTasks(again)).filter((failed) => !failed.includes('RESET_WORKFLOW'))).toEqual([]);
  });
});
