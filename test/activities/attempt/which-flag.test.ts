// Which flag goes out, on the real CLI: argv from /proc, and the conversation that reached the API.
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { transcriptPath } from '../../../src/claude/transcript.js';
import type { AttemptReport, AttemptRequest } from '../../../src/contract/attempt.js';
import { until } from '../../support/poll.js';
import { cliAtWork, conversation, interrupted, lastHeard } from './support/oracle.js';
import { newSite, readTranscript, type Site, timesDelivered } from './support/site.js';

const SESSION_FLAGS = /^--(session-id|continue|resume|fork-session)/;

/** Runs an attempt; with it, the session flags its process really had. */
async function launched(site: Site, request: AttemptRequest): Promise<{ report: AttemptReport; flags: string }> {
  const running = site.run(request);
  const { argv } = await cliAtWork(request);
  const report = await running;
  return { report, flags: argv.filter((each) => SESSION_FLAGS.test(each)).join(' ') };
}

test('an update goes to an old session by --resume, past a newer one, and finds its context', async () => {
  const site = await newSite();
  const task = site.task();
  const old = task.request({ prompt: '[[say from the old]]' });
  await site.run(old);
  await site.run(task.request({ prompt: '[[say from the new]]' }));
  const update = task.request({
    ...{ cause: 'update', intention: 'resume', session: { ...old.session, seen: true }, prompt: 'and now [[recall]]' },
  });
  const { report, flags } = await launched(site, update);
  expect(flags).toBe(`--resume=${old.session.id}`);
  expect(report).toMatchObject({ outcome: 'done', sent: flags });
  expect(report).not.toHaveProperty('sentWhy');
  expect(lastHeard(site, old.session.id)).toEqual([old.instruction.prompt, update.instruction.prompt]);
});

test('a new session begins beside the others of the workspace and knows nothing of them', async () => {
  const site = await newSite();
  const task = site.task();
  await site.run(task.request({ prompt: '[[say one]]' }));
  const second = task.request({ cause: 'update', prompt: '[[recall]]' });
  const { flags } = await launched(site, second);
  expect(flags).toBe(`--session-id=${second.session.id}`);
  expect(lastHeard(site, second.session.id)).toEqual([second.instruction.prompt]);
});

test('what was interrupted goes on by --continue, with its context', async () => {
  const site = await newSite();
  const task = site.task();
  const first = await interrupted(site, task, task.request({ prompt: '[[hang]] [[recall]] [[say went on]]' }));
  const { report, flags } = await launched(site, task.again(first, { cause: 'stopped' }));
  expect(flags).toBe('--continue');
  expect(report).toMatchObject({ outcome: 'done', text: 'went on', sent: '--continue' });
  expect(lastHeard(site, first.session.id)).toEqual([
    first.instruction.prompt,
    expect.stringContaining('operator stopped it'),
  ]);
});

test('where --continue would take another session, --resume goes out and says why', async () => {
  const site = await newSite();
  const task = site.task();
  const first = await interrupted(site, task, task.request({ prompt: '[[hang]] [[say went on]]' }));
  const other = task.request({ prompt: '[[say newer]]' });
  await site.run(other);
  const { report, flags } = await launched(site, task.again(first));
  expect(flags).toBe(`--resume=${first.session.id}`);
  expect(report).toMatchObject({
    outcome: 'done',
    text: 'went on',
    sentWhy: expect.stringContaining(other.session.id),
  });
  expect(lastHeard(site, first.session.id)).toHaveLength(2);
});

test('in the user’s own directory, with the user’s own config: never --continue', async () => {
  const site = await newSite();
  const [config, workspaceDir] = [join(site.root, 'own-config'), join(site.root, 'own directory')];
  await Promise.all([mkdir(config), mkdir(workspaceDir)]);
  // Logged in as a user is: nothing in the worker's environment says who Claude is.
  await writeFile(join(config, 'settings.json'), JSON.stringify({ apiKeyHelper: 'echo scripted' }));
  const env = { ...site.host.env, ANTHROPIC_API_KEY: undefined, CLAUDE_CONFIG_DIR: config };
  const own: Site = { ...site, run: (request, call) => site.run(request, call, { env }) };
  const task = site.task();
  const first = task.request({ prompt: '[[sleep 60s]] [[say went on]]', workspaceDir });
  const stop = new AbortController();
  const running = own.run(first, { signal: stop.signal });
  await until(
    async () => (await readTranscript(await transcriptPath(config, workspaceDir, first.session.id))).length > 0,
    {
      what: 'the transcript is in the user’s own config directory',
    },
  );
  stop.abort();
  expect(await running).toMatchObject({ outcome: 'ended', delivered: true, seen: true });
  const { report, flags } = await launched(own, task.again(first));
  expect(flags).toBe(`--resume=${first.session.id}`);
  expect(report).toMatchObject({
    outcome: 'done',
    text: 'went on',
    sentWhy: expect.stringContaining('other Claude sessions'),
  });
});

test('two tasks in one directory at the same time, with a key: each keeps its own conversation', async () => {
  const site = await newSite();
  const workspaceDir = join(site.root, 'shared directory');
  await mkdir(workspaceDir);
  const both = ['alpha', 'beta'].map((name) => {
    const task = site.task(name);
    return { task, first: task.request({ prompt: `[[hang]] [[recall]] [[say ${name}]]`, workspaceDir }) };
  });
  await Promise.all(both.map(({ task, first }) => interrupted(site, task, first)));
  const went = await Promise.all(both.map(({ task, first }) => launched(site, task.again(first))));
  expect(went.map(({ flags, report }) => [flags, report.text])).toEqual([
    ['--continue', 'alpha'],
    ['--continue', 'beta'],
  ]);
  for (const { task, first } of both) {
    expect(lastHeard(site, first.session.id)).toEqual([first.instruction.prompt, expect.any(String)]);
    expect(timesDelivered(await task.transcript(first), first)).toBe(1);
  }
});

test('a task id used again is another task: another directory, another config, no old session', async () => {
  const site = await newSite();
  const [before, now] = [site.task('same id'), site.task('same id')];
  await site.run(before.request({ prompt: '[[say before]]' }));
  const request = now.request({ prompt: '[[recall]]' });
  const { flags } = await launched(site, request);
  expect(flags).toBe(`--session-id=${request.session.id}`);
  expect(now.place.root).not.toBe(before.place.root);
});

test('an instruction of several kilobytes with every nasty beginning arrives as it was given', async () => {
  const site = await newSite();
  const task = site.task();
  const first = task.request({ prompt: '/clear [[say one]]' });
  expect(await site.run(first)).toMatchObject({ outcome: 'done', text: 'one' });
  const long = `-p --resume=${randomUUID()} "'\`$(touch never)\u2028\u0001\ud83d\ude00 ${'x'.repeat(200_000)} [[say two]]`;
  const second = task.request({
    cause: 'update',
    intention: 'resume',
    session: { ...first.session, seen: true },
    prompt: long,
  });
  expect(await site.run(second)).toMatchObject({ outcome: 'done', text: 'two' });
  expect(lastHeard(site, first.session.id)).toEqual([first.instruction.prompt, long]);
  expect(conversation(site)).toHaveLength(2);
});

test('a finished instruction: nothing is launched, the transcript stays as it is', async () => {
  const site = await newSite();
  const task = site.task();
  const first = task.request({ prompt: '[[say finished]]' });
  await site.run(first);
  const before = await task.transcript(first);
  expect(await site.run(task.again(first))).toMatchObject({ outcome: 'done', text: 'finished', sent: '' });
  expect(await task.transcript(first)).toEqual(before);
  expect(conversation(site)).toHaveLength(1);
});
