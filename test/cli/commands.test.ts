// The commands of an operator, on one real server with one real worker and the real Claude CLI.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TaskView } from '../../src/client.js';
import { until } from '../support/poll.js';
import { type Ended, jsonLines, startCli } from './support/cli.js';
import { KEYS, onTerminal } from './support/terminal.js';
import { openWorld, type World } from './support/world.js';

vi.setConfig({ testTimeout: 120_000 });
let world: World;

beforeAll(async () => {
  world = await openWorld({ withSearchAttributes: true });
  await world.startWorker();
});
afterAll(() => world.close());

const taskrun = (...args: string[]): Promise<Ended> => world.taskrun(...args);

async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const ended = await taskrun(...args, '--json');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(ended.stdout) as T;
}

const view = (taskId: string): Promise<TaskView> => world.client.task(taskId).view();

const inPhase = (taskId: string, phase: string, holds: (task: TaskView) => boolean = () => true): Promise<TaskView> =>
  until(
    async () => {
      const task = await view(taskId);
      return task.phase === phase && holds(task) ? task : undefined;
    },
    { timeoutMs: 40_000, everyMs: 100, what: `${taskId} is ${phase}` },
  );

async function start(...args: string[]): Promise<string> {
  return (await json<{ taskId: string }>('start', ...args)).taskId;
}

describe('a task from start to finish', () => {
  let taskId: string;
  let first: string;

  it('start prints the id alone, and what to do next beside it', async () => {
    const started = await taskrun(
      'start',
      'Begin. [[say begun]]',
      '--title',
      'The \u001b[31mfirst\u001b[0m',
      '--by',
      'ann',
    );
    expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/^task-[0-9a-f-]{36}\n$/) });
    expect(started.stderr).toContain('--follow');
    taskId = started.stdout.trim();
    const task = await inPhase(taskId, 'idle');
    expect(task.result?.text).toBe('begun');
    first = task.sessions[0]?.sessionId ?? '';
  });

  it('a second start under its id is refused', async () => {
    const again = await taskrun('start', 'x', '--id', taskId);
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('is open already') });
  });

  it('ls shows it with phase and title, and obeys its filters', async () => {
    const [words, idle, waiting] = await Promise.all([
      taskrun('ls'),
      json<{ taskId: string; title: string; sessions: string[] }[]>('ls', '--phase', 'idle'),
      json<unknown[]>('ls', '--waiting'),
    ]);
    expect(words.stdout).toMatch(new RegExp(`^${taskId} +idle .* 1 +The .*first`, 'm'));
    expect(idle).toEqual([
      expect.objectContaining({ taskId, title: expect.stringContaining('first'), sessions: [first] }),
    ]);
    expect(waiting).toEqual([]);
  });

  it('update opens a second session, with a document from a file and the prompt from stdin', async () => {
    const prompt = 'Something else. [[tool Read {"file_path":".taskrun/brief.md"}]] [[say read]]';
    const args = [
      'update',
      taskId,
      '-',
      '--new-session',
      '--file',
      `brief.md=${import.meta.filename}`,
      '--id',
      'second',
      '--json',
    ];
    const ended = await startCli(args, { env: world.env, stdin: prompt }).ended;
    expect(jsonLines(ended)).toEqual([
      { commandId: 'second', instructionId: expect.any(String), contextVersion: 2, position: 0 },
    ]);
    const task = await inPhase(taskId, 'idle', ({ sessions }) => sessions.length === 2);
    expect(task.attempts.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  });

  it('the same command id again changes nothing', async () => {
    const answer = await json('update', taskId, 'another payload', '--id', 'second');
    expect(answer).toMatchObject({ commandId: 'second', contextVersion: 2 });
    expect((await view(taskId)).contextVersion).toBe(2);
  });

  it('sessions lists both, for people and as the query answers', async () => {
    const [words, list] = await Promise.all([
      taskrun('sessions', taskId),
      json<TaskView['sessions']>('sessions', taskId),
    ]);
    expect(words.stdout).toMatch(new RegExp(`1 +${first} +resting .* ann +1 attempt +\\$0\\.\\d+ +Begin\\. .*→ begun`));
    expect(list.map(({ number }) => number)).toEqual([1, 2]);
  });

  it('resume without a session and without a terminal prints the list and the very command, and ends with 2', async () => {
    const ended = await taskrun('resume', taskId, '--prompt', "what's new?");
    expect(ended.code).toBe(2);
    expect(ended.stdout).toContain(first);
    expect(ended.stderr).toContain(`resume ${taskId} 2 --prompt 'what'\\''s new?'`);
    expect((await view(taskId)).contextVersion).toBe(2);
  });

  it('on a terminal it lets a person pick', async () => {
    const prompt = 'Back to the beginning. [[recall]]';
    const steps: [string, string][] = [
      ['Which session', KEYS.up],
      ['navigate', KEYS.enter],
    ];
    const { code, shown } = await onTerminal(
      ['resume', taskId, '--prompt', prompt, '--files', 'keep'],
      world.env,
      steps,
    );
    expect(shown).toContain('begun');
    expect(shown).toContain('Something else.');
    expect(code).toBe(0);
    const task = await inPhase(taskId, 'idle', ({ attempts }) => attempts.length === 3);
    expect(task.attempts.at(-1)?.sent).toBe(`--resume=${first}`);
    expect(task.result?.text).toContain('Begin. [[say begun]]');
    expect(task.result?.text).not.toContain('Something else.');
  });

  it('Ctrl-C in the picker sends nothing', async () => {
    const { code } = await onTerminal(['resume', taskId], world.env, [['Which session', KEYS.ctrlC]]);
    expect(code).toBe(130);
    expect((await view(taskId)).commands.map(({ name }) => name)).toEqual(['update', 'resume']);
  });

  it('a session may be given as number or id, and an unknown one is told with those there are', async () => {
    const resumed = await taskrun('resume', taskId, '2');
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining('accepted') });
    for (const unknown of ['7', 'nobody']) {
      const ended = await taskrun('update', taskId, 'x', '--session', unknown);
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toContain(`1 = ${first}, 2 = `);
    }
  });

  it('continue with nothing to continue is refused with 1', async () => {
    const ended = await taskrun('continue', taskId);
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('nothing to continue') });
  });

  it('show tells all of it to people, without a byte that moves the cursor', async () => {
    const { stdout } = await taskrun('show', taskId);
    for (const words of [
      'idle',
      'context version 3',
      'Sessions',
      'Attempts',
      `--resume=${first.slice(0, 8)}…`,
      'Commands',
      'Result',
    ])
      expect(stdout).toContain(words);
    expect(stdout).toContain('The first');
    expect(stdout).not.toContain('\u001b');
  });

  it('finish closes it with a summary, and show --follow ends with its result', async () => {
    const following = startCli(['show', taskId, '--follow', '--json'], { env: world.env });
    await until(() => following.stdout().includes('"event":"task"'), { what: 'the first look' });
    const finished = await taskrun('finish', taskId, '--summary', 'all well');
    expect(finished).toMatchObject({ code: 0, stdout: 'closes\n' });
    const followed = await following.ended;
    expect(followed.code).toBe(0);
    const events = jsonLines(followed);
    expect(events[0]).toMatchObject({ event: 'task', taskId, phase: 'idle', status: 'RUNNING', answeredBy: 'worker' });
    expect(events.at(-1)).toMatchObject({ event: 'ended', status: 'COMPLETED', result: { summary: 'all well' } });
  });

  it('a closed task takes no commands, and ls has it with --all alone', async () => {
    const stopped = await taskrun('stop', taskId);
    expect(stopped).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('it is closed') });
    const [open, all] = await Promise.all([
      json<{ taskId: string }[]>('ls'),
      json<{ taskId: string; phase: string }[]>('ls', '--all'),
    ]);
    expect(open.map((row) => row.taskId)).not.toContain(taskId);
    expect(all).toContainEqual(expect.objectContaining({ taskId, phase: 'finished', status: 'COMPLETED' }));
  });
});

describe('a task that waits', () => {
  it('stop holds the queue, drop withdraws from it, continue goes on where it was', async () => {
    const taskId = await start('Work. [[say at it]] [[sleep 60s]] [[say came to the end]]');
    const lastWords = async () => (await world.client.task(taskId).snapshot()).attempt?.progress?.lastWords === 'at it';
    await until(lastWords, { timeoutMs: 30_000, what: 'its last words are live' });
    expect((await taskrun('show', taskId)).stdout).toMatch(/^attempt 1 · --session-id · .*"at it"/m);
    const queued = await json<{ commandId: string; position: number }>('update', taskId, 'Then this. [[say never]]');
    expect(queued.position).toBe(1);
    await taskrun('stop', taskId, '--reason', 'lunch');
    await inPhase(taskId, 'waiting');

    const shown = await taskrun('show', taskId);
    expect(shown.stdout).toMatch(/Waits for: operator\. Stopped by .*: lunch/);
    expect(shown.stdout).toMatch(new RegExp(`main\\.js continue ${taskId}$`, 'm'));
    const waiting = await json<{ taskId: string }[]>('ls', '--waiting', 'operator');
    expect(waiting.map((row) => row.taskId)).toContain(taskId);

    expect(await taskrun('drop', taskId, queued.commandId)).toMatchObject({ code: 0 });
    expect(await taskrun('drop', taskId, 'nobody')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('drop.command'),
    });
    expect(await taskrun('continue', taskId)).toMatchObject({ code: 0, stdout: 'goes on\n' });
    const task = await inPhase(taskId, 'idle');
    expect(task.result?.text).toBe('came to the end');
    expect(task.attempts.map(({ sent }) => sent.replace(/=.*/, ''))).toEqual(['--session-id', '--continue']);
    expect(task.commands).toContainEqual(expect.objectContaining({ id: queued.commandId, state: 'dropped' }));
  });

  it('answer picks where a resume of any Temporal client left it open', async () => {
    const taskId = await start('One. [[say 1]]');
    await taskrun('update', taskId, 'Two. [[say 2]]', '--new-session');
    await inPhase(
      taskId,
      'idle',
      ({ sessions }) => sessions.every(({ attempts }) => attempts === 1) && sessions.length === 2,
    );
    await world.client.task(taskId).send('resume', { prompt: 'Which? [[recall]]' });
    expect((await view(taskId)).waiting?.for).toBe('choice');
    expect((await taskrun('show', taskId)).stdout).toMatch(/1 {2}.*One\. .*\n {2}2 {2}.*Two\./);
    expect(await taskrun('answer', taskId, '9')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('answer.pick: got "9"'),
    });
    expect(await taskrun('answer', taskId, '1')).toMatchObject({ code: 0 });
    const task = await inPhase(taskId, 'idle', ({ attempts }) => attempts.length === 3);
    expect(task.result?.text).toContain('One.');
  });
});

it('doctor finds all well, and prints no value of a key', async () => {
  const env = { ...world.env, ANTHROPIC_API_KEY: 'sk-very-secret' };
  const { code, stdout } = await startCli(['doctor'], { env }).ended;
  expect(stdout).toMatch(/✔ workers .*1 on queue "taskrun"/);
  expect(stdout).toMatch(/✔ search attributes/);
  expect(stdout).toMatch(/✔ credentials .*ANTHROPIC_API_KEY in the environment/);
  expect(stdout).not.toContain('secret');
  expect(code).toBe(0);
});

it('a namespace that is not there is told by every command', async () => {
  for (const args of [['ls'], ['run', 'x']]) {
    const ended = await taskrun(...args, '--namespace', 'elsewhere');
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('namespace "elsewhere"') });
  }
});

it('a terminal gets colours, and with NO_COLOR none', async () => {
  const [plain, coloured] = await Promise.all([
    onTerminal(['ls', '--all'], { ...world.env, NO_COLOR: '1' }),
    onTerminal(['ls', '--all'], world.env),
  ]);
  expect(coloured.shown).toContain('\u001b[');
  expect(plain.shown).not.toContain('\u001b[');
});
