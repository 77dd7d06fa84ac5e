// Where a task's first workspace comes from, and the setup command that runs wherever it is made.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readProcess } from '../../../src/host/process-table.js';
import { hostOf, LocalTask } from './support/local-task.js';
import { newSite } from './support/site.js';

const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;
const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: cwd },
  });

async function repository(root: string): Promise<string> {
  const dir = join(root, 'upstream');
  await mkdir(dir);
  git(dir, 'init', '-q', '-b', 'main');
  await writeFile(join(dir, 'file'), 'main');
  git(dir, 'add', '.');
  git(dir, 'commit', '-qm', 'first');
  git(dir, 'checkout', '-qb', 'feature');
  await writeFile(join(dir, 'file'), 'feature');
  git(dir, 'commit', '-qam', 'second');
  git(dir, 'checkout', '-q', 'main');
  return dir;
}

test.each([
  ['its own branch', undefined, 'main'],
  ['a branch', 'feature', 'feature'],
  ['a commit', 'feature~1', 'main'],
])('a git repository, %s', async (_, ref, text) => {
  const site = await newSite();
  const upstream = await repository(site.root);
  const resolved = ref === 'feature~1' ? git(upstream, 'rev-parse', ref).trim() : ref;
  const task = new LocalTask(site, 'cloned', {
    prompt: '[[say ok]]',
    source: { git: upstream, ...(resolved === undefined ? {} : { ref: resolved }) },
  });
  expect(await task.next(site.host)).toMatchObject({ outcome: 'done' });
  const workspace = task.workspace(site.host);
  expect(await readFile(join(workspace, 'file'), 'utf8')).toBe(text);
  expect(git(workspace, 'status', '--porcelain')).toBe('');
});

test('a repository or a ref that is not there: a fault that names the field, and the work goes on once it is mended', async () => {
  const site = await newSite();
  const upstream = join(site.root, 'upstream');
  const task = new LocalTask(site, 'mended', { prompt: '[[say ok]]', source: { git: upstream } });
  expect(await task.next(site.host)).toMatchObject({
    outcome: 'fault',
    problem: { class: 'workspace', says: expect.stringContaining('source.git') },
  });
  await repository(site.root);
  task.tell('continue', {});
  expect(await task.next(site.host)).toMatchObject({ outcome: 'done' });
  const lost = new LocalTask(site, 'no ref', { prompt: '[[say ok]]', source: { git: upstream, ref: 'nowhere' } });
  expect(await lost.next(site.host)).toMatchObject({
    outcome: 'fault',
    problem: { class: 'workspace', says: expect.stringContaining('source.ref') },
  });
});

test('a copy of a directory: the original stays as it is', async () => {
  const site = await newSite();
  const dir = join(site.root, 'original');
  await mkdir(dir);
  await writeFile(join(dir, 'file'), 'original', { mode: 0o755 });
  await symlink('file', join(dir, 'link'));
  const task = new LocalTask(site, 'copied', {
    prompt: `${bash('readlink link > seen; echo changed > file')} [[say ok]]`,
    source: { dir },
  });
  await task.next(site.host);
  expect(await readFile(join(dir, 'file'), 'utf8')).toBe('original');
  expect(await readFile(join(task.workspace(site.host), 'seen'), 'utf8')).toBe('file\n');
});

test('the setup command runs once on each host that gets the workspace, without what says who Claude is', async () => {
  const site = await newSite();
  const store = join(site.root, 'store.git');
  const [a, b] = [await hostOf(site, 'host-a', store), await hostOf(site, 'host-b', store)];
  const setupCommand = 'echo run >> ../setups; env > ../environment; echo hello';
  const task = new LocalTask(site, 'set up', { prompt: '[[say ok]]', setupCommand });
  expect(await task.next(a)).toMatchObject({ outcome: 'done' });
  for (const host of [a, b]) {
    task.tell('update', { prompt: '[[say ok]]' });
    expect(await task.next(host)).toMatchObject({ outcome: 'done' });
  }
  for (const host of [a, b]) {
    const { root } = task.place(host);
    expect(await readFile(join(root, 'setups'), 'utf8')).toBe('run\n');
    expect(await readFile(join(root, 'environment'), 'utf8')).not.toMatch(/ANTHROPIC|CLAUDE/);
  }
});

test('a setup that fails is a fault of its own with the end of its output; it runs again when the task goes on', async () => {
  const site = await newSite();
  const task = new LocalTask(site, 'set up badly', {
    prompt: '[[say ok]]',
    setupCommand: 'test -e ../mended || { echo no such thing; exit 7; }',
  });
  const report = await task.next(site.host);
  expect(report).toMatchObject({
    outcome: 'fault',
    sent: '',
    problem: { class: 'setup', says: 'The setup command ended with 7: no such thing' },
  });
  expect(await readFile(join(report.log ?? '', 'setup.log'), 'utf8')).toBe('no such thing\n');
  await writeFile(join(task.place(site.host).root, 'mended'), '');
  task.tell('continue', {});
  expect(await task.next(site.host)).toMatchObject({ outcome: 'done' });
});

test('what a setup leaves running ends with it', async () => {
  const site = await newSite();
  const task = new LocalTask(site, 'left running', {
    prompt: '[[say ok]]',
    setupCommand: 'setsid sleep 300 & echo $! > ../pid',
  });
  expect(await task.next(site.host)).toMatchObject({ outcome: 'done' });
  const pid = Number(await readFile(join(task.place(site.host).root, 'pid'), 'utf8'));
  // Dead counts as gone, also while nobody has fetched its end.
  expect(readProcess(pid)?.gone ?? true).toBe(true);
});
