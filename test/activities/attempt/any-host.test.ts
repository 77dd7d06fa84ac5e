// A task's host may be gone: another one goes on with the same conversation on the same files, from the store alone.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AttemptHost } from '../../../src/activities/attempt/host.js';
import { listRefs } from '../../../src/context/store/read.js';
import { openStore } from '../../../src/context/store/store.js';
import { until } from '../../support/poll.js';
import { hostOf, LocalTask } from './support/local-task.js';
import { conversation, lastHeard } from './support/oracle.js';
import { newSite, type Site } from './support/site.js';

const write = (name: string, text: string): string => `[[tool Write {"file_path":"${name}","content":"${text}"}]]`;
const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;

async function twoHosts(
  changes: Partial<AttemptHost> = {},
): Promise<{ site: Site; a: AttemptHost; b: AttemptHost; store: string }> {
  const site = await newSite(changes);
  const store = join(site.root, 'store.git');
  const [a, b] = [await hostOf(site, 'host-a', store), await hostOf(site, 'host-b', store)];
  return { site, a, b, store };
}

const refsOf = async (site: Site, store: string, kind: string) =>
  (await listRefs(await openStore({ configured: store, home: site.root }), 'refs/taskrun/')).filter(({ ref }) =>
    `${ref}/`.includes(`/${kind}/`),
  );

/** The newest checkpoint's conversation has all of these. */
async function headHolds(site: Site, store: string, ...words: string[]): Promise<boolean> {
  const [head] = existsSync(store) ? await refsOf(site, store, 'head') : [];
  if (head === undefined) return false;
  const has = (word: string): boolean =>
    spawnSync('git', ['--git-dir', store, 'grep', '-qF', '-e', word, head.id, '--', 'claude']).status === 0;
  return words.every(has);
}

test('another host goes on with conversation and files, when the first one is gone', async () => {
  const { site, a, b } = await twoHosts();
  const task = new LocalTask(site, 'moves', {
    prompt: `${bash('echo one > file && chmod 755 file && mkdir empty')} [[say made it]]`,
  });
  const first = await task.next(a);
  expect(first).toMatchObject({ outcome: 'done', checkpoint: expect.any(String) });
  await rm(a.home.path, { recursive: true });

  task.tell('update', { prompt: `${bash('cat file >> file2')} [[recall]]` });
  const second = await task.next(b);
  expect(second).toMatchObject({ outcome: 'done', sent: `--resume=${task.session(1)}`, startedFrom: first.checkpoint });
  expect(await readFile(join(task.workspace(b), 'file2'), 'utf8')).toBe('one\n');
  expect(lastHeard(site, task.session(1))).toEqual([
    expect.stringContaining('made it'),
    expect.stringContaining('[[recall]]'),
  ]);
});

test('a host lost in mid-turn: the checkpoint taken while it worked is gone on with, and the instruction stands once', async () => {
  const { site, a, b, store } = await twoHosts({ checkpointEveryMs: 300 });
  const task = new LocalTask(site, 'mid turn', {
    prompt: `${bash('echo half > work')} [[hang]] [[say whole]]`,
  });
  const request = task.launch();
  const stop = new AbortController();
  const overtaken = site.run(request, { signal: stop.signal }, a);
  await until(() => headHolds(site, store, request.instruction.id, 'tool_result'), { what: 'it is kept in mid-turn' });
  task.lost(request, a, { seen: true, delivered: true, sent: `--session-id=${task.session(1)}` });
  stop.abort();

  const next = await task.next(b);
  expect(next).toMatchObject({ outcome: 'done', sent: '--continue', text: 'whole' });
  expect(await readFile(join(task.workspace(b), 'work'), 'utf8')).toBe('half\n');
  const told = lastHeard(site, task.session(1)).filter((text) => text.includes('echo half'));
  expect(told).toHaveLength(1);
  await overtaken;
});

test('a host lost before any checkpoint: the session begins anew elsewhere, and says why', async () => {
  const { site, a, b } = await twoHosts();
  const task = new LocalTask(site, 'no net yet', { prompt: '[[say ok]]' });
  const request = task.launch();
  task.lost(request, a, { seen: true, delivered: true, sent: `--session-id=${task.session(1)}` });
  const next = await task.next(b);
  expect(next).toMatchObject({ outcome: 'done', sent: `--session-id=${task.session(1)}`, sentWhy: expect.any(String) });
});

test('a host that comes back is behind: it is brought up to date, and what it had of its own is kept aside', async () => {
  const { site, a, b, store } = await twoHosts();
  const task = new LocalTask(site, 'comes back', { prompt: `${bash('echo a > file')} [[say one]]` });
  await task.next(a);
  await writeFile(join(task.workspace(a), 'leftover'), 'mine alone');
  task.tell('update', { prompt: `${bash('echo b > file')} [[say two]]` });
  await task.next(b);
  task.tell('update', { prompt: '[[recall]]' });
  const third = await task.next(a);
  expect(third).toMatchObject({ outcome: 'done' });
  expect(await readFile(join(task.workspace(a), 'file'), 'utf8')).toBe('b\n');
  await expect(readFile(join(task.workspace(a), 'leftover'))).rejects.toThrow('ENOENT');
  expect(lastHeard(site, task.session(1)).join()).toMatch(/one.*two/s);
  const [aside] = await refsOf(site, store, 'side');
  expect(aside).toBeDefined();
});

test('gone back to an earlier attempt: files and conversation go back together, what was newer is kept aside', async () => {
  const { site, a, store } = await twoHosts();
  const task = new LocalTask(site, 'goes back', { prompt: `${bash('echo one > file')} [[say first]]` });
  await task.next(a);
  const then = task.state;
  task.tell('update', { prompt: `${bash('echo two > file; echo new > other')} [[say second]]` });
  await task.next(a);
  task.rewind(then);
  task.tell('update', { prompt: '[[recall]]' });
  const after = await task.next(a);
  expect(after).toMatchObject({ outcome: 'done' });
  expect(await readFile(join(task.workspace(a), 'file'), 'utf8')).toBe('one\n');
  await expect(readFile(join(task.workspace(a), 'other'))).rejects.toThrow('ENOENT');
  expect(lastHeard(site, task.session(1)).join()).not.toContain('second');
  expect(await refsOf(site, store, 'side')).toHaveLength(1);
});

test('the store out of reach: the work goes on, the task says that it has no safety net, and it catches up', async () => {
  const { site, a, store } = await twoHosts();
  const task = new LocalTask(site, 'no store', { prompt: `${bash('echo one > file')} [[say first]]` });
  await mkdir(store, { recursive: true });
  await writeFile(join(store, 'not-git'), '');
  const first = await task.next(a);
  expect(first).toMatchObject({ outcome: 'done', text: 'first', unsaved: { class: 'store' } });
  expect(first).not.toHaveProperty('checkpoint');
  expect(task.view.noSafetyNet).toContain('TASKRUN_STORE');
  await rm(store, { recursive: true });
  task.tell('update', { prompt: '[[recall]]' });
  const second = await task.next(a);
  expect(second).toMatchObject({ outcome: 'done', checkpoint: expect.any(String) });
  expect(task.view.noSafetyNet).toBeUndefined();
});

test('work that is in no checkpoint is never silently gone back from on another host', async () => {
  const { site, a, b, store } = await twoHosts();
  const task = new LocalTask(site, 'only there', { prompt: '[[say first]]' });
  await task.next(a);
  await rm(store, { recursive: true });
  await writeFile(store, 'no directory');
  task.tell('update', { prompt: '[[say second]]' });
  await task.next(a);
  await rm(store);
  task.tell('update', { prompt: '[[say third]]' });
  const elsewhere = await task.next(b);
  expect(elsewhere).toMatchObject({
    outcome: 'fault',
    sent: '',
    problem: { class: 'store', says: expect.stringContaining('host-a') },
  });
  const home = await task.next(a);
  expect(home).toMatchObject({ outcome: 'done', text: 'third' });
  expect(conversation(site).at(-1)?.userTexts.join()).toMatch(/first.*second.*third/s);
});

test('nothing changed: the report names the checkpoint that there is', async () => {
  const { site, a } = await twoHosts();
  const task = new LocalTask(site, 'stopped early', { prompt: '[[say ok]]' });
  const first = await task.next(a);
  task.tell('update', { prompt: 'x' });
  const request = task.launch();
  const report = await site.run(request, { signal: AbortSignal.abort() }, a);
  expect(report.outcome).toBe('ended');
  expect([undefined, first.checkpoint]).toContain(report.checkpoint);
});

test('a secret of the workspace never reaches the store', async () => {
  const { site, a, b } = await twoHosts();
  const task = new LocalTask(site, 'secrets', {
    prompt: `${bash('echo KEY=1 > .env; echo x > file')} ${write('notes', 'n')} [[say ok]]`,
  });
  // What another host will lack is said, and nothing of what it holds.
  expect(await task.next(a)).toMatchObject({ lacks: ['left out as secrets: .env'] });
  task.tell('update', { prompt: `${bash('ls -A > seen')} [[say ok]]` });
  await task.next(b);
  const seen = await readFile(join(task.workspace(b), 'seen'), 'utf8');
  expect(seen.split('\n')).toContain('file');
  expect(seen.split('\n')).not.toContain('.env');
});
