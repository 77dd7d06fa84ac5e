// With no worker up: what needs one says so within its deadline, and what needs none still answers.
import { describe, expect, it } from 'vitest';
import { NoWorkerError, TaskrunClient } from '../../src/client.js';
import { until } from '../support/poll.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld({ cached: 100 });

describe('a task whose workers are gone', () => {
  it('answers from memo and describe, takes Signals, and refuses the rest within its deadline', async () => {
    const { world } = at;
    const task = await new TaskrunClient(world.client, world.taskQueue).start({ prompt: 'first' });
    (await world.attempts.launched(task.taskId, 1)).fault({ class: 'credit', says: 'Credit balance is too low' });
    await until(() => task.waiting(), { what: 'the wait' });
    await world.stopWorkers();

    const began = Date.now();
    const late = () => task.send('update', { id: 'late', prompt: 'x' }).catch((error: unknown) => error);
    const [snapshot, view, ...updates] = await Promise.all([
      task.snapshot(500),
      task.view().catch((error: unknown) => error),
      ...Array.from({ length: 12 }, late),
    ]);
    expect(Date.now() - began).toBeLessThan(13_000);
    for (const error of [view, ...updates]) {
      expect(error).toBeInstanceOf(NoWorkerError);
      expect((error as Error).message).toContain(task.taskId);
    }
    expect(snapshot.view).toBeUndefined();
    expect(snapshot).toMatchObject({ status: 'RUNNING', memo: { phase: 'waiting', waiting: { for: 'operator' } } });

    await task.signal('continue', { id: 'later' });
    await world.startWorker();
    expect((await world.attempts.launched(task.taskId, 2)).request.cause).toBe('continue');
    expect((await task.view()).commands.some(({ id }) => id === 'later')).toBe(true);
    // Whatever became of the Update that nobody answered: its id makes it one.
    await task.send('update', { id: 'late', prompt: 'x' });
    expect(await task.view()).toMatchObject({ contextVersion: 2 });
  });

  it('a task that no worker has seen yet has neither memo nor view', async () => {
    const { world } = at;
    const task = await new TaskrunClient(world.client, 'nobody-works-here').start({ prompt: 'first' });
    const snapshot = await task.snapshot(500);
    expect(snapshot).toMatchObject({ taskId: task.taskId, status: 'RUNNING' });
    expect([snapshot.view, snapshot.memo, snapshot.attempt]).toEqual([undefined, undefined, undefined]);
  });
});
