// Nothing lost, nothing twice: the driver or the CLI killed at each moment of an attempt, then the next attempt in a
// fresh process. Judged by what reached the API, the transcript's user lines and the tools' effects.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AttemptReport, AttemptRequest } from '../../../src/contract/attempt.js';
import { until } from '../../support/poll.js';
import { type DriveOptions, type Driver, useDriver } from './support/drive.js';
import { atStep, cliOf, conversation, lastHeard, processesOf } from './support/oracle.js';
import { newSite, type Site, type TaskOnSite, timesDelivered } from './support/site.js';

const drive = useDriver();

interface Started {
  site: Site;
  task: TaskOnSite;
  request: AttemptRequest;
  attempt: Driver;
}

async function start(prompt: string, options?: DriveOptions): Promise<Started> {
  const site = await newSite();
  const task = site.task();
  const request = task.request({ prompt });
  return { site, task, request, attempt: drive(site, request, options) };
}

/** The next attempt, in a process of its own, to its end. */
async function next({ site, task, request }: Started): Promise<AttemptReport> {
  const report = await drive(site, task.again(request)).ended;
  if (report === undefined) throw new Error('the next attempt gave no report');
  return report;
}

const killDriver = async ({ attempt }: Started): Promise<void> => {
  attempt.signal('SIGKILL');
  expect(await attempt.ended).toBeUndefined();
};

/** The driver lives on, and says what it saw. */
async function killCli({ request, attempt }: Started): Promise<void> {
  process.kill(cliOf(request)?.pid ?? 0, 'SIGKILL');
  expect(await attempt.ended).toMatchObject({ outcome: 'fault', delivered: true, problem: { class: 'lost' } });
}

/** The whole point: once to Claude, once in the transcript, nobody left. */
async function expectOnce({ site, task, request }: Started, extraTexts: number): Promise<void> {
  const { prompt } = request.instruction;
  const heard = lastHeard(site, request.session.id);
  expect(heard.filter((text) => text.includes(prompt))).toEqual([prompt]);
  expect(heard).toHaveLength(1 + extraTexts);
  expect(timesDelivered(await task.transcript(request), request)).toBe(1);
  expect(processesOf(task)).toEqual([]);
  // They may hold keys; what a killed driver left of them, the next attempt removes.
  expect(existsSync(task.place.attempt(request.number, request.attemptId).settings)).toBe(false);
}

const userLine = ({ task, request }: Started): Promise<true> =>
  until(async () => timesDelivered(await task.transcript(request), request) === 1, {
    what: 'the user line is on disk',
  });

describe('killed before there is a transcript', () => {
  test('driver, with its CLI there and nothing said: the instruction goes out, once', async () => {
    const started = await start('[[say done]]', { halt: { at: 'telling', with: 'SIGKILL' } });
    expect(await started.attempt.ended).toBeUndefined();
    const report = await next(started);
    expect(report).toMatchObject({ outcome: 'done', text: 'done', sent: `--session-id=${started.request.session.id}` });
    expect(conversation(started.site)).toHaveLength(1);
    await expectOnce(started, 0);
  });

  test('driver, its CLI just told and at work by itself: once, whoever finishes it', async () => {
    const started = await start('[[say done]]', { halt: { at: 'answering', with: 'SIGKILL' } });
    expect(await started.attempt.ended).toBeUndefined();
    expect(await next(started)).toMatchObject({ outcome: 'done', text: 'done' });
    const nudges = lastHeard(started.site, started.request.session.id).length - 1;
    await expectOnce(started, nudges);
  });

  test('CLI, told and not yet heard by anybody', async () => {
    const started = await start('[[say done]]', { halt: { at: 'answering', with: 'SIGKILL', whom: 'cli' } });
    const killed = await started.attempt.ended;
    expect(killed).toMatchObject({ outcome: 'fault', problem: { class: 'lost' } });
    const { id } = started.request.session;
    const sent = killed?.delivered === true ? '--continue' : `--session-id=${id}`;
    expect(await next(started)).toMatchObject({ outcome: 'done', text: 'done', sent });
    await expectOnce(started, killed?.delivered === true ? 1 : 0);
  });
});

describe('killed in mid-turn, its instruction on disk: --continue, a nudge, the context kept', () => {
  test.each([
    ['driver', killDriver],
    ['CLI', killCli],
  ])('%s', async (_victim, kill) => {
    const started = await start('[[hang]] [[recall]] [[say finished]]');
    await atStep(started.site, started.request, 'hang');
    await userLine(started);
    await kill(started);
    expect(await next(started)).toMatchObject({ outcome: 'done', text: 'finished', sent: '--continue' });
    await expectOnce(started, 1);
    expect(lastHeard(started.site, started.request.session.id)[1]).toMatch(/machine or process .* was lost/);
  });

  test('driver, and its CLI finishes by itself: nothing is launched, the report is made from the transcript', async () => {
    const started = await start('[[sleep 700ms]] [[say finished alone]]');
    await userLine(started);
    await killDriver(started);
    await until(() => processesOf(started.task).length === 0, { what: 'the orphan came to its end' });
    const report = await next(started);
    expect(report).toMatchObject({ outcome: 'done', text: 'finished alone', sent: '', seen: true, delivered: true });
    expect(report.sentWhy).toMatch(/nothing was launched/);
    expect(conversation(started.site)).toHaveLength(1);
    await expectOnce(started, 0);
  });

  test('twice in a row: each nudge stands once', async () => {
    const started = await start('[[hang]] [[sleep 60s]] [[say finished]]');
    await userLine(started);
    await killDriver(started);
    const second = { ...started, request: started.task.again(started.request) };
    second.attempt = drive(started.site, second.request);
    await atStep(started.site, started.request, 'sleep');
    await until(
      async () =>
        (await started.task.transcript(started.request)).some(({ uuid }) => uuid === second.request.attemptId),
      {
        what: 'the nudge is on disk',
      },
    );
    await killDriver(second);
    expect(await next(started)).toMatchObject({ outcome: 'done', text: 'finished', sent: '--continue' });
    await expectOnce(started, 2);
  });
});

describe('killed in mid-tool: what the tool did stays done, once', () => {
  const TOOL = '[[tool Bash {"command":"echo x >> effects; timeout 60 tail -f /dev/null"}]]';

  test.each([
    ['driver', killDriver],
    ['CLI', killCli],
  ])('%s', async (_victim, kill) => {
    const started = await start(`[[say early]] ${TOOL} [[say finished]]`);
    const effects = join(started.task.workspace, 'effects');
    await until(() => existsSync(effects), { what: 'the tool runs' });
    await until(async () => JSON.stringify(await started.task.transcript(started.request)).includes('"tool_use"'), {
      what: 'the tool call is on disk',
    });
    await kill(started);
    expect(await next(started)).toMatchObject({ outcome: 'done', text: 'finished', sent: '--continue' });
    expect(await readFile(effects, 'utf8')).toBe('x\n');
    await expectOnce(started, 1);
  });
});

describe('killed after the result, before the report', () => {
  test('driver: nothing is launched again', async () => {
    const started = await start('[[say finished]]', { halt: { at: 'reporting', with: 'SIGKILL' } });
    expect(await started.attempt.ended).toBeUndefined();
    const report = await next(started);
    expect(report).toMatchObject({ outcome: 'done', text: 'finished', sent: '' });
    expect(conversation(started.site)).toHaveLength(1);
    await expectOnce(started, 0);
  });

  test('CLI: its result counts', async () => {
    const started = await start('[[say finished]]', { halt: { at: 'reporting', with: 'SIGKILL', whom: 'cli' } });
    expect(await started.attempt.ended).toMatchObject({ outcome: 'done', text: 'finished' });
    expect(conversation(started.site)).toHaveLength(1);
    expect(processesOf(started.task)).toEqual([]);
  });
});
