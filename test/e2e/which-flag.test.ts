// Which flag, end to end: one test for each golden row of the design, asserting the real argv, the conversation that
// reached the API, and the files.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { World } from '../support/world.js';

const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;
const CLAUDE = { allowedTools: ['Bash'] };

let world: World;

beforeAll(async () => {
  world = await World.open({ env: { CLAUDE_CODE_MAX_RETRIES: '0' } });
  await world.startWorker();
});
afterAll(() => world.close());

/** The file in a task's own workspace. */
async function fileOf(taskId: string, name: string): Promise<string> {
  const [launch] = world.claudes.of(taskId);
  return readFile(join(world.dir, 'taskrun', 'tasks', launch?.task ?? '', 'workspace', name), 'utf8');
}

describe.concurrent('goes on with --continue', () => {
  test('after a time-out: same conversation, same files', async () => {
    const task = await world.client.start(
      {
        prompt: `row time-out ${bash('echo once >> log.txt')} [[sleep 60s]] [[recall]]`,
        claude: CLAUDE,
        limits: { attemptTimeout: '15s' },
      },
      { taskId: 'row-timeout' },
    );
    const view = await world.idle(task, 2);
    expect(view.attempts.map(({ cause, outcome, sent }) => ({ cause, outcome, sent }))).toEqual([
      { cause: 'first', outcome: 'timedOut', sent: `--session-id=${view.sessions[0]?.sessionId}` },
      { cause: 'timedOut', outcome: 'done', sent: '--continue' },
    ]);
    expect(world.claudes.flagsOf('row-timeout')).toEqual([`--session-id=${view.sessions[0]?.sessionId}`, '--continue']);
    expect(view.result?.text).toContain('row time-out');
    expect(world.timesSaid('row time-out')).toBe(1);
    expect(await fileOf('row-timeout', 'log.txt')).toBe('once\n');
    expect(view.contextVersion).toBe(1);
  });

  test('after a stop by hand', async () => {
    const task = await world.client.start(
      { prompt: `row stop ${bash('echo once >> log.txt')} [[sleep 60s]] [[recall]]`, claude: CLAUDE },
      { taskId: 'row-stop' },
    );
    await world.when(task, 'the tool ran', () =>
      world.api.requests.some(
        (request) => request.userTexts.some((said) => said.includes('row stop')) && request.messages > 2,
      ),
    );
    await task.send('stop', { reason: 'lunch', requestedBy: 'ann' });
    const stopped = await world.when(task, 'stopped', (view) => view.phase === 'waiting');
    expect(stopped.waiting).toMatchObject({ for: 'operator', says: expect.stringContaining('lunch') as string });
    expect(stopped.attempts[0]).toMatchObject({ outcome: 'ended' });
    expect(world.claudes.alive('row-stop')).toEqual([]);
    await task.send('continue', {});
    const view = await world.idle(task, 2);
    expect(view.attempts[1]).toMatchObject({ cause: 'stopped', sent: '--continue', outcome: 'done' });
    expect(world.claudes.flagsOf('row-stop')[1]).toBe('--continue');
    expect(view.result?.text).toContain('row stop');
    expect(world.timesSaid('row stop')).toBe(1);
    expect(await fileOf('row-stop', 'log.txt')).toBe('once\n');
  });

  test('after an error from the API, with back-off', async () => {
    const task = await world.client.start(
      {
        prompt: `row error ${bash('echo once >> log.txt')} [[drop]] [[recall]]`,
        claude: CLAUDE,
      },
      { taskId: 'row-error' },
    );
    const waiting = await world.when(task, 'backing off', (view) => view.waiting?.for === 'backoff', 90_000);
    expect(waiting.attempts[0]).toMatchObject({ outcome: 'fault', problem: { class: 'network' }, decided: 'continue' });
    expect(Date.parse(waiting.waiting?.until ?? '')).toBeGreaterThan(Date.now() - 1_000);
    const view = await world.idle(task, 2, 90_000);
    expect(view.attempts[1]).toMatchObject({ cause: 'fault', sent: '--continue', outcome: 'done' });
    expect(view.result?.text).toContain('row error');
    expect(await fileOf('row-error', 'log.txt')).toBe('once\n');
  });

  test('after silence', async () => {
    const task = await world.client.start(
      { prompt: 'row silence [[hang]] [[recall]]', limits: { silenceTimeout: '10s' } },
      { taskId: 'row-silence' },
    );
    const view = await world.idle(task, 2, 90_000);
    expect(view.attempts).toMatchObject([
      { outcome: 'fault', problem: { class: 'silent' } },
      { cause: 'fault', sent: '--continue', outcome: 'done' },
    ]);
    expect(view.result?.text).toContain('row silence');
    expect(world.timesSaid('row silence')).toBe(1);
  });

  test('after the CLI alone was killed', async () => {
    const task = await world.client.start(
      { prompt: `row killed ${bash('echo once >> log.txt')} [[sleep 60s]] [[recall]]`, claude: CLAUDE },
      { taskId: 'row-killed' },
    );
    await world.when(task, 'the tool ran', () =>
      world.api.requests.some(
        (request) => request.userTexts.some((said) => said.includes('row killed')) && request.messages > 2,
      ),
    );
    process.kill(world.claudes.alive('row-killed')[0]?.pid ?? 0, 'SIGKILL');
    const view = await world.idle(task, 2);
    expect(view.attempts).toMatchObject([
      { outcome: 'fault', problem: { class: 'lost' } },
      { cause: 'fault', sent: '--continue', outcome: 'done' },
    ]);
    expect(view.result?.text).toContain('row killed');
    expect(world.timesSaid('row killed')).toBe(1);
    expect(await fileOf('row-killed', 'log.txt')).toBe('once\n');
  });
});

describe.concurrent('picks up with --resume=<id>', () => {
  test('switching tasks: an update of the first of two sessions', async () => {
    const task = await world.client.start(
      { prompt: 'row switch, about sheds [[say a shed]]' },
      { taskId: 'row-switch' },
    );
    await world.idle(task, 1);
    await task.send('update', { prompt: 'row switch, about cats [[say a cat]]', newSession: true });
    const two = await world.idle(task, 2);
    const [first, second] = two.sessions;
    await task.send('update', { prompt: 'what did I ask here? [[recall]]', sessionId: first?.sessionId ?? '' });
    const view = await world.idle(task, 3);
    expect(world.claudes.flagsOf('row-switch')).toEqual([
      `--session-id=${first?.sessionId}`,
      `--session-id=${second?.sessionId}`,
      `--resume=${first?.sessionId}`,
    ]);
    expect(view.result?.text).toContain('about sheds');
    expect(view.result?.text).not.toContain('about cats');
    expect(view.activeSessionId).toBe(first?.sessionId);
    expect(view.contextVersion).toBe(3);
  });

  test('concurrent tasks: two in one directory keep their own conversations', async () => {
    const dir = join(world.dir, 'shared');
    await mkdir(dir, { recursive: true });
    const start = (name: string) =>
      world.client.start(
        {
          prompt: `row both, I am ${name} ${bash(`echo ${name} >> ${name}.txt`)} [[say noted]]`,
          claude: CLAUDE,
          source: { dir, inPlace: true },
        },
        { taskId: `row-both-${name}` },
      );
    const tasks = await Promise.all([start('ada'), start('bob')]);
    await Promise.all(tasks.map((task) => world.idle(task, 1)));
    await Promise.all(tasks.map((task) => task.send('update', { prompt: 'who am I? [[recall]]' })));
    const [ada, bob] = await Promise.all(tasks.map((task) => world.idle(task, 2)));
    expect(ada?.result?.text).toContain('I am ada');
    expect(ada?.result?.text).not.toContain('I am bob');
    expect(bob?.result?.text).toContain('I am bob');
    expect(bob?.result?.text).not.toContain('I am ada');
    expect(world.claudes.flagsOf('row-both-ada')[1]).toBe(`--resume=${ada?.activeSessionId}`);
    expect(world.claudes.flagsOf('row-both-bob')[1]).toBe(`--resume=${bob?.activeSessionId}`);
    expect(await readFile(join(dir, 'ada.txt'), 'utf8')).toBe('ada\n');
    expect(await readFile(join(dir, 'bob.txt'), 'utf8')).toBe('bob\n');
  });

  test('collaboration: a colleague asks without an id, the task asks back, the pick goes on', async () => {
    const task = await world.client.start(
      { prompt: 'row team, ann here [[say hello ann]]', requestedBy: 'ann' },
      { taskId: 'row-team' },
    );
    await world.idle(task, 1);
    await task.send('update', {
      prompt: 'row team, ann again, elsewhere [[say again]]',
      newSession: true,
      requestedBy: 'ann',
    });
    await world.idle(task, 2);
    const asked = await task.send('resume', { prompt: 'ben takes over [[recall]]', requestedBy: 'ben' });
    const waiting = await world.when(task, 'asks', (view) => view.waiting?.for === 'choice');
    expect(waiting.waiting?.options?.map(({ pick }) => pick)).toEqual([1, 2]);
    await task.send('answer', { pick: '1', requestedBy: 'ben' });
    const view = await world.idle(task, 3);
    expect(world.claudes.flagsOf('row-team')[2]).toBe(`--resume=${view.sessions[0]?.sessionId}`);
    expect(view.result).toMatchObject({
      instructionId: asked.instructionId,
      text: expect.stringContaining('ann here') as string,
    });
    expect(view.result?.text).not.toContain('elsewhere');
    expect(view.sessions[0]?.recent.at(-1)).toMatchObject({ by: 'ben' });
  });

  test('context switch: to and fro between two sessions', async () => {
    const task = await world.client.start(
      { prompt: `row fro one ${bash('echo one >> log.txt')} [[say one]]`, claude: CLAUDE },
      { taskId: 'row-fro' },
    );
    await world.idle(task, 1);
    await task.send('update', { prompt: `row fro two ${bash('echo two >> log.txt')} [[say two]]`, newSession: true });
    const { sessions } = await world.idle(task, 2);
    await task.send('resume', {
      onFileConflict: 'keep',
      sessionId: sessions[0]?.sessionId ?? '',
      prompt: `row fro three ${bash('echo three >> log.txt')} [[recall]]`,
    });
    expect((await world.idle(task, 3)).result?.text).not.toContain('row fro two');
    await task.send('resume', {
      onFileConflict: 'keep',
      sessionId: sessions[1]?.sessionId ?? '',
      prompt: 'row fro four [[recall]]',
    });
    const view = await world.idle(task, 4);
    expect(view.result?.text).toContain('row fro two');
    expect(view.result?.text).not.toContain('row fro one');
    expect(world.claudes.flagsOf('row-fro').slice(2)).toEqual([
      `--resume=${sessions[0]?.sessionId}`,
      `--resume=${sessions[1]?.sessionId}`,
    ]);
    expect(await fileOf('row-fro', 'log.txt')).toBe('one\ntwo\nthree\n');
  });
});

test('a session id that does not exist is refused by name, and nothing is launched', async () => {
  const task = await world.client.start({ prompt: 'row unknown [[say here]]' }, { taskId: 'row-unknown' });
  const before = await world.idle(task, 1);
  const unknown = '00000000-0000-4000-8000-000000000000';
  await expect(task.send('update', { prompt: 'hello?', sessionId: unknown })).rejects.toThrow(
    `no session "${unknown}"; sessions of this task: 1 = ${before.activeSessionId}`,
  );
  const id = await task.signal('resume', { sessionId: unknown, prompt: 'hello?' });
  const view = await world.when(task, 'the refusal is recorded', (seen) => seen.refusedTotal === 1);
  expect(view.commands.find((command) => command.id === id)).toMatchObject({
    state: 'refused',
    why: expect.stringContaining(unknown) as string,
  });
  expect(view.attemptsTotal).toBe(1);
});

test('long-term: a follow-up after the worker was replaced resumes the session by its id', async () => {
  const task = await world.client.start(
    { prompt: `row later ${bash('echo then >> log.txt')} [[say until later]]`, claude: CLAUDE },
    { taskId: 'row-later' },
  );
  await world.idle(task, 1);
  await world.restartWorkers();
  await task.send('update', { prompt: `days later ${bash('cat log.txt')} [[recall]]` });
  const view = await world.idle(task, 2);
  expect(world.claudes.flagsOf('row-later')[1]).toBe(`--resume=${view.sessions[0]?.sessionId}`);
  expect(view.result?.text).toContain('row later');
  expect(await fileOf('row-later', 'log.txt')).toBe('then\n');
});
