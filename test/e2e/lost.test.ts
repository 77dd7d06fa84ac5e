// A task outlives whatever runs it: the worker, the CLI, the server, the whole container. One file, one server; the
// faults strike several tasks at once, since each waits for the heartbeat time-out.
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TaskHandle, TaskView } from '../../src/client.js';
import { until } from '../support/poll.js';
import { type WorkerProcess, World } from '../support/world.js';

const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;
const CLAUDE = { allowedTools: ['Bash'] };
const MINUTES = 180_000;

let world: World;
let worker: WorkerProcess;

beforeAll(async () => {
  world = await World.open({ durableServer: true });
  worker = await world.startWorker();
});
afterAll(() => world.close());

/** Of a living process: a pid that is gone, a zombie's or given to another one shows nothing of it. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** A task in mid-turn: its tool has run, and it sits in a long answer. */
async function midTurn(name: string, then = '[[recall]]'): Promise<TaskHandle> {
  const task = await world.client.start(
    { prompt: `${name} ${bash('echo once >> log.txt')} [[sleep 120s]] ${then}`, claude: CLAUDE },
    { taskId: name },
  );
  await until(
    () =>
      world.api.requests.some(
        (request) => !request.side && request.messages > 2 && request.userTexts[0]?.includes(name),
      ),
    { what: `${name} is in mid-turn`, timeoutMs: 60_000 },
  );
  return task;
}

const fileOf = (view: TaskView, name: string): Promise<string> =>
  readFile(join(dirOf(view), 'workspace', name), 'utf8');
const dirOf = (view: TaskView): string => join(view.attempts[0]?.log ?? '', '..', '..');

function expectContinued(view: TaskView, name: string): void {
  expect(view.attempts).toMatchObject([
    { cause: 'first', outcome: 'lost', problem: { class: 'lost' } },
    { cause: 'lost', outcome: 'done', sent: '--continue' },
  ]);
  expect(view.result?.text).toContain(name);
  expect(world.timesSaid(name)).toBe(1);
  expect(world.claudes.overlaps(name)).toEqual([]);
  expect(world.claudes.flagsOf(name)).toEqual([`--session-id=${view.activeSessionId}`, '--continue']);
}

test('the worker is SIGKILLed in mid-turn: the orphaned Claude is ended, its children too, and the task continues', {
  timeout: MINUTES,
}, async () => {
  const escape = `python3 -c "import os,time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
open('escaped.pid','w').write(str(os.getpid()))
time.sleep(600)" >/dev/null 2>&1`;
  const task = await world.client.start(
    { prompt: `lost-worker ${bash(escape)} [[sleep 120s]] [[recall]]`, claude: CLAUDE },
    { taskId: 'lost-worker' },
  );
  await until(
    () =>
      world.api.requests.some(
        (request) => !request.side && request.messages > 2 && request.userTexts[0]?.includes('lost-worker'),
      ),
    { what: 'in mid-turn', timeoutMs: 60_000 },
  );
  const other = await midTurn('lost-beside');
  // Its heartbeat has told of it: that much is known of the attempt when its worker is gone.
  await until(async () => (await other.snapshot()).attempt?.progress?.delivered, { what: 'a heartbeat with progress' });
  const [orphan] = world.claudes.alive('lost-worker');
  await worker.end('SIGKILL');
  expect(world.claudes.alive('lost-worker').map(({ pid }) => pid)).toEqual([orphan?.pid]);

  worker = await world.startWorker();
  const view = await world.idle(task, 2, MINUTES);
  expectContinued(view, 'lost-worker');
  const escaped = Number(await fileOf(view, 'escaped.pid'));
  expect(escaped).toBeGreaterThan(1);
  expect(commandLine(escaped)).not.toContain('escaped.pid');

  const beside = await world.idle(other, 2, MINUTES);
  expectContinued(beside, 'lost-beside');
  expect(await fileOf(beside, 'log.txt')).toBe('once\n');
  // What the last heartbeat said is kept: the operator sees what was going on.
  expect(beside.attempts[0]).toMatchObject({
    sent: expect.stringMatching(/^--session-id=/) as string,
    turns: expect.any(Number) as number,
    host: expect.any(String) as string,
  });
});

test('the Temporal server is SIGKILLed and started again: the attempt under way counts', {
  timeout: MINUTES,
}, async () => {
  const task = await world.client.start(
    { prompt: `lost-server ${bash('echo once >> log.txt')} [[sleep 8s]] [[recall]]`, claude: CLAUDE },
    { taskId: 'lost-server' },
  );
  await world.spoken('lost-server');
  await world.restartServer();
  const view = await world.idle(task, 1, MINUTES);
  expect(view.attempts.at(-1)).toMatchObject({ outcome: 'done' });
  expect(view.result?.text).toContain('lost-server');
  expect(world.timesSaid('lost-server')).toBe(1);
  expect(world.claudes.overlaps('lost-server')).toEqual([]);
  expect(await fileOf(view, 'log.txt')).toBe('once\n');
});

test('a worker is drained in mid-turn: it hands the attempt over, which costs none', { timeout: MINUTES }, async () => {
  const task = await midTurn('lost-drain');
  const next = await world.startWorker();
  const ended = await worker.end('SIGTERM');
  expect(ended.code).toBe(0);
  worker = next;
  const view = await world.idle(task, 2, MINUTES);
  expect(view.attempts).toMatchObject([
    { outcome: 'handedOver' },
    { cause: 'handover', sent: '--continue', outcome: 'done' },
  ]);
  expect(world.timesSaid('lost-drain')).toBe(1);
  expect(world.claudes.overlaps('lost-drain')).toEqual([]);
});

test('a transcript is deleted: the task says so and starts nothing anew by itself', { timeout: MINUTES }, async () => {
  const task = await world.client.start({ prompt: 'lost-transcript [[say noted]]' }, { taskId: 'lost-transcript' });
  const before = await world.idle(task, 1);
  await rm(join(dirOf(before), 'claude', 'projects'), { recursive: true });
  await task.send('update', { prompt: 'go on [[recall]]' });
  const view = await world.when(task, 'waits', (seen) => seen.phase === 'waiting');
  expect(view.waiting).toMatchObject({
    for: 'operator',
    says: expect.stringContaining(before.activeSessionId ?? '') as string,
  });
  expect(view.attempts[1]).toMatchObject({ outcome: 'fault', problem: { class: 'transcriptLost' }, decided: 'ask' });
  expect(view.sessions[0]?.status).toBe('lost');
  expect(world.claudes.of('lost-transcript')).toHaveLength(1);

  const [answer] = view.waiting?.answerWith ?? [];
  await task.send('update', { ...answer?.payload, prompt: 'anew [[recall]]' });
  const after = await world.idle(task, 3);
  expect(after.sessions).toHaveLength(2);
  expect(after.result?.text).toContain('anew');
  expect(after.commands.map(({ state }) => state)).toEqual(['dropped', 'done']);
});

test('the task is terminated: its Claude is ended within the next heartbeats', { timeout: MINUTES }, async () => {
  const task = await midTurn('lost-terminated');
  await task.terminate('enough');
  await until(() => world.claudes.alive('lost-terminated').length === 0, { what: 'Claude is gone', timeoutMs: 30_000 });
});

test('the task is cancelled: a gentle end, then cancelled', { timeout: MINUTES }, async () => {
  const task = await midTurn('lost-cancelled');
  await task.cancel();
  await expect(task.result()).rejects.toThrow();
  const view = await task.view();
  expect(view).toMatchObject({ phase: 'cancelled', attempts: [{ outcome: 'ended' }] });
  expect(world.claudes.alive('lost-cancelled')).toEqual([]);
});
