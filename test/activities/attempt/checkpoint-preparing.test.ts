// Broken off while a workspace is made, set up or restored: what is half done is never taken for done, and what was
// there is not lost.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readRecord, writeRecord } from '../../../src/host/workspace-record.js';
import { until } from '../../support/poll.js';
import { LocalTask } from './support/local-task.js';
import { bash, transcriptsOf, twoHosts, unheard } from './support/moments.js';
import { conversation } from './support/oracle.js';

test('stopped while it is set up: the setup runs again before anything is launched', async () => {
  const { site, a } = await twoHosts();
  const task = new LocalTask(site, 'stopped setup', {
    prompt: `${bash('cat ../ready > seen')} [[say ok]]`,
    setupCommand: 'echo begun >> ../begun; [ -e ../fast ] || sleep 60; echo ready > ../ready',
  });
  const { root } = task.place(a);
  const stop = new AbortController();
  const running = site.run(task.launch(), { signal: stop.signal }, a);
  await until(() => existsSync(join(root, 'begun')), { what: 'the setup runs' });
  stop.abort();
  expect(task.feed(await running)).toMatchObject({ outcome: 'ended', sent: '' });
  await writeFile(join(root, 'fast'), '');
  expect(await task.next(a)).toMatchObject({ outcome: 'done' });
  expect(await readFile(join(task.workspace(a), 'seen'), 'utf8')).toBe('ready\n');
});

test('handed over while its source is cloned: that is no fault of the source', async () => {
  const { site, a } = await twoHosts();
  const stop = new AbortController();
  const silent = createServer(() => stop.abort());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const task = new LocalTask(site, 'early', { prompt: 'x', source: { git: `git://127.0.0.1:${port}/source` } });
  const report = await site.run(task.launch(), { signal: stop.signal, endedAs: () => 'handedOver' }, a);
  expect(report).toMatchObject({ outcome: 'handedOver', sent: '' });
  expect(report).not.toHaveProperty('problem');
});

test('killed after the files of an unheard moment came, before its conversation did: both come again', async () => {
  const hosts = await twoHosts();
  const { site, a, b } = hosts;
  const task = new LocalTask(site, 'half restored', { prompt: `${bash('echo one > file')} [[say made it]]` });
  await unheard(hosts, task, a);
  const said = conversation(site).length;
  await mkdir(task.workspace(b), { recursive: true });
  await writeFile(join(task.workspace(b), 'file'), 'one\n');
  expect(await task.next(b)).toMatchObject({ outcome: 'done', text: 'made it', sent: '' });
  expect(conversation(site)).toHaveLength(said);
});

test('killed in the middle of a restore: nothing of what it had begun to bring is left', async () => {
  const { site, a, b } = await twoHosts();
  const task = new LocalTask(site, 'mid restore', { prompt: `${bash('echo one > file')} [[say one]]` });
  await task.next(a);
  await task.next(b).catch(() => undefined);
  task.tell('update', { prompt: '[[say two]]' });
  await task.next(b);
  const record = await readRecord(task.place(b).record);
  if (record === undefined) throw new Error('no record');
  await writeRecord(task.place(b).record, { ...record, restoring: true });
  await writeFile(join(task.workspace(b), 'of another moment'), 'x');
  task.tell('update', { prompt: `${bash('ls -A > ../seen')} [[say three]]` });
  expect(await task.next(b)).toMatchObject({ outcome: 'done' });
  expect(await readFile(join(task.place(b).root, 'seen'), 'utf8')).toBe('file\n');
});

test('gone back to the very beginning in the middle of a restore: the workspace is made anew', async () => {
  const { site, a } = await twoHosts();
  const task = new LocalTask(site, 'from scratch', { prompt: `${bash('ls -A > ../seen')} [[say one]]` });
  const then = task.state;
  await task.next(a);
  const record = await readRecord(task.place(a).record);
  if (record === undefined) throw new Error('no record');
  await writeRecord(task.place(a).record, { ...record, restoring: true });
  await writeFile(join(task.workspace(a), 'half'), 'x');
  task.rewind(then);
  expect(await task.next(a)).toMatchObject({ outcome: 'done', text: 'one' });
  expect(await readFile(join(task.place(a).root, 'seen'), 'utf8')).toBe('');
});

test('the store out of reach elsewhere: a conversation that has begun is not begun anew', async () => {
  const hosts = await twoHosts();
  const { site, a, b, store } = hosts;
  const task = new LocalTask(site, 'not anew', { prompt: `${bash('echo one > file')} [[say one]]` });
  await unheard(hosts, task, a);
  const said = site.api.requests.length;
  const away = { ...b, store: join(site.root, 'no such') };
  await writeFile(away.store, 'no directory');
  expect(await task.next(away)).toMatchObject({ outcome: 'fault', sent: '', problem: { class: 'store' } });
  expect(site.api.requests.length).toBe(said);
  expect(await task.next({ ...b, store })).toMatchObject({ outcome: 'done', text: 'one', sent: '' });
});

test('a workspace removed by hand: its newest moment comes back, and a newer conversation is not destroyed', async () => {
  const hosts = await twoHosts();
  const { site, a } = hosts;
  const task = new LocalTask(site, 'removed', { prompt: `${bash('echo one > file')} [[say one]]` });
  await task.next(a);
  task.tell('update', { prompt: '[[say precious]]' });
  await unheard(hosts, task, { ...a, store: site.root });
  await rm(task.workspace(a), { recursive: true });
  expect(await task.next(a)).toMatchObject({ outcome: 'done', text: 'precious' });
  expect(await readFile(join(task.workspace(a), 'file'), 'utf8')).toBe('one\n');
  const aside = (await transcriptsOf(task.place(a))).filter(({ name }) => name.includes('.before-'));
  expect(aside.map(({ text }) => text).join()).toContain('precious');
});
