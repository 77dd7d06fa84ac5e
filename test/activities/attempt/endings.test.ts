// How attempts end otherwise than by themselves: gently, in time, and with a session that can be gone on with.

import { utimes } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { AttemptRequest } from '../../../src/contract/attempt.js';
import { until } from '../../support/poll.js';
import { cliOf, conversation, interrupted, lastHeard, onDisk, processesOf } from './support/oracle.js';
import { newSite, type Site, type TaskOnSite, timesDelivered } from './support/site.js';

const FELT_WITHIN_MS = 3_000;

/** The session is as usable as before: --continue, one nudge, the instruction known and not repeated. */
async function expectUsable(site: Site, task: TaskOnSite, request: AttemptRequest): Promise<void> {
  const report = await site.run(task.again(request, { attemptTimeoutMs: 50_000, silenceTimeoutMs: 40_000 }));
  expect(report).toMatchObject({ outcome: 'done', text: 'went on', sent: '--continue' });
  expect(lastHeard(site, request.session.id)).toEqual([request.instruction.prompt, expect.any(String)]);
  expect(timesDelivered(await task.transcript(request), request)).toBe(1);
}

describe('a stop', () => {
  test.each([
    ['while Claude thinks', '[[sleep 60s]] [[say went on]]'],
    ['in mid-tool', '[[tool Bash {"command":"timeout 60 tail -f /dev/null"}]] [[say went on]]'],
    [
      'in a tool that ignores signals',
      `[[tool Bash {"command":"trap '' INT TERM; while :; do timeout 60 tail -f /dev/null; done"}]] [[say went on]]`,
    ],
  ])('%s is felt within three seconds, and nothing lives on', async (_name, prompt) => {
    const site = await newSite();
    const task = site.task();
    const request = task.request({ prompt });
    const stop = new AbortController();
    const running = site.run(request, { signal: stop.signal });
    await onDisk(task, request);
    if (prompt.includes('tool')) await until(() => processesOf(task).some(isTail), { what: 'the tool runs' });
    stop.abort();
    const stoppedAt = performance.now();
    expect(await running).toMatchObject({ outcome: 'ended', seen: true, delivered: true });
    expect(performance.now() - stoppedAt).toBeLessThan(FELT_WITHIN_MS);
    expect(processesOf(task)).toEqual([]);
    await expectUsable(site, task, request);
  });

  test('before the launch: nothing is launched', async () => {
    const site = await newSite();
    const task = site.task();
    const report = await site.run(task.request({}), { signal: AbortSignal.abort() });
    expect(report).toMatchObject({ outcome: 'ended', sent: '', seen: false, delivered: false });
    expect(site.api.requests).toEqual([]);
  });

  test('between claim and launch: nothing is launched, and the report says so', async () => {
    const site = await newSite();
    const stop = new AbortController();
    const onProgress = ({ sent }: { sent?: string | undefined }): void => void (sent !== undefined && stop.abort());
    const report = await site.run(site.task().request({}), { signal: stop.signal, onProgress });
    expect(report).toMatchObject({ outcome: 'ended', sent: '', seen: false, delivered: false });
    expect(site.api.requests).toEqual([]);
  });

  test('while the server is asked whether it still waits: Claude is told nothing', async () => {
    const site = await newSite();
    const task = site.task();
    const stop = new AbortController();
    const isPending = async (): Promise<boolean> => {
      stop.abort();
      return new Promise(() => undefined);
    };
    expect(await site.run(task.request({}), { signal: stop.signal, isPending })).toMatchObject({
      ...{ outcome: 'ended', seen: false, delivered: false },
    });
    expect(site.api.requests).toEqual([]);
    expect(processesOf(task)).toEqual([]);
  });

  test('of a worker that shuts down hands the work over', async () => {
    const site = await newSite();
    const task = site.task();
    const request = task.request({ prompt: '[[sleep 60s]] [[say went on]]' });
    const stop = new AbortController();
    const running = site.run(request, { signal: stop.signal, endedAs: () => 'handedOver' });
    await onDisk(task, request);
    stop.abort();
    expect(await running).toMatchObject({ outcome: 'handedOver', delivered: true });
    await expectUsable(site, task, request);
  });
});

const isTail = ({ command }: { command: string }): boolean => command.includes('tail -f /dev/null');

test('the attempt’s time is up: ended gently, and said so', async () => {
  const site = await newSite();
  const task = site.task();
  const request = task.request({ prompt: '[[sleep 60s]] [[say went on]]', attemptTimeoutMs: 4_000 });
  expect(await site.run(request)).toMatchObject({
    ...{ outcome: 'timedOut', delivered: true },
    problem: { class: 'timedOut', says: expect.stringContaining('4s') },
  });
  await expectUsable(site, task, request);
});

test('silence: ended gently, and said so', async () => {
  const site = await newSite();
  const task = site.task();
  const request = task.request({ prompt: '[[hang]] [[say went on]]', silenceTimeoutMs: 4_000 });
  expect(await site.run(request)).toMatchObject({
    ...{ outcome: 'fault', delivered: true },
    problem: { class: 'silent', says: expect.stringContaining('4s') },
  });
  await expectUsable(site, task, request);
});

test('a result and then no end: the result counts, the process goes', async () => {
  const site = await newSite();
  const task = site.task();
  const request = task.request({ prompt: '[[say done]]' });
  let pid: number | undefined;
  let stopped: number | undefined;
  const report = await site.run(request, {
    isPending: () => {
      pid = cliOf(request)?.pid;
      return Promise.resolve(true);
    },
    // Stopped with its result out and its exit to come.
    onProgress: ({ sessionCostUsd }) => {
      if (pid === undefined || sessionCostUsd === undefined) return;
      process.kill(pid, 'SIGSTOP');
      stopped = pid;
      pid = undefined;
    },
  });
  expect(stopped).toBeGreaterThan(0);
  expect(report).toMatchObject({ outcome: 'done', text: 'done' });
  expect(processesOf(task)).toEqual([]);
});

test('Claude opens another session than the intended one: ended before that one is touched', async () => {
  const site = await newSite();
  const task = site.task();
  const other = task.request({ prompt: '[[say other]]' });
  await site.run(other);
  const request = await interrupted(site, task, task.request({ prompt: '[[sleep 60s]] [[say went on]]' }));
  const [before, otherPath] = [await usersLines(task, other), await task.transcriptPath(other)];
  const report = await site.run(task.again(request), {
    // After the look at the disk, before the CLI's own: somebody writes to the other session.
    isPending: async () => {
      const soon = Date.now() / 1000 + 60;
      await utimes(otherPath, soon, soon);
      return true;
    },
  });
  expect(report).toMatchObject({ outcome: 'fault', sent: '--continue', problem: { class: 'wrongSession' } });
  expect(report).not.toHaveProperty('text');
  expect(await usersLines(task, other)).toEqual(before);
  expect(conversation(site, other.session.id).filter((each) => each.outcome === 'answered')).toHaveLength(1);
});

const usersLines = async (task: TaskOnSite, request: AttemptRequest) =>
  (await task.transcript(request)).filter(({ type }) => type === 'user');
