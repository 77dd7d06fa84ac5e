// Which host is asked, and what a host may say of a task whose work it does not have.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LocalTask } from './support/local-task.js';
import { bash, twoHosts } from './support/moments.js';
import { lastHeard } from './support/oracle.js';
import { newToken } from './support/site.js';

test('a host that can not have the work is not asked first from then on', async () => {
  const { site, a, b, store } = await twoHosts();
  const task = new LocalTask(site, 'only on a', { prompt: '[[say first]]' });
  await writeFile(store, 'no directory');
  await task.next(a);
  await rm(store);
  task.tell('update', { prompt: '[[say second]]' });
  expect(await task.next(b)).toMatchObject({ outcome: 'fault', sent: '', problem: { class: 'store' } });
  expect(task.state.workspaceOn).toBe(a.hostId);
});

test('handed over with work that no checkpoint holds: its host is still asked first', async () => {
  const { site, a, store } = await twoHosts();
  const task = new LocalTask(site, 'drained', { prompt: '[[say early]] [[hang]]' });
  await writeFile(store, 'no directory');
  const stop = new AbortController();
  const running = site.run(task.launch(), { signal: stop.signal, endedAs: () => 'handedOver' }, a);
  await site.api.waitFor(({ side }) => !side, 20_000);
  stop.abort();
  expect(task.feed(await running)).toMatchObject({ outcome: 'handedOver', unsaved: { class: 'store' } });
  expect(task.state.workspaceOn).toBe(a.hostId);
});

test('a store that does not answer holds up no end', async () => {
  const { site, a } = await twoHosts();
  const task = new LocalTask(site, 'hangs', { prompt: '[[say never]]' });
  const stop = new AbortController();
  const silent = createServer(() => stop.abort());
  const port = await new Promise<number>((resolve) =>
    silent.listen(0, '127.0.0.1', () => resolve((silent.address() as { port: number }).port)),
  );
  onTestFinished(() => void silent.close());
  const report = await site.run(
    task.launch(),
    { signal: stop.signal },
    { ...a, store: `git://127.0.0.1:${port}/s.git` },
  );
  expect(report).toMatchObject({ outcome: 'ended', sent: '' });
  expect(site.api.requests).toEqual([]);
});

test('from a task that goes on meanwhile: files and conversation are of one moment, the one that was chosen first', async () => {
  const { site, a, b } = await twoHosts();
  const parent = new LocalTask(site, 'goes on', { prompt: `${bash('echo one > file')} [[say first]]` });
  await parent.next(a);
  const child = new LocalTask(site, 'chose', {
    prompt: `${bash('cat file > seen')} [[recall]] [[say ok]]`,
    from: { taskId: 'goes on' },
  });
  expect(await child.next({ ...a, claude: '/nowhere' })).toMatchObject({ outcome: 'fault', sent: '' });
  parent.tell('update', { prompt: `${bash('echo two > file')} [[say second]]` });
  await parent.next(a);
  child.tell('continue', {});
  expect(await child.next(b)).toMatchObject({ outcome: 'done', text: 'ok' });
  expect(await readFile(join(child.workspace(b), 'seen'), 'utf8')).toBe('one\n');
  const heard = lastHeard(site, child.session(1)).join();
  expect(heard).toContain('first');
  expect(heard).not.toContain('second');
});

test.each(['here', 'elsewhere'])(
  'reset into the middle of an attempt, the same attempt again %s: the next one goes on by itself',
  async (where) => {
    const { site, a, b } = await twoHosts();
    const task = new LocalTask(site, 'mid attempt', { prompt: `${bash('echo one >> file')} [[say first]]` });
    const token = newToken();
    const request = task.launch();
    const midway = task.state;
    task.feed(await site.run(request, { token }, a));
    task.tell('update', { prompt: '[[say second]]' });
    await task.next(a);
    task.rewind(midway);
    const host = where === 'here' ? a : b;
    const again = task.feed(await site.run(request, { token }, host));
    expect(again).toMatchObject({ outcome: 'fault', sent: '', problem: { class: 'lost' } });
    expect(task.view.phase).toBe('waiting');
    expect(await task.next(host)).toMatchObject({ outcome: 'done', text: 'first' });
    expect(await readFile(join(task.workspace(host), 'file'), 'utf8')).toBe('one\n');
    expect(lastHeard(site, task.session(1)).join()).not.toContain('second');
  },
);
