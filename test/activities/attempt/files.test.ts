// `resume` with files: session 1 edits, session 2 edits the same file, session 1 is picked up again. Today's files are
// a checkpoint before anything changes, whatever is chosen.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AttemptHost } from '../../../src/activities/attempt/host.js';
import { readMoment } from '../../../src/context/store/read.js';
import { openStore } from '../../../src/context/store/store.js';
import { hostOf, LocalTask } from './support/local-task.js';
import { lastHeard } from './support/oracle.js';
import { newSite, type Site } from './support/site.js';

const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;

interface Two {
  site: Site;
  host: AttemptHost;
  task: LocalTask;
  file: (name?: string) => Promise<string>;
  isKept: (id: string) => Promise<boolean>;
}

/** Session 1 wrote `one`, session 2 made `two` of it and added a file. */
async function twoSessions(): Promise<Two> {
  const site = await newSite();
  const store = join(site.root, 'store.git');
  const host = await hostOf(site, 'host-a', store);
  const task = new LocalTask(site, 'two sessions', { prompt: `${bash('echo one > file')} [[say one]]` });
  await task.next(host);
  task.tell('update', { prompt: `${bash('echo two > file; echo more > added')} [[say two]]`, newSession: true });
  await task.next(host);
  return {
    ...{ site, host, task },
    file: (name = 'file') => readFile(join(task.workspace(host), name), 'utf8').then((text) => text.trim()),
    isKept: async (id) => (await readMoment(await openStore({ configured: store, home: site.root }), id)) !== undefined,
  };
}

test('without a word about files the task asks, shows what differs, and launches nothing', async () => {
  const { site, host, task, file } = await twoSessions();
  const said = site.api.requests.length;
  task.tell('resume', { sessionId: task.session(1), prompt: '[[recall]]' });
  expect(await task.next(host)).toMatchObject({ outcome: 'asks', sent: '' });
  const { waiting, phase } = task.view;
  expect(phase).toBe('waiting');
  expect(waiting).toMatchObject({
    for: 'choice',
    says: expect.stringMatching(/1 modified.*1 added|1 added.*1 modified/),
  });
  expect(waiting?.options?.map(({ pick }) => pick)).toEqual(['keep', 'restore', 'merge']);
  expect(site.api.requests.length).toBe(said);
  expect(await file()).toBe('two');
});

test.each([
  ['keep', 'two', true],
  ['restore', 'one', false],
  ['merge', 'two', true],
] as const)('answered with %s: the file is %s', async (pick, text, added) => {
  const { site, host, task, file, isKept } = await twoSessions();
  const before = task.view.attempts.at(-1)?.checkpoint ?? '';
  task.tell('resume', { sessionId: task.session(1), prompt: '[[recall]] [[say back]]' });
  await task.next(host);
  task.tell('answer', { pick });
  const report = await task.next(host);
  expect(report).toMatchObject({ outcome: 'done', text: 'back', sent: `--resume=${task.session(1)}` });
  expect(await file()).toBe(text);
  await (added ? expect(file('added')).resolves.toBe('more') : expect(file('added')).rejects.toThrow('ENOENT'));
  expect(lastHeard(site, task.session(1)).join()).toContain('one');
  expect(await isKept(before)).toBe(true);
});

test('asked for with the command: no question', async () => {
  const { host, task, file } = await twoSessions();
  task.tell('resume', { sessionId: task.session(1), prompt: '[[say back]]', onFileConflict: 'restore' });
  expect(await task.next(host)).toMatchObject({ outcome: 'done', filesSettled: true });
  expect(await file()).toBe('one');
});

test('files that no checkpoint holds yet are kept before they give way', async () => {
  const { host, task, file, isKept, site } = await twoSessions();
  await writeFile(join(task.workspace(host), 'by hand'), 'precious');
  task.tell('resume', { sessionId: task.session(1), prompt: '[[say back]]', onFileConflict: 'restore' });
  await task.next(host);
  await expect(file('by hand')).rejects.toThrow('ENOENT');
  const { listRefs } = await import('../../../src/context/store/read.js');
  const refs = await listRefs(await openStore({ configured: host.store, home: site.root }), 'refs/taskrun/');
  const side = refs.find(({ ref }) => ref.includes('/side/'));
  expect(side).toBeDefined();
  expect(await isKept(side?.id ?? '')).toBe(true);
});

test('a merge of two lines: what both changed waits for the operator, who may have the markers', async () => {
  const { host, task, file } = await twoSessions();
  const second = task.view.attempts.at(-1)?.checkpoint ?? '';
  task.tell('resume', {
    sessionId: task.session(1),
    prompt: `${bash('echo three > file')} [[say three]]`,
    onFileConflict: 'restore',
  });
  await task.next(host);
  task.tell('resume', { checkpoint: second, prompt: '[[say merged]]', onFileConflict: 'merge' });
  expect(await task.next(host)).toMatchObject({ outcome: 'asks' });
  expect(task.view.waiting?.says).toMatch(/file/);
  expect(await file()).toBe('three');
  task.tell('answer', { pick: 'merge' });
  expect(await task.next(host)).toMatchObject({ outcome: 'done', text: 'merged' });
  expect(await file()).toMatch(/<<<<<<<[^]*three[^]*=======[^]*two[^]*>>>>>>>/);
  expect(await file('added')).toBe('more');
});

test('behind its newest moment a session goes on as a fork: the newer turns stay where they are', async () => {
  const { site, host, task, file } = await twoSessions();
  const first = task.view.attempts[0]?.checkpoint ?? '';
  task.tell('update', { sessionId: task.session(1), prompt: `${bash('echo later > file')} [[say later]]` });
  await task.next(host);
  task.tell('resume', {
    checkpoint: first.slice(0, 10),
    prompt: '[[recall]] [[say forked]]',
    onFileConflict: 'restore',
  });
  const report = await task.next(host);
  const fork = task.view.sessions.at(-1);
  expect(report).toMatchObject({ outcome: 'done', text: 'forked', parentSessionId: task.session(1) });
  expect(report.sent).toMatch(
    new RegExp(
      `^--resume=${task.session(1)} --fork-session --session-id=${fork?.sessionId} --resume-session-at=[0-9a-f-]{36}$`,
    ),
  );
  expect(fork).toMatchObject({ number: 3, parentSessionId: task.session(1), status: 'active' });
  // What the CLI counts for the fork holds its parent's turns too; they are counted once.
  const spent = task.view.attempts.map(({ costUsd }) => costUsd);
  expect(fork?.costUsd).toBeCloseTo(spent.at(-1) ?? 0);
  expect(fork?.costUsd).toBeLessThan((report.sessionCostUsd ?? 0) - 0.0001);
  expect(await file()).toBe('one');
  const heard = lastHeard(site, fork?.sessionId ?? '').join();
  expect(heard).toContain('echo one');
  expect(heard).not.toContain('later');
  task.tell('update', { sessionId: task.session(1), prompt: '[[recall]]' });
  await task.next(host);
  expect(lastHeard(site, task.session(1)).join()).toContain('later');
});

test('another task starts from a moment of this one, on another host, and neither disturbs the other', async () => {
  const { site, host, task, file } = await twoSessions();
  const other = await hostOf(site, 'host-b', host.store ?? '');
  const moment = task.view.sessions[0]?.head;
  const child = new LocalTask(site, 'child', {
    prompt: `${bash('cat file > copy; echo child > file')} [[say child]]`,
    from: { taskId: 'two sessions', checkpoint: moment },
  });
  const report = await child.next(other);
  expect(report).toMatchObject({ outcome: 'done', startedFrom: moment, parentSessionId: task.session(1) });
  expect(report.sent).toBe(`--resume=${task.session(1)} --fork-session --session-id=${child.session(1)}`);
  expect(await readFile(join(child.workspace(other), 'copy'), 'utf8')).toBe('one\n');
  expect(lastHeard(site, child.session(1)).join()).toContain('echo one');
  expect(await file()).toBe('two');
  child.tell('update', { prompt: '[[recall]]' });
  expect(await child.next(host)).toMatchObject({ outcome: 'done', sent: `--resume=${child.session(1)}` });
  expect(await readFile(join(child.workspace(host), 'file'), 'utf8')).toBe('child\n');
});

test('a moment of another task, or of nobody, is refused by name and drops nothing', async () => {
  const { site, host, task } = await twoSessions();
  const stranger = new LocalTask(site, 'stranger', { prompt: '[[say ok]]' });
  await stranger.next(host);
  const foreign = stranger.view.attempts[0]?.checkpoint ?? '';
  for (const [checkpoint, says] of [
    [foreign, 'stranger'],
    ['0'.repeat(40), 'holds no checkpoint'],
  ]) {
    task.tell('resume', { sessionId: task.session(1), checkpoint, prompt: '[[say no]]' });
    const report = await task.next(host);
    expect(report).toMatchObject({
      outcome: 'fault',
      sent: '',
      problem: { class: 'checkpoint', says: expect.stringContaining(says ?? '') },
    });
    expect(task.view.phase).toBe('waiting');
    task.tell('drop', { command: task.state.queue[0]?.commandId });
  }
  task.tell('update', { sessionId: task.session(1), prompt: '[[say on]]' });
  expect(await task.next(host)).toMatchObject({ outcome: 'done', text: 'on' });
});
