// What is gone for a while: the workers, one of two workers, the server itself. The task goes on where it was.
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { TaskrunClient, type TaskView } from '../../src/client.js';
import { failedWorkflowTasks, phaseIs, tell, viewOf, viewWhen } from '../support/task-probe.js';
import { newTempDir } from '../support/temp.js';
import { startTestServer } from '../support/temporal.js';
import { useWorld, World } from '../support/workflow-world.js';

const at = useWorld();

async function working(world: World = at.world) {
  const handle = await world.start();
  return { handle, attempt: await world.attempts.launched(handle.workflowId, 1) };
}

const taskOf = ({ workflowId }: WorkflowHandle) =>
  new TaskrunClient(at.world.client, at.world.taskQueue).task(workflowId);

/** Also names like those that the workflow itself uses inside. */
const JUNK = ['junk', '__temporal_x', 'taskrun:folded', 'taskrun:sent:update'];

describe('while no worker is up', () => {
  it('memo and describe answer, Signals are taken, and all of them count when one is back', async () => {
    const { world } = at;
    const { handle, attempt } = await working();
    attempt.fault({ class: 'credit', says: 'Credit balance is too low' });
    await phaseIs(handle, 'waiting');
    await world.stopWorkers();

    const began = Date.now();
    const snapshot = await taskOf(handle).snapshot(1_000);
    expect(Date.now() - began).toBeLessThan(4_000);
    expect(snapshot).toMatchObject({ status: 'RUNNING', memo: { phase: 'waiting', waiting: { for: 'operator' } } });
    expect(snapshot.view).toBeUndefined();
    for (let i = 0; i < 20; i += 1) await taskOf(handle).signal('update', { id: `s${i}`, prompt: `p${i}` });
    await taskOf(handle).signal('continue', { id: 'go on' });

    await world.startWorker();
    const view = await viewWhen(handle, 'all taken', ({ commands }) => commands.some(({ id }) => id === 'go on'));
    expect(view).toMatchObject({ contextVersion: 21, phase: 'working' });
    expect(view.commands.map(({ id }) => id)).toEqual([...Array.from({ length: 20 }, (_, i) => `s${i}`), 'go on']);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('1,500 Signals may gather: they do not outrun the workflow task that takes them', {
    timeout: 120_000,
  }, async () => {
    const { world } = at;
    await world.stopWorkers();
    const handle = await world.start({ prompt: 'first' });
    const sends: ((id: string, before: string) => [string, object])[] = [
      (id) => ['update', { id, prompt: id }],
      (id) => [JUNK[Number.parseInt(id, 10) % JUNK.length] ?? '', { id, prompt: 'x' }],
      (id, before) => ['drop', { id, command: before }],
    ];
    // An update, junk, and what withdraws the update: of each 500.
    for (let i = 0; i < 500; i += 50)
      await Promise.all(
        Array.from({ length: 50 }, async (_, j) => {
          for (const [kind, send] of sends.entries()) await handle.signal(...send(`${i + j}-${kind}`, `${i + j}-0`));
        }),
      );
    await world.startWorker({ maxCachedWorkflows: 10 });
    const all = ({ commandsTotal, phase }: TaskView) => commandsTotal === 1_500 && phase === 'working';
    const view = await viewWhen(handle, 'all taken', all, 60_000);
    expect(view).toMatchObject({ refusedTotal: 500, contextVersion: 501, queued: 0 });
    expect(await failedWorkflowTasks(handle)).toEqual([]);
    expect(await tell(handle, 'update', { prompt: 'good' })).toMatchObject({ position: 1 });
  });
});

describe('two workers side by side', () => {
  it('take turns at a task that neither of them keeps in memory', async () => {
    const { world } = at;
    await world.stopWorkers();
    const stops = [await world.startWorker({ identity: 'old' }), await world.startWorker({ identity: 'new' })];
    world.attempts.onLaunch = (attempt) => attempt.done();
    const handle = await world.start();
    const work = async (from: number, to: number) => {
      for (let i = from; i < to; i += 1) await tell(handle, 'update', { prompt: `p${i}`, newSession: i % 4 === 0 });
      const done = ({ phase, attemptsTotal }: TaskView) => phase === 'idle' && attemptsTotal === to + 1;
      return viewWhen(handle, `${to} updates worked`, done);
    };
    await work(0, 8);
    await stops[0]?.();
    const idle = await work(8, 15);
    expect(idle.sessionsTotal).toBe(5);
    world.attempts.onLaunch = () => {};
    const identities = new Set(
      ((await handle.fetchHistory()).events ?? []).flatMap(
        (event) => event.workflowTaskStartedEventAttributes?.identity || [],
      ),
    );
    expect([...identities].toSorted()).toEqual(['new', 'old']);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });
});

describe('a server that dies', () => {
  it('and comes back with its data finds the task and its attempt as they were', { timeout: 90_000 }, async () => {
    const { dir, remove } = await newTempDir('server-data');
    const dbFile = join(dir, 'data.db');
    const world = await World.open({ dbFile, cached: 10 });
    try {
      const { handle, attempt } = await working(world);
      await tell(handle, 'update', { id: 'queued', prompt: 'second' });
      await world.server.kill();
      const [, port] = world.server.address.split(':');
      world.server = await startTestServer({ dbFile, port: Number(port) });
      // What Claude did meanwhile is reported as soon as there is somebody to report to.
      attempt.done('done while the server was away');
      const second = await world.attempts.launched(handle.workflowId, 2, 60_000);
      expect(second.request.instruction.prompt).toBe('second');
      second.done();
      const view = await phaseIs(handle, 'idle');
      expect(view.attempts).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }]);
      expect(view.commands).toMatchObject([{ id: 'queued', state: 'done' }]);
      expect((await viewOf(handle)).sessions[0]?.recent[0]?.said).toBe('done while the server was away');
    } finally {
      await world.close();
      await remove();
    }
  });
});
