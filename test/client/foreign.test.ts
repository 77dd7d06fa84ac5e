// Clients that have nothing of ours, with every name typed by hand: a plain `@temporalio/client`, and the `temporal` CLI.
// If one of these names changes, other people's programs break.
import { randomUUID } from 'node:crypto';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld({ cached: 100 });

it('a plain Temporal client starts a task, updates it by both ways, asks it and reads the result', async () => {
  const { client, attempts } = at.world;
  const handle = await client.workflow.start('taskRun', {
    workflowId: `plain-${randomUUID()}`,
    taskQueue: 'taskrun',
    args: [{ prompt: 'first', close: 'when-done' }],
  });
  const first = await attempts.launched(handle.workflowId, 1);
  const answer = await handle.executeUpdate('update', { args: [{ prompt: 'second', id: 'two' }] });
  expect(answer).toEqual({ commandId: 'two', instructionId: expect.any(String), contextVersion: 2, position: 1 });
  // An updateId is the command's id where the payload has none.
  expect(await handle.executeUpdate('update', { args: [{ prompt: 'x' }], updateId: 'three' })).toMatchObject({
    commandId: 'three',
  });
  await handle.signal('drop', { command: 'three' });
  await expect(handle.executeUpdate('update', { args: [{ promt: 'x' }] })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('update.promt') },
  });
  for (const query of ['task', 'sessions', 'attempts', 'waiting'])
    expect(await handle.query(query)).toSatisfy((view) => view === null || typeof view === 'object');
  first.done('one');
  (await attempts.launched(handle.workflowId, 2)).done('two');
  expect(await handle.result()).toMatchObject({ text: 'two' });
  const described = await handle.describe();
  expect(described.memo).toMatchObject({ taskrun: { phase: 'finished', waiting: null } });
});

it('the `temporal` CLI starts, updates, signals, asks and reads the result', async () => {
  const { server, attempts } = at.world;
  const id = `cli-${randomUUID()}`;
  const temporal = async (...args: string[]): Promise<unknown> => {
    const { stdout } = await execa(
      server.binary,
      ['workflow', ...args, '--workflow-id', id, '--address', server.address, '--output', 'json'],
      { env: { HOME: '/nonexistent', PATH: process.env['PATH'] ?? '' }, extendEnv: false },
    );
    return stdout === '' ? undefined : JSON.parse(stdout);
  };
  await temporal('start', '--type', 'taskRun', '--task-queue', 'taskrun', '--input', '{"prompt":"first"}');
  const first = await attempts.launched(id, 1);
  const updated = await temporal('update', 'execute', '--name', 'update', '--input', '{"prompt":"second","id":"two"}');
  expect(updated).toMatchObject({ result: { commandId: 'two', contextVersion: 2, position: 1 } });
  first.done('one');
  (await attempts.launched(id, 2)).done('two');
  await temporal('signal', '--name', 'finish', '--input', '{"summary":"enough"}');
  expect(await temporal('result')).toMatchObject({ result: { text: 'two', summary: 'enough' } });
  expect(await temporal('query', '--name', 'task')).toMatchObject({ queryResult: [{ phase: 'finished' }] });
});
