// The most that the server lets through in one run: nearly 10,000 Signals before a worker comes, more Updates than a run
// takes while one attempt works. Nothing is lost, nothing is done twice, and the task is never stuck.
import { expect, it } from 'vitest';
import { failedWorkflowTasks, phaseIs, runsOf, tell, viewOf, viewWhen } from '../../support/task-probe.js';
import { useWorld } from '../../support/workflow-world.js';

const at = useWorld({ cached: 20 });

it('9,000 updates gathered without a worker are all taken in the end', { timeout: 300_000 }, async () => {
  const { world } = at;
  await world.stopWorkers();
  const handle = await world.start({ prompt: 'first' });
  const signals = 9_000;
  for (let i = 0; i < signals; i += 200)
    await Promise.all(
      Array.from({ length: 200 }, (_, j) => handle.signal('update', { id: `u${i + j}`, prompt: `p${i + j}` })),
    );
  await world.startWorker();
  const view = await viewWhen(handle, 'all taken', ({ commandsTotal }) => commandsTotal === signals, 120_000);
  // What the open instructions of a task may hold was taken, the rest refused by name.
  expect(view.contextVersion - 1 + view.refusedTotal).toBe(signals);
  expect(view.refusedTotal).toBeGreaterThan(0);
  expect(view.commands.at(-1)).toMatchObject({ state: 'refused', why: expect.stringContaining('open instructions') });
  await tell(handle, 'finish', {});
  await handle.result();
});

it('2,000 updates onto a queue filled to the brim are refused by name, not one workflow task is lost', {
  timeout: 300_000,
}, async () => {
  const { world } = at;
  await world.stopWorkers();
  const handle = await world.start({ prompt: 'first' });
  for (let i = 0; i < 4; i += 1) await handle.signal('update', { prompt: 'x'.repeat(250_000) });
  for (let i = 0; i < 2_000; i += 100)
    await Promise.all(Array.from({ length: 100 }, (_, j) => handle.signal('update', { prompt: `p${i + j}` })));
  await world.startWorker();
  const view = await viewWhen(handle, 'all taken', ({ commandsTotal }) => commandsTotal === 2_004, 60_000);
  expect(view.refusedTotal).toBeGreaterThan(1_000);
  expect(await failedWorkflowTasks(handle)).toEqual([]);
  await tell(handle, 'finish', {});
  await handle.result();
});

it('1,800 Updates while one attempt works end its run before the server would', { timeout: 600_000 }, async () => {
  const { world } = at;
  const started = await world.start();
  const handle = world.client.workflow.getHandle(started.workflowId);
  await world.attempts.launched(handle.workflowId, 1);
  const updates = 1_800;
  const failures: unknown[] = [];
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < updates) {
      const id = `u${next++}`;
      // Given up on the way, it is sent again under its id.
      for (let tries = 0; tries < 5; tries += 1) {
        try {
          await tell(handle, 'update', { id, prompt: id });
          break;
        } catch (error) {
          if (tries === 4) failures.push(error);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: 9 }, sender));
  expect(failures).toEqual([]);
  expect((await runsOf(handle)).length).toBe(2);
  expect(await viewOf(handle)).toMatchObject({ contextVersion: updates + 1, refusedTotal: 0 });

  const worked: string[] = [];
  world.attempts.onLaunch = (attempt) => {
    worked.push(attempt.request.instruction.prompt);
    attempt.done();
  };
  for (const attempt of world.attempts.of(handle.workflowId)) if (!attempt.ended) attempt.done();
  await phaseIs(handle, 'idle', 500_000);
  expect(worked).toHaveLength(updates);
  expect(new Set(worked).size).toBe(updates);
  expect(await failedWorkflowTasks(handle)).toEqual([]);
});
