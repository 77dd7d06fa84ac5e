// One writer: a worker that was frozen, cut off or late never speaks to Claude beside a newer one. Judged by the API's
// log and by which processes were alive together, not by what the attempts say of themselves.
import { readFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AttemptRequest } from '../../../src/contract/attempt.js';
import { useDriver } from './support/drive.js';
import { watchLifetimes } from './support/lifetimes.js';
import { atStep, cliAtWork, conversation, interrupted, lastHeard, onDisk, processesOf } from './support/oracle.js';
import { newSite, newToken, type Site, type TaskOnSite, timesDelivered } from './support/site.js';

const drive = useDriver();

interface Scene {
  site: Site;
  task: TaskOnSite;
  request: AttemptRequest;
}

async function scene(prompt: string): Promise<Scene> {
  const site = await newSite();
  const task = site.task();
  return { site, task, request: task.request({ prompt }) };
}

function lifetimesOf(task: TaskOnSite): ReturnType<typeof watchLifetimes> {
  const lifetimes = watchLifetimes(task);
  onTestFinished(lifetimes.stop);
  return lifetimes;
}

describe('a driver frozen in mid-attempt, its CLI at work, and a newer one beside it', () => {
  test('the old CLI is dead before the new one begins; thawed while the new one works, the old driver does nothing', async () => {
    const { site, task, request } = await scene('[[hang]] [[sleep 1500ms x*]] [[say by the second]]');
    const lifetimes = lifetimesOf(task);
    const old = drive(site, request);
    const cutOff = await atStep(site, request, 'hang');
    await onDisk(task, request);
    old.signal('SIGSTOP');
    await old.frozen();

    const newer = task.again(request);
    const second = drive(site, newer);
    const newCli = await cliAtWork(newer);
    await atStep(site, request, 'sleep');
    old.signal('SIGCONT');
    expect(await old.ended).toMatchObject({ outcome: 'fault', problem: { class: 'twoWriters' } });
    expect(await second.ended).toMatchObject({ outcome: 'done', text: 'by the second', sent: '--continue' });

    expect(cutOff.outcome).toBe('aborted');
    expect(cutOff.endedAt).toBeLessThanOrEqual(newCli.startedAt);
    expect(lifetimes).toMatchObject({ seen: [request.attemptId, newer.attemptId], most: 1 });
    expect(conversation(site)).toHaveLength(2);
    expect(lastHeard(site, request.session.id).filter((text) => text === request.instruction.prompt)).toHaveLength(1);
    expect(timesDelivered(await task.transcript(request), request)).toBe(1);
    expect(processesOf(task)).toEqual([]);
  });
});

describe('a driver frozen before it told Claude to go on, thawed when a newer one has done so', () => {
  test.each([
    ['before its claim', 'claiming'],
    ['between claim and launch', 'launching'],
    ['between launch and message', 'telling'],
  ] as const)('%s: nothing reaches Claude', async (_name, at) => {
    const { site, task, request: first } = await scene('[[sleep 60s]] [[say by the second]]');
    const request = await interrupted(site, task, first);
    const stale = task.again(request);
    const old = drive(site, stale, { halt: { at, with: 'SIGSTOP' } });
    await old.frozen();
    const second = await drive(site, task.again(request)).ended;
    expect(second).toMatchObject({ outcome: 'done', text: 'by the second' });

    const transcript = await task.transcript(request);
    old.signal('SIGCONT');
    // The driver's server says of each that it is waited for: outrun before its claim, it was reset into, for all it knows.
    const faultClass = at === 'claiming' ? 'lost' : 'twoWriters';
    expect(await old.ended).toMatchObject({ outcome: 'fault', problem: { class: faultClass } });
    expect(conversation(site)).toHaveLength(2);
    expect(await task.transcript(request)).toEqual(transcript);
    // A CLI that is told something says at least that it took it in.
    const { stream } = task.place.attempt(stale.number, stale.attemptId);
    expect(await readFile(stream, 'utf8').catch(() => '')).toBe('');
    expect(processesOf(task)).toEqual([]);
  });
});

describe('a driver that lives on, cut off from the server', () => {
  test('it ends itself when a newer one takes over, in another process', async () => {
    const { site, task, request } = await scene('[[hang]] [[say by the second]]');
    const lifetimes = lifetimesOf(task);
    const old = drive(site, request);
    await onDisk(task, request);
    const second = drive(site, task.again(request));
    expect(await old.ended).toMatchObject({ outcome: 'fault', problem: { class: 'twoWriters' } });
    expect(await second.ended).toMatchObject({ outcome: 'done', text: 'by the second' });
    expect(lifetimes).toMatchObject({ most: 1 });
    expect(lastHeard(site, request.session.id)).toHaveLength(2);
  });

  test('and in the same one', async () => {
    const { site, task, request } = await scene('[[hang]] [[say by the second]]');
    const old = site.run(request);
    await onDisk(task, request);
    const second = await site.run(task.again(request));
    expect(await old).toMatchObject({ outcome: 'fault', problem: { class: 'twoWriters' } });
    expect(second).toMatchObject({ outcome: 'done', text: 'by the second' });
    expect(lastHeard(site, request.session.id)).toHaveLength(2);
  });
});

describe('an attempt that comes too late', () => {
  test('with an older token: it launches nothing, and leaves the newer one alone', async () => {
    const { site, task, request } = await scene('[[sleep 700ms]] [[say by the newer]]');
    const [older, newer] = [newToken(), newToken()];
    const working = site.run(request, { token: newer });
    const cli = await cliAtWork(request);
    const noLonger = { token: older, isPending: () => Promise.resolve(false) };
    const late = await site.run(task.again(request), noLonger);
    expect(late).toMatchObject({ outcome: 'fault', sent: '', delivered: false, problem: { class: 'twoWriters' } });
    expect(processesOf(task).map(({ pid }) => pid)).toContain(cli.pid);
    expect(await working).toMatchObject({ outcome: 'done', text: 'by the newer' });
    const later = await site.run(task.again(request), noLonger);
    expect(later).toMatchObject({ outcome: 'fault', sent: '', problem: { class: 'twoWriters' } });
    expect(conversation(site)).toHaveLength(1);
  });

  test('that the server no longer waits for: its CLI is ended before it was told anything', async () => {
    const { site, task, request } = await scene('[[say never]]');
    const report = await site.run(request, { isPending: () => Promise.resolve(false) });
    expect(report).toMatchObject({ outcome: 'fault', seen: false, delivered: false, problem: { class: 'twoWriters' } });
    expect(site.api.requests).toEqual([]);
    expect(processesOf(task)).toEqual([]);
  });
});
