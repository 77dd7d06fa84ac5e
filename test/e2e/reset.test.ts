// A Temporal Reset from the outside, as the Web UI does it, against the real server and the real CLI: between attempts,
// in the middle of one, with one at work; and what a terminated task leaves. Judged by the API's log and the files.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TaskHandle } from '../../src/client.js';
import { listRefs, readMoments } from '../../src/context/store/read.js';
import { openStore } from '../../src/context/store/store.js';
import { idRoot } from '../../src/context/store/task-ref.js';
import { taskPlace } from '../../src/host/task-place.js';
import { until } from '../support/poll.js';
import { World } from '../support/world.js';

const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;
const CLAUDE = { allowedTools: ['Bash'] };

let world: World;

beforeAll(async () => {
  world = await World.open();
  await world.startWorker();
});
afterAll(() => world.close());

const byId = (taskId: string) => world.client.temporal.workflow.getHandle(taskId);

async function file(taskId: string, name: string): Promise<string> {
  const { raw } = await byId(taskId).describe();
  const incarnation = raw.workflowExecutionInfo?.firstRunId ?? '';
  const tasks = join(world.env['TASKRUN_HOME'] ?? '', 'tasks');
  const place = taskPlace({ tasks }, { namespace: 'default', taskId, incarnation });
  return (await readFile(join(place.workspace, name), 'utf8')).trim();
}

/** The newest workflow task that was completed: a point that the UI offers. */
async function newestPoint(taskId: string) {
  const { events } = await byId(taskId).fetchHistory();
  const point = events?.findLast((event) => event.workflowTaskCompletedEventAttributes != null)?.eventId;
  if (point == null) throw new Error(`nothing of ${taskId} to go back to`);
  return point;
}

type Point = Awaited<ReturnType<typeof newestPoint>>;

/** What the UI sends where nothing is unticked: later signals and Updates are played again. */
async function reset(taskId: string, point: Point): Promise<void> {
  const { runId } = await byId(taskId).describe();
  await world.client.temporal.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: taskId, runId },
    workflowTaskFinishEventId: point,
    reason: 'by hand',
    requestId: randomUUID(),
  });
}

async function momentsOf(taskId: string) {
  const store = await openStore({ configured: undefined, home: world.env['TASKRUN_HOME'] ?? '' });
  const refs = await listRefs(store, idRoot({ namespace: 'default', taskId }));
  const found = await readMoments(
    store,
    refs.map(({ id }) => id),
  );
  return found.map((at) => ({ ...at, refs: refs.filter(({ id }) => id === at.id).map(({ ref }) => ref) }));
}

const started = (taskId: string, prompt: string): Promise<TaskHandle> =>
  world.client.start({ prompt: `${taskId} ${prompt}`, claude: CLAUDE }, { taskId });

const heardBy = (words: string): string =>
  world.api.requests.findLast(({ side, userTexts }) => !side && userTexts.join().includes(words))?.userTexts.join() ??
  '';

test('back to after the first attempt: what was signalled since is told again, once, on that moment', async () => {
  const task = await started('back', `${bash('echo one > file')} [[say first]]`);
  await world.idle(task, 1);
  const point = await newestPoint('back');
  await task.signal('update', {
    prompt: `later ${bash('cat file >> seen; echo two > file')} [[recall]] [[say second]]`,
  });
  const before = (await world.idle(task, 2)).attempts[1]?.id;
  await reset('back', point);
  const view = await world.when(
    task,
    'told again',
    ({ phase, attempts }) => phase === 'idle' && attempts.length === 2 && attempts[1]?.id !== before,
  );
  expect(view.attempts[1]).toMatchObject({ outcome: 'done', startedFrom: view.attempts[0]?.checkpoint });
  expect(await file('back', 'seen')).toBe('one');
  expect(heardBy('later [[tool').match(/later \[\[tool/g)).toHaveLength(1);
  const sides = (await momentsOf('back')).filter(({ refs }) => refs.some((ref) => ref.includes('/side/')));
  expect(sides).toHaveLength(1);
});

test('into the middle of an attempt that is over: it goes on by itself, files and conversation from one moment', async () => {
  const task = await started('middle', `${bash('echo one >> file')} [[sleep 3s]] [[say first]]`);
  await until(() => world.timesSaid('middle [[tool') > 0, { what: 'it works', timeoutMs: 30_000 });
  await task.signal('mark', { label: 'too early' });
  await world.when(task, 'the signal is taken', ({ commands }) => commands.length > 0);
  const point = await newestPoint('middle');
  await world.idle(task, 1);
  await task.signal('update', { prompt: `after ${bash('echo two >> file')} [[say second]]` });
  await world.idle(task, 2);
  await reset('middle', point);
  const view = await world.when(
    task,
    'it has gone on',
    (now) => now.phase === 'idle' && now.attempts.filter(({ outcome }) => outcome === 'done').length === 2,
    90_000,
  );
  expect(view.attempts[0]).toMatchObject({ outcome: 'fault', sent: '', decided: 'continue' });
  expect(await file('middle', 'file')).toBe('one\ntwo');
  expect(heardBy('after [[tool').match(/middle \[\[tool/g)).toHaveLength(1);
});

test('behind an attempt at work: it is ended, what it left stands aside, and nothing of it is continued', async () => {
  const task = await started('works', `${bash('echo one > file')} [[say first]]`);
  await world.idle(task, 1);
  const point = await newestPoint('works');
  await task.send('update', { prompt: `astray ${bash('echo astray > file')} [[hang]]` });
  await until(async () => (await file('works', 'file')) === 'astray', { what: 'it works', timeoutMs: 30_000 });
  const { runId } = await byId('works').describe();
  await world.client.temporal.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: 'works', runId },
    workflowTaskFinishEventId: point,
    reason: 'rewind',
    requestId: randomUUID(),
    resetReapplyType: 2,
    resetReapplyExcludeTypes: [1, 2, 3],
  });
  await task.send('update', { prompt: `instead ${bash('cat file > seen')} [[recall]]` });
  const view = await world.idle(task, 2);
  expect(view.attempts[1]).toMatchObject({ outcome: 'done', startedFrom: view.attempts[0]?.checkpoint });
  expect(await file('works', 'seen')).toBe('one');
  expect(heardBy('instead [[tool')).not.toContain('astray');
  expect(world.claudes.overlaps('works')).toEqual([]);
  await until(async () => (await momentsOf('works')).some(({ refs }) => refs.some((ref) => ref.includes('/side/'))), {
    what: 'the leftovers are aside',
  });
});

test('terminated in mid-turn: Claude is ended and a moment is left, from which another task starts', async () => {
  await started('ends', `${bash('echo half > file')} [[hang]]`);
  await until(async () => (await file('ends', 'file').catch(() => '')) === 'half', {
    what: 'it works',
    timeoutMs: 30_000,
  });
  await byId('ends').terminate('enough');
  await until(() => world.claudes.alive('ends').length === 0, { what: 'Claude is ended', timeoutMs: 30_000 });
  await until(async () => (await momentsOf('ends')).some(({ moment }) => moment.kind === 'checkpoint'), {
    what: 'a moment is left',
    timeoutMs: 30_000,
  });
  const heir = await world.client.start(
    { prompt: `${bash('cat file > seen')} [[recall]] [[say taken over]]`, from: { taskId: 'ends' }, claude: CLAUDE },
    { taskId: 'heir of ends' },
  );
  expect((await world.idle(heir, 1)).attempts[0]).toMatchObject({ outcome: 'done' });
  expect(await file('heir of ends', 'seen')).toBe('half');
});
