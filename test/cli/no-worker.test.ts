// With no worker up the server itself answers: memo, description, search attributes; commands wait for one, once.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { until } from '../support/poll.js';
import { end } from './support/cli.js';
import { openWorld, type World } from './support/world.js';

vi.setConfig({ testTimeout: 120_000 });
let world: World;
let first: string;

beforeAll(async () => {
  world = await openWorld({ withSearchAttributes: true });
  const worker = await world.startWorker();
  const task = await world.client.start({ prompt: 'Hello. [[say hi]]', title: 'left alone' }, { taskId: 'alone' });
  const idle = await until(async () => (await task.view()).phase === 'idle' && task.view(), {
    timeoutMs: 40_000,
    what: 'idle',
  });
  first = idle.sessions[0]?.sessionId ?? '';
  const known = async () =>
    (await world.client.temporal.workflow.getHandle('alone').describe()).searchAttributes['TaskRunSessions'];
  await until(known, { what: 'its session is searchable' });
  await end(worker);
});
afterAll(() => world.close());

it('ls, show and sessions answer from what the server knows, and say so', async () => {
  const [ls, show, json, sessions] = await Promise.all([
    world.taskrun('ls'),
    world.taskrun('show', 'alone'),
    world.taskrun('show', 'alone', '--json'),
    world.taskrun('sessions', 'alone'),
  ]);
  expect(ls).toMatchObject({ code: 0, stdout: expect.stringMatching(/^alone +idle .* 1 +left alone$/m) });
  expect(show).toMatchObject({ code: 0, stdout: expect.stringMatching(/^alone {2}idle · .*\n\nNo worker answers/) });
  expect(JSON.parse(json.stdout)).toMatchObject({
    taskId: 'alone',
    phase: 'idle',
    answeredBy: 'memo',
    status: 'RUNNING',
  });
  expect(sessions).toMatchObject({
    code: 0,
    stdout: `${first}\n`,
    stderr: expect.stringContaining('No worker answers'),
  });
});

it('what needs the list of a worker says so with 3', async () => {
  const ended = await world.taskrun('resume', 'alone', '1');
  expect(ended).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('No worker answers') });
  expect(ended.stderr).toMatch(/Name one by its id \(.* sessions alone\), or start a worker/);
});

it('a command waits in the task for a worker, and is one command however often it was sent', async () => {
  const args = ['update', 'alone', 'Later. [[say late]]', '--id', 'later'];
  const [words, json] = await Promise.all([world.taskrun(...args), world.taskrun(...args, '--json')]);
  expect(words).toMatchObject({ code: 0, stdout: 'update: sent, not answered yet (command later)\n' });
  expect(words.stderr).toMatch(/No worker answered\..* takes effect when one comes: .*main\.js worker\n/);
  expect(JSON.parse(json.stdout)).toMatchObject({ commandId: 'later', sentAs: 'signal' });

  await world.startWorker();
  const task = world.client.task('alone');
  const done = async () =>
    (await task.view()).commands.some(({ id, state }) => id === 'later' && state === 'done') && task.view();
  const { contextVersion, attempts, result } = await until(done, { timeoutMs: 40_000, what: 'the command is done' });
  expect(contextVersion).toBe(2);
  expect(attempts).toHaveLength(2);
  expect(result?.text).toBe('late');
});
