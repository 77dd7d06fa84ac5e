// The shapes of tasks whose histories are kept: each a story told to a real task by a plain client, with a stand-in for
// the attempt. It returns the handle of a task of which nothing more is to come. Only the recorder tells them.
import type { WorkflowHandle } from '@temporalio/client';
import { WORKFLOW_TYPE } from '../../src/contract/names.js';
import { until } from '../support/poll.js';
import { json, payload, rawSignal } from '../support/raw-temporal.js';
import { phaseIs, refusalOf, signalled, tell, viewWhen } from '../support/task-probe.js';
import type { World } from '../support/workflow-world.js';

type Story = (world: World, taskId: string) => Promise<WorkflowHandle>;

async function start(world: World, taskId: string, spec: unknown = { prompt: 'first' }, taskQueue = world.taskQueue) {
  await world.client.workflow.start(WORKFLOW_TYPE, { workflowId: taskId, taskQueue, args: [spec] });
  return world.client.workflow.getHandle(taskId);
}

/** Each open attempt is done at once, until the task is idle. */
async function drain({ attempts }: World, handle: WorkflowHandle): Promise<void> {
  await viewWhen(handle, 'all worked', ({ phase }) => {
    for (const attempt of attempts.of(handle.workflowId)) if (!attempt.ended) attempt.done();
    return phase === 'idle';
  });
}

async function finish(handle: WorkflowHandle, having: object = {}): Promise<WorkflowHandle> {
  await tell(handle, 'finish', having);
  await handle.result();
  return handle;
}

async function drainAndFinish(world: World, handle: WorkflowHandle): Promise<WorkflowHandle> {
  await drain(world, handle);
  return finish(handle);
}

const happy: Story = async (world, taskId) => {
  const handle = await start(world, taskId, {
    prompt: 'first',
    title: 'A task',
    service: 'nightly',
    requestedBy: 'ada',
  });
  (await world.attempts.launched(taskId, 1)).done('the answer', { sessionCostUsd: 0.25 });
  await phaseIs(handle, 'idle');
  return finish(handle, { summary: 'enough' });
};

const whenDone: Story = async (world, taskId) => {
  const handle = await start(world, taskId, { prompt: 'first', close: 'when-done', priority: 2 });
  (await world.attempts.launched(taskId, 1)).done();
  await handle.result();
  return handle;
};

const lost: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  (await world.attempts.launched(taskId, 1)).fallSilent();
  (await world.attempts.launched(taskId, 2, 60_000)).done();
  return drainAndFinish(world, handle);
};

const stopped: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  await world.attempts.launched(taskId, 1);
  await tell(handle, 'stop', { reason: 'lunch' });
  await phaseIs(handle, 'waiting');
  await signalled(handle, 'continue');
  await world.attempts.launched(taskId, 2);
  return drainAndFinish(world, handle);
};

const queued: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  await world.attempts.launched(taskId, 1);
  await tell(handle, 'update', { id: 'a', prompt: 'a' });
  await signalled(handle, 'update', { id: 'b', prompt: 'b', newSession: true });
  await tell(handle, 'update', { id: 'c', prompt: 'c' });
  await tell(handle, 'drop', { command: 'c' });
  await tell(handle, 'update', { id: 'd', prompt: 'd', when: 'interrupt' });
  await world.attempts.launched(taskId, 2);
  await tell(handle, 'update', { id: 'a', prompt: 'the same id again' });
  return drainAndFinish(world, handle);
};

const refused: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  await world.attempts.launched(taskId, 1);
  const raw = (name: string, ...payloads: Parameters<typeof rawSignal>[3]) =>
    rawSignal(world.connection, handle, name, payloads);
  await raw('update', json('null'));
  await raw('update', json('"do it"'));
  await raw('update', json('{"prompt":"x","sessionID":"1"}'));
  await raw('update', json('{"prompt":'));
  await raw('update', payload('binary/plain', new Uint8Array([0, 255, 254])));
  await raw('update', payload('binary/encrypted', 'secret'));
  await raw('update', json('{"prompt":"x"}'), json('{}'));
  await raw('update');
  await raw('__temporal_x', json('{}'));
  await raw('updat', json('{"id":"near","prompt":"x"}'));
  await raw('fork', json('{"prompt":"x"}'));
  await viewWhen(handle, 'every refusal on record', ({ refusedTotal }) => refusedTotal === 11);
  await refusalOf(handle, 'update', { promt: 'x' });
  return drainAndFinish(world, handle);
};

/** So many Signals before the first step that they are folded; a queue whose short worker is not there. */
const flooded: Story = async (world, taskId) => {
  const handle = await start(world, taskId, { prompt: 'first' }, taskId);
  for (let i = 0; i < 120; i += 1) await handle.signal(i % 3 === 0 ? 'update' : 'junk', { prompt: `flood ${i}` });
  const stop = await world.startWorker({ taskQueue: taskId });
  await viewWhen(handle, 'all taken', ({ commandsTotal }) => commandsTotal === 120);
  await finish(handle);
  await stop();
  return handle;
};

const asked: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  await drain(world, handle);
  await tell(handle, 'update', { prompt: 'second', newSession: true });
  await world.attempts.launched(taskId, 2);
  await drain(world, handle);
  await tell(handle, 'resume', {});
  await phaseIs(handle, 'waiting');
  await tell(handle, 'answer', { pick: 1 });
  await tell(handle, 'update', { prompt: 'third' });
  await world.attempts.launched(taskId, 3);
  return drainAndFinish(world, handle);
};

/** One id 1,510 times: the run ends before the server's limit of Updates, and the state stays small. */
const midAttempt: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  const first = await world.attempts.launched(taskId, 1);
  const again = () => tell(handle, 'update', { id: 'a', prompt: 'a' });
  // The last ones are in flight when the run ends; the server may give them up.
  for (let i = 0; i < 1_510 && first.cancelled === undefined; i += 10)
    await Promise.allSettled(Array.from({ length: 10 }, again));
  await world.attempts.launched(taskId, 2);
  return drainAndFinish(world, handle);
};

const dropped: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  await world.attempts.launched(taskId, 1);
  await tell(handle, 'update', { id: 'a', prompt: 'a' });
  await signalled(handle, 'update', { id: 'b', prompt: 'b' });
  return finish(handle, { summary: 'enough' });
};

const cancelled: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  await world.attempts.launched(taskId, 1);
  await handle.cancel();
  await handle.result().catch(() => {});
  return handle;
};

const invalidSpec: Story = async (world, taskId) => {
  const handle = await start(world, taskId, { promt: 'first' });
  await handle.result().catch(() => {});
  return handle;
};

const usageLimit: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  const attempt = await world.attempts.launched(taskId, 1);
  attempt.fault({ class: 'usageLimit', says: 'usage limit reached', resetsAt: '2027-01-01T00:00:00.000Z' });
  await phaseIs(handle, 'waiting');
  await tell(handle, 'continue', {});
  await world.attempts.launched(taskId, 2);
  return drainAndFinish(world, handle);
};

const budget: Story = async (world, taskId) => {
  const handle = await start(world, taskId, { prompt: 'first', limits: { attempts: 1 } });
  const attempt = await world.attempts.launched(taskId, 1);
  attempt.end('timedOut', { problem: { class: 'timedOut', says: 'too long' } });
  await until(async () => (await phaseIs(handle, 'waiting')).waiting?.for === 'budget', { what: 'the used-up budget' });
  return finish(handle);
};

const FIRST_CHECKPOINT = '0001'.repeat(10);
const SECOND_CHECKPOINT = '0002'.repeat(10);

/** Two sessions take turns; a milestone, a child and a taken id for one; the first is picked up behind today's files. */
const moments: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  const first = await world.attempts.launched(taskId, 1);
  first.done('one', { checkpoint: FIRST_CHECKPOINT });
  await phaseIs(handle, 'idle');
  await tell(handle, 'mark', { id: 'm', label: 'green' });
  await signalled(handle, 'fork', { id: 'f', prompt: 'otherwise', requestedBy: 'ada' });
  const childId = `${taskId}-fork-f`;
  (await world.attempts.launched(childId, 1)).done();
  await tell(handle, 'fork', { id: 'taken', prompt: 'otherwise', taskId: childId });
  await viewWhen(handle, 'effects settled', ({ commands }) => commands.every(({ state }) => state !== 'queued'));
  await tell(handle, 'update', { prompt: 'second', newSession: true });
  (await world.attempts.launched(taskId, 2)).done('two', { checkpoint: SECOND_CHECKPOINT });
  await phaseIs(handle, 'idle');
  await tell(handle, 'resume', { id: 'r', sessionId: first.request.session.id, prompt: 'go on' });
  const question = { says: '1 file differs', picks: ['keep', 'restore', 'merge'] as ('keep' | 'restore' | 'merge')[] };
  (await world.attempts.launched(taskId, 3)).end('asks', { sent: '', delivered: false, question });
  await phaseIs(handle, 'waiting');
  await signalled(handle, 'answer', { pick: 'restore' });
  (await world.attempts.launched(taskId, 4)).done('three', { checkpoint: '0003'.repeat(10) });
  await phaseIs(handle, 'idle');
  await tell(handle, 'resume', { checkpoint: 'green', prompt: 'from there', onFileConflict: 'restore' });
  await world.attempts.launched(taskId, 5);
  await finish(world.client.workflow.getHandle(childId));
  return drainAndFinish(world, handle);
};

/** The host that had the workspace is gone; its attempt goes to another, and one more is stopped while it waits. */
const fallback: Story = async (world, taskId) => {
  const handle = await start(world, taskId);
  (await world.attempts.launched(taskId, 1)).done('one', { hostId: 'host-a', checkpoint: FIRST_CHECKPOINT });
  await phaseIs(handle, 'idle');
  await tell(handle, 'update', { prompt: 'second' });
  (await world.attempts.launched(taskId, 2)).done('two', { hostId: 'host-b' });
  await phaseIs(handle, 'idle');
  await tell(handle, 'update', { prompt: 'third' });
  await tell(handle, 'stop', {});
  await phaseIs(handle, 'waiting');
  return finish(handle);
};

export const SHAPES: Record<string, Story> = {
  happy,
  'when-done': whenDone,
  'lost-then-continue': lost,
  'stop-then-continue': stopped,
  'queued-and-interrupted': queued,
  'refused-payloads': refused,
  'flood-before-first-step': flooded,
  'resume-asks': asked,
  'continue-as-new-in-mid-attempt': midAttempt,
  'finish-drops': dropped,
  cancelled,
  'invalid-spec': invalidSpec,
  'usage-limit': usageLimit,
  'budget-used-up': budget,
  'fork-mark-files': moments,
  'host-queue-fallback': fallback,
};
