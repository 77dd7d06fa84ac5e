// A task's moments over the real server, with the real CLI: a question about files answered from outside, a milestone, a
// fork that goes its own way, a task that starts from a closed one, and the way back.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TaskHandle } from '../../src/client.js';
import { taskPlace } from '../../src/host/task-place.js';
import { World } from '../support/world.js';

const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;
const CLAUDE = { allowedTools: ['Bash'] };
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let world: World;

beforeAll(async () => {
  world = await World.open();
  await world.startWorker();
});
afterAll(() => world.close());

const taskrun = (...args: string[]) => promisify(execFile)(process.execPath, [MAIN, ...args], { env: world.env });

async function file(taskId: string, name: string): Promise<string> {
  const { execution } = await describe(taskId);
  const tasks = join(world.env['TASKRUN_HOME'] ?? '', 'tasks');
  const place = taskPlace({ tasks }, { namespace: 'default', taskId, incarnation: execution });
  return (await readFile(join(place.workspace, name), 'utf8')).trim();
}

async function describe(taskId: string): Promise<{ execution: string }> {
  const { raw } = await world.client.temporal.workflow.getHandle(taskId).describe();
  return { execution: raw.workflowExecutionInfo?.firstRunId ?? '' };
}

/** Session 1 wrote `one`, session 2 made `two` of it. */
async function twoSessions(taskId: string): Promise<TaskHandle> {
  const task = await world.client.start(
    { prompt: `${taskId} ${bash('echo one > file')} [[say first]]`, claude: CLAUDE },
    { taskId },
  );
  await world.idle(task, 1);
  await task.send('update', { prompt: `${bash('echo two > file')} [[say second]]`, newSession: true });
  await world.idle(task, 2);
  return task;
}

test('resume asks about the files; the answer from outside goes on', async () => {
  const task = await twoSessions('asks');
  await task.send('resume', { sessionId: (await task.sessions())[0]?.sessionId, prompt: '[[recall]] [[say back]]' });
  const asked = await world.when(task, 'the question', (view) => view.waiting?.for === 'choice');
  expect(asked.attempts.at(-1)).toMatchObject({ outcome: 'asks', sent: '', decided: 'ask' });
  await task.send('answer', { pick: 'restore' });
  const view = await world.idle(task, 4);
  expect(view.attempts.at(-1)).toMatchObject({
    outcome: 'done',
    cause: 'answer',
    sent: `--resume=${view.sessions[0]?.sessionId}`,
  });
  expect(await file('asks', 'file')).toBe('one');
});

test('a milestone; a fork from it goes its own way, and the parent does not notice', async () => {
  const task = await twoSessions('parent');
  await task.send('mark', { label: 'before the rewrite' });
  const marked = await world.when(task, 'the milestone is kept', (view) => view.commands.at(-1)?.state === 'done');
  expect(marked.milestones).toMatchObject([
    { label: 'before the rewrite', checkpoint: marked.attempts.at(-1)?.checkpoint },
  ]);
  await task.send('update', { prompt: `${bash('echo three > file')} [[say third]]` });
  await world.idle(task, 3);

  await task.send('fork', {
    prompt: `${bash('cat file > seen; echo fork > file')} [[say forked]]`,
    checkpoint: 'before the rewrite',
    taskId: 'child',
  });
  const child = world.client.task('child');
  const forked = await world.idle(child, 1);
  expect(forked.attempts).toMatchObject([
    { cause: 'fork', outcome: 'done', sent: expect.stringContaining('--fork-session') },
  ]);
  expect(await file('child', 'seen')).toBe('two');
  await task.send('update', { prompt: `${bash('cat file > seen')} [[say undisturbed]]` });
  await world.idle(task, 4);
  expect(await file('parent', 'seen')).toBe('three');
  await task.send('finish', {});
  await child.send('update', { prompt: '[[recall]]' });
  expect((await world.idle(child, 2)).attempts.at(-1)).toMatchObject({ outcome: 'done' });
});

test('a task starts from a closed one', async () => {
  const task = await twoSessions('closed');
  const { sessions } = await task.view();
  await task.send('finish', {});
  await task.result();
  const heir = await world.client.start(
    {
      prompt: `${bash('cat file > seen')} [[recall]]`,
      from: { taskId: 'closed', sessionId: sessions[0]?.sessionId },
      claude: CLAUDE,
    },
    { taskId: 'heir' },
  );
  const view = await world.idle(heir, 1);
  expect(view.attempts[0]).toMatchObject({
    outcome: 'done',
    sent: expect.stringContaining(`--resume=${sessions[0]?.sessionId}`),
  });
  expect(view.sessions[0]).toMatchObject({ parentSessionId: sessions[0]?.sessionId });
  expect(await file('heir', 'seen')).toBe('two');
  expect(world.timesSaid('closed [[tool')).toBe(1);
});

test('rewind: workflow, conversation and files go back together, and what was said since is not said again', async () => {
  const task = await world.client.start(
    { prompt: `rewound ${bash('echo one > file')} [[say first]]`, claude: CLAUDE },
    { taskId: 'rewound' },
  );
  await world.idle(task, 1);
  await task.send('update', { prompt: `too far ${bash('echo two > file')} [[say second]]` });
  await world.idle(task, 2);
  await taskrun('rewind', 'rewound', '--to', '1', '--yes');
  const back = await world.when(task, 'the task is back', (view) => view.attemptsTotal === 1 && view.phase === 'idle');
  expect(back.contextVersion).toBe(1);
  await task.send('update', { prompt: `${bash('cat file > seen')} and now? [[recall]]` });
  const view = await world.idle(task, 2);
  expect(view.attempts.at(-1)).toMatchObject({ outcome: 'done', startedFrom: back.attempts[0]?.checkpoint });
  expect(await file('rewound', 'seen')).toBe('one');
  const heard = world.api.requests.findLast(
    ({ side, userTexts }) => !side && userTexts.some((text) => text.includes('and now?')),
  );
  expect(heard?.userTexts.join()).not.toContain('too far');
  const { stdout } = await taskrun('log', 'rewound');
  expect(stdout).toMatch(/side/);
});
