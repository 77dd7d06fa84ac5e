// Gone back, forked, picked up again: conversation and files always come from one moment of the task's line, and what
// stands beside the line can be picked up, and is not otherwise.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LocalTask } from './support/local-task.js';
import { bash, refsOf, twoHosts } from './support/moments.js';
import { lastHeard } from './support/oracle.js';

test('what was gone back behind can be picked up again: the fork has the conversation of that very moment', async () => {
  const { site, a } = await twoHosts();
  const task = new LocalTask(site, 'there and back', { prompt: `${bash('echo one > file')} [[say first]]` });
  await task.next(a);
  const then = task.state;
  task.tell('update', { prompt: `${bash('echo two > file')} [[say second]]` });
  const second = await task.next(a);
  task.rewind(then);
  task.tell('update', { prompt: `${bash('echo three > file')} [[say third]] [[say and more]]` });
  await task.next(a);
  task.tell('resume', {
    checkpoint: second.checkpoint,
    sessionId: task.session(1),
    prompt: '[[recall]] [[say fourth]]',
    onFileConflict: 'restore',
  });
  const report = await task.next(a);
  expect(report).toMatchObject({ outcome: 'done', text: 'fourth', parentSessionId: task.session(1) });
  expect(await readFile(join(task.workspace(a), 'file'), 'utf8')).toBe('two\n');
  const heard = lastHeard(site, task.session(2)).join();
  expect(heard).toMatch(/first[^]*second/);
  expect(heard).not.toContain('third');
  task.tell('update', { sessionId: task.session(1), prompt: '[[recall]] [[say fifth]]' });
  expect(await task.next(a)).toMatchObject({ outcome: 'done', text: 'fifth' });
  expect(lastHeard(site, task.session(1)).join()).toMatch(/first[^]*third/);
  expect(lastHeard(site, task.session(1)).join()).not.toContain('second');
});

test('picked up from beside the line right after going back, before anything was said', async () => {
  const { site, a } = await twoHosts();
  const task = new LocalTask(site, 'at once', { prompt: '[[say first]]' });
  await task.next(a);
  const then = task.state;
  task.tell('update', { prompt: '[[say second]]' });
  const second = await task.next(a);
  task.rewind(then);
  task.tell('resume', {
    checkpoint: second.checkpoint,
    sessionId: task.session(1),
    prompt: '[[recall]]',
    onFileConflict: 'keep',
  });
  expect(await task.next(a)).toMatchObject({ outcome: 'done' });
  expect(lastHeard(site, task.session(2)).join()).toMatch(/first[^]*second/);
});

test('a fork of a fork, on another host, whose middle has gone on', async () => {
  const { site, a, b } = await twoHosts();
  const task = new LocalTask(site, 'forks', { prompt: '[[say first]]' });
  const first = await task.next(a);
  task.tell('update', { prompt: '[[say beyond]]' });
  await task.next(a);
  task.tell('resume', { checkpoint: first.checkpoint, prompt: '[[say second]]', onFileConflict: 'keep' });
  const second = await task.next(a);
  task.tell('update', { prompt: '[[say past it]]' });
  await task.next(a);
  task.tell('resume', { checkpoint: second.checkpoint, prompt: '[[recall]]', onFileConflict: 'keep' });
  expect(await task.next(b)).toMatchObject({ outcome: 'done', parentSessionId: task.session(2) });
  const heard = lastHeard(site, task.session(3)).join();
  expect(heard).toMatch(/first[^]*second/);
  expect(heard).not.toMatch(/beyond|past it/);
});

test('gone back to before its first attempt had ended: nothing of what was said since is continued', async () => {
  const { site, a } = await twoHosts();
  const task = new LocalTask(site, 'before the first', { prompt: `${bash('echo one >> file')} [[say first]]` });
  task.launch();
  const then = { ...task.state };
  const early = task.state.current?.id ?? '';
  task.lost({ attemptId: early } as never, a);
  const opened = task.state;
  await task.next(a);
  task.tell('update', { prompt: `${bash('echo two >> file')} [[say second]]` });
  await task.next(a);
  expect(then.attemptsTotal).toBe(1);
  task.rewind(opened);
  expect(await task.next(a)).toMatchObject({
    outcome: 'done',
    text: 'first',
    sent: expect.stringContaining('session-id'),
  });
  expect(await readFile(join(task.workspace(a), 'file'), 'utf8')).toBe('one\n');
  expect(lastHeard(site, task.session(1)).join()).not.toContain('second');
  expect((await refsOf({ site, store: a.store ?? '' }, 'side')).length).toBeGreaterThan(0);
});

test("gone back in the user's own directory and configuration: a session of ours that is gone back behind begins anew", async () => {
  const { site, a } = await twoHosts();
  const dir = join(site.root, 'own');
  await mkdir(join(a.env['HOME'] ?? '', '.claude'), { recursive: true });
  await mkdir(dir);
  const { ANTHROPIC_API_KEY: key, ...env } = a.env;
  await writeFile(
    join(a.env['HOME'] ?? '', '.claude', 'settings.json'),
    JSON.stringify({ env: { ANTHROPIC_API_KEY: key } }),
  );
  const own = { ...a, env };
  const task = new LocalTask(site, 'own place', { prompt: '[[say first]]', source: { dir, inPlace: true } });
  expect(await task.next(own)).toMatchObject({ outcome: 'done' });
  task.tell('update', { prompt: `${bash('echo two >> file')} [[say second]]`, newSession: true });
  const then = task.state;
  await task.next(own);
  task.rewind(then);
  expect(await task.next(own)).toMatchObject({
    outcome: 'done',
    text: 'second',
    sent: `--session-id=${task.session(2)}`,
  });
  expect(await readFile(join(dir, 'file'), 'utf8')).toBe('two\n');
});

test('from a task of which no checkpoint is there yet: refused by name, never begun on nothing', async () => {
  const { site, a } = await twoHosts();
  const parent = new LocalTask(site, 'parent', { prompt: '[[hang]]' });
  const stop = new AbortController();
  const running = site.run(parent.launch(), { signal: stop.signal }, a);
  await site.api.waitFor(({ side }) => !side, 20_000);
  const child = new LocalTask(site, 'child', { prompt: '[[say on nothing]]', from: { taskId: 'parent' } });
  const report = await child.next(a);
  stop.abort();
  await running;
  expect(report).toMatchObject({ outcome: 'fault', sent: '', problem: { class: 'checkpoint' } });
});

test('from an id that was used several times: the newest of its tasks, and a new one of that id is none of them', async () => {
  const { site, a } = await twoHosts();
  for (const word of ['old', 'newer']) {
    const parent = new LocalTask(site, 'again', { prompt: `${bash(`echo ${word} > file`)} [[say ${word}]]` });
    await parent.next(a);
  }
  const child = new LocalTask(site, 'again', {
    prompt: `${bash('cat file > seen')} [[recall]]`,
    from: { taskId: 'again' },
  });
  expect(await child.next(a)).toMatchObject({ outcome: 'done' });
  expect(await readFile(join(child.workspace(a), 'seen'), 'utf8')).toBe('newer\n');
  expect(lastHeard(site, child.session(1)).join()).not.toContain('old');
});

test('from another task, and a new session goes first: its files are that moment’s all the same', async () => {
  const { site, a } = await twoHosts();
  const parent = new LocalTask(site, 'parent of files', { prompt: `${bash('echo mine > file')} [[say ok]]` });
  await parent.next(a);
  const child = new LocalTask(site, 'child of files', { prompt: 'never', from: { taskId: 'parent of files' } });
  child.tell('update', { prompt: `${bash('cat file > seen')} [[say ok]]`, newSession: true, when: 'interrupt' });
  expect(await child.next(a)).toMatchObject({ outcome: 'done' });
  expect(await readFile(join(child.workspace(a), 'seen'), 'utf8')).toBe('mine\n');
});
