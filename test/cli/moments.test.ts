// The commands around moments, on one real server with one real worker, the real Claude CLI and a real store: each step
// goes on from what the one before left.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { TaskView } from '../../src/client.js';
import { until } from '../support/poll.js';
import { cli, type Ended } from './support/cli.js';
import { KEYS, onTerminal } from './support/terminal.js';
import { openWorld, type World } from './support/world.js';

vi.setConfig({ testTimeout: 120_000 });
let world: World;

beforeAll(async () => {
  world = await openWorld({ withSearchAttributes: true });
  await world.startWorker();
});
afterAll(() => world.close());

const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;
const taskrun = (...args: string[]): Promise<Ended> => world.taskrun(...args);

async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const ended = await taskrun(...args, '--json');
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ended.stdout) as T;
}

const idleAfter = (taskId: string, attempts: number): Promise<TaskView> =>
  until(
    async () => {
      const view = await world.client.task(taskId).view();
      return view.phase === 'idle' && view.attemptsTotal >= attempts ? view : undefined;
    },
    { timeoutMs: 60_000, everyMs: 100, what: `${taskId} is idle after ${attempts} attempts` },
  );

type Logged = {
  moments: {
    checkpoint: string;
    where: string;
    isHead: boolean;
    attempt: { number: number; outcome?: string };
    sessionId: string;
    milestones: { label: string }[];
  }[];
};
const log = (taskId: string): Promise<Logged> => json<Logged>('log', taskId);

const T = 'moments';
const ids: string[] = [];
let first: string;

it('log shows what each attempt left, the newest first, with outcome, session and who asked', async () => {
  await taskrun(
    ...['start', `Begin. ${bash('echo one > a.txt; echo same > b.txt')} [[say begun]]`],
    ...['--id', T, '--by', 'ann', '--allow', 'Bash'],
  );
  first = (await idleAfter(T, 1)).sessions[0]?.sessionId ?? '';
  const none = await taskrun('diff', T);
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no moment before attempt 1') });
  await taskrun('update', T, `More. ${bash('echo two > a.txt; echo new > c.txt')} [[say more done]]`, '--by', 'ben');
  await idleAfter(T, 2);
  const { moments } = await log(T);
  expect(moments).toMatchObject([
    { where: 'line', isHead: true, attempt: { number: 2, outcome: 'done' }, sessionId: first },
    { where: 'line', isHead: false, attempt: { number: 1, outcome: 'done' }, sessionId: first },
  ]);
  ids.push(...moments.toReversed().map(({ checkpoint }) => checkpoint));
  const { stdout } = await taskrun('log', T);
  expect(stdout).toMatch(
    new RegExp(
      `^● ${ids[1]?.slice(0, 10)}  attempt 2 · session 1 \\(${first.slice(0, 8)}\\) · done · .* · by ben  \\[head\\]\n.*More\\.[^]*^● ${ids[0]?.slice(0, 10)}  attempt 1 · .* · by ann$`,
      'm',
    ),
  );
});

it('mark names the newest; the same label again is refused', async () => {
  const marked = await taskrun('mark', T, 'v2 (final)');
  expect(marked).toMatchObject({ code: 2, stderr: expect.stringContaining('mark.label') });
  expect(await taskrun('mark', T, 'v2')).toMatchObject({
    code: 0,
    stdout: `milestone v2: checkpoint ${ids[1]?.slice(0, 10)}\n`,
  });
  const again = await taskrun('mark', T, 'v2');
  expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('names checkpoint') });
  expect((await taskrun('log', T)).stdout).toMatch(/\[head, milestone v2 by \w+\]/);
});

it('show and sessions name checkpoints and milestones', async () => {
  const [show, sessions] = await Promise.all([taskrun('show', T), taskrun('sessions', T)]);
  expect(show.stdout).toMatch(new RegExp(`^2 +update .* done .* ${ids[1]?.slice(0, 10)}`, 'm'));
  expect(show.stdout).toMatch(new RegExp(`^Milestones\n.*\nv2 +${ids[1]?.slice(0, 10)}`, 'm'));
  expect(sessions.stdout).toMatch(new RegExp(`^1 +${first} +active +${ids[1]?.slice(0, 10)}`, 'm'));
});

it('diff compares by default the newest with the one before; by name and --stat too', async () => {
  const [whole, named, stat, machine] = await Promise.all([
    taskrun('diff', T),
    taskrun('diff', T, ids[0]?.slice(0, 7) ?? '', 'v2'),
    taskrun('diff', T, ids[0] ?? '', '--stat'),
    json<{ total: number; changes: { path: string; how: string }[] }>('diff', T),
  ]);
  expect(whole.stdout).toContain('-one\n+two\n');
  expect(named.stdout).toBe(whole.stdout);
  expect(stat.stdout).toMatch(/a\.txt +\| +2 [^]*2 files changed/);
  expect(machine.changes).toMatchObject([
    { path: 'a.txt', how: 'modified' },
    { path: 'c.txt', how: 'added' },
  ]);
});

it('an unknown moment is refused with those that there are', async () => {
  const ended = await taskrun('diff', T, 'v22');
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain(
    'A: got "v22"; no checkpoint or milestone of moments is called that. Did you mean "v2"?',
  );
  expect(ended.stderr).toContain(`${ids[1]?.slice(0, 10)} (attempt 2), ${ids[0]?.slice(0, 10)} (attempt 1)`);
  expect(await taskrun('checkout', T, 'abc', join(world.dir, 'x'))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('at least 7'),
  });
});

it('log, diff, checkout and gc work with no server at all', async () => {
  const off = { env: { ...world.env, TEMPORAL_ADDRESS: '127.0.0.1:1' } };
  const dir = join(world.dir, 'offline');
  const [logged, diffed, out, gc] = await Promise.all([
    cli(['log', T], off),
    cli(['diff', T, ids[0] ?? '', 'v2'], off),
    cli(['checkout', T, 'v2', dir], off),
    cli(['gc', '--dry-run', '--older-than', '1d', '--json'], off),
  ]);
  expect(logged).toMatchObject({ code: 0, stdout: expect.stringContaining('attempt 2') });
  expect(diffed).toMatchObject({ code: 0, stdout: expect.stringContaining('+two') });
  expect(out).toMatchObject({ code: 0, stdout: `${dir}\n` });
  expect(await readFile(join(dir, 'a.txt'), 'utf8')).toBe('two\n');
  expect(JSON.parse(gc.stdout)).toMatchObject({ dryRun: true, removed: [] });
});

it('checkout --with-session prints a line by which plain claude goes on', async () => {
  const dir = join(world.dir, 'by hand');
  // As a person types it: relative to where the command runs.
  const out = await taskrun('checkout', T, ids[0] ?? '', relative(process.cwd(), dir), '--with-session');
  expect(out).toMatchObject({ code: 0, stdout: `cd '${dir}' && claude --resume ${first}\n` });
  // The very line, with the flags of a run without a terminal.
  const line = out.stdout.trim().replace('claude', '"$TASKRUN_CLAUDE"');
  const said = await execa('sh', ['-c', `${line} -p '[[recall]]'`], { env: world.env, extendEnv: false });
  expect(said.stdout).toContain('Begin.');
  expect(said.stdout).not.toContain('More.');
  expect(await readdir(dir)).toEqual(expect.arrayContaining(['a.txt', 'b.txt']));
  // It has gone on since: what lies there is worth more than the moment.
  await rename(dir, `${dir} moved`);
  const gone = await taskrun('checkout', T, ids[0] ?? '', dir, '--with-session');
  expect(gone).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('may have gone on: it is left alone'),
  });
  const again = await taskrun('checkout', T, ids[0] ?? '', dir);
  expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('is not empty') });
});

it('checkout --branch makes a branch of the own repository and never overwrites one', async () => {
  const repo = join(world.dir, 'repo');
  await mkdir(repo);
  await execa('git', ['init', '-q', repo], { env: world.env, extendEnv: false });
  const args = ['checkout', T, 'v2', '--branch', 'look', '--repo', repo];
  const made = await taskrun(...args);
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{40}\n$/) });
  const shown = await execa('git', ['-C', repo, 'show', 'look:a.txt'], { env: world.env, extendEnv: false });
  expect(shown.stdout).toBe('two');
  expect(await taskrun(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') });
});

it('fork prints the new task, which starts from the moment while this one stays as it is', async () => {
  const before = await world.client.task(T).view();
  const forked = await taskrun(
    'fork',
    T,
    `Aside. [[recall]] ${bash('cat a.txt > seen')}`,
    '--at',
    ids[0]?.slice(0, 8) ?? '',
    '--task-id',
    'aside',
  );
  expect(forked).toMatchObject({ code: 0, stdout: 'aside\n' });
  const view = await idleAfter('aside', 1);
  expect(view.attempts[0]).toMatchObject({ outcome: 'done', sent: expect.stringContaining('--fork-session') });
  const dir = join(world.dir, 'aside');
  await taskrun('checkout', 'aside', (await log('aside')).moments[0]?.checkpoint ?? '', dir);
  expect(await readFile(join(dir, 'seen'), 'utf8')).toBe('one\n');
  expect((await world.client.task(T).view()).attemptsTotal).toBe(before.attemptsTotal);
  const taken = await taskrun('fork', T, 'x', '--task-id', 'aside');
  expect(taken).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('there is a task "aside" already'),
  });
});

it("restore brings the files back with the next attempt, and today's stay as a side moment", async () => {
  const restored = await taskrun(
    'restore',
    T,
    ids[0]?.slice(0, 7) ?? '',
    '--prompt',
    `Again. ${bash('cat a.txt > seen; ls c.txt')} [[recall]]`,
  );
  expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining('when the next attempt begins') });
  const view = await idleAfter(T, 3);
  expect(view.attempts.at(-1)).toMatchObject({ outcome: 'done', sent: expect.stringContaining('--fork-session') });
  expect(view.result?.text).toContain('Begin.');
  expect(view.result?.text).not.toContain('More.');
  const diff = await json<{ changes: { path: string; how: string }[] }>('diff', T, ids[0] ?? '');
  expect(diff.changes).toMatchObject([{ path: 'seen', how: 'added' }]);
});

it('answer lets a person pick what becomes of the files', async () => {
  await taskrun('resume', T, '--at', ids[1] ?? '', '--prompt', `Which? ${bash('cat a.txt > seen')} [[say picked]]`);
  await until(async () => (await world.client.task(T).view()).waiting?.for === 'choice', { what: 'it asks' });
  const [listed, machine] = await Promise.all([taskrun('answer', T), taskrun('answer', T, '--json')]);
  expect(listed).toMatchObject({ code: 2, stderr: expect.stringMatching(/answer moments merge\n/) });
  expect(listed.stdout).toMatch(/^ {2}keep {2}.*\n {2}restore {2}.*\n {2}merge {2}/m);
  expect(JSON.parse(machine.stdout)).toMatchObject({ for: 'choice' });
  const { code } = await onTerminal(['answer', T], world.env, [
    ['restore', '\u001b[B'],
    ['keep', KEYS.enter],
  ]);
  expect(code).toBe(0);
  const view = await idleAfter(T, 4);
  expect(view.result?.text).toBe('picked');
  const dir = join(world.dir, 'answered');
  await taskrun('checkout', T, (await log(T)).moments[0]?.checkpoint ?? '', dir);
  expect(await readFile(join(dir, 'seen'), 'utf8')).toBe('two\n');
});

it('rewind asks first, and off a terminal does nothing without --yes', async () => {
  const ended = await taskrun('rewind', T, '--to', '2');
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Add --yes') });
  expect(ended.stderr).toMatch(/goes back to where attempt 2 ended \(done, .* checkpoint/);
  const { code, shown } = await onTerminal(['rewind', T, '--to', 'v2'], world.env, [['Go back?', KEYS.enter]]);
  expect(shown).toMatch(/Gone behind: .*attempts \(/);
  expect(code).toBe(130);
  expect((await world.client.task(T).view()).attemptsTotal).toBeGreaterThan(3);
  expect(await taskrun('rewind', T, '--to', '99', '--yes')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('ended: 1 to'),
  });
});

it('rewind takes workflow, conversation and files back, and nothing newer is lost', async () => {
  const before = (await log(T)).moments;
  const newest = before.find(({ isHead }) => isHead)?.checkpoint;
  const fork = before.find(({ attempt }) => attempt.number === 3);
  const done = await taskrun('rewind', T, '--to', 'v2', '--yes');
  expect(done).toMatchObject({ code: 0, stdout: 'rewound to where attempt 2 ended\n' });
  const back = await idleAfter(T, 2);
  expect(back.attemptsTotal).toBe(2);
  expect(back.milestones).toEqual([]);
  expect((await log(T)).moments.find(({ isHead }) => isHead)?.checkpoint).toBe(ids[1]);
  await taskrun('update', T, `On. ${bash('cat a.txt > seen; ls')} [[recall]]`);
  const view = await idleAfter(T, 3);
  expect(view.result?.text).toContain('More.');
  expect(view.result?.text).not.toContain('Which?');
  const diff = await json<{ changes: { path: string }[] }>('diff', T, ids[1] ?? '');
  expect(diff.changes.map(({ path }) => path)).toEqual(['seen']);
  const { moments } = await log(T);
  expect(moments.find(({ checkpoint }) => checkpoint === newest)?.where).toBe('side');
  expect(moments.filter(({ where }) => where === 'line').map(({ attempt }) => attempt.number)).toEqual([3, 2, 1]);
  const left = await taskrun('restore', T, fork?.checkpoint ?? '');
  expect(left).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('it was rewound behind it') });
  expect(left.stderr).toContain(`--from ${T}@${fork?.checkpoint.slice(0, 10)}`);
});

it("start --from goes on from a closed task's moment, by the first digits of its id", async () => {
  await taskrun('finish', T);
  await until(async () => (await world.client.task(T).snapshot()).status === 'COMPLETED', { what: 'closed' });
  const started = await taskrun(
    'start',
    `From. ${bash('cat a.txt > seen')} [[recall]]`,
    '--from',
    `${T}@${ids[0]?.slice(0, 9)}`,
    '--id',
    'heir',
  );
  expect(started).toMatchObject({ code: 0, stdout: 'heir\n' });
  const view = await idleAfter('heir', 1);
  expect(view.result?.text).toContain('Begin.');
  expect(view.result?.text).not.toContain('More.');
});

it('start --git works in a clone, set up by --setup; --dir --copy leaves the directory alone', async () => {
  const source = join(world.dir, 'source');
  const git = (...args: string[]) =>
    execa('git', ['-C', source, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      env: world.env,
      extendEnv: false,
    });
  await mkdir(source);
  await git('init', '-q', '-b', 'main');
  await writeFile(join(source, 'in.txt'), 'from git\n');
  await git('add', '-A');
  await git('commit', '-qm', 'x');
  await taskrun(
    'start',
    `Look. ${bash('cat in.txt ready > out.txt')}`,
    '--git',
    source,
    '--ref',
    'main',
    '--setup',
    'echo set up > ready',
    '--id',
    'cloned',
  );
  await taskrun('start', `Look. ${bash('echo x > in.txt')}`, '--dir', source, '--copy', '--id', 'copied');
  await Promise.all([idleAfter('cloned', 1), idleAfter('copied', 1)]);
  const dir = join(world.dir, 'cloned');
  await taskrun('checkout', 'cloned', (await log('cloned')).moments[0]?.checkpoint ?? '', dir);
  expect(await readFile(join(dir, 'out.txt'), 'utf8')).toBe('from git\nset up\n');
  expect(await readFile(join(source, 'in.txt'), 'utf8')).toBe('from git\n');
});

it('doctor looks at git and the store', async () => {
  const { findings } = JSON.parse((await taskrun('doctor', '--json')).stdout) as { findings: { what: string }[] };
  expect(findings).toContainEqual(expect.objectContaining({ what: 'git', state: 'good' }));
  expect(findings).toContainEqual(
    expect.objectContaining({
      what: 'TASKRUN_STORE',
      state: 'good',
      says: expect.stringMatching(/writable, format v1, \d+ tasks/),
    }),
  );
});
