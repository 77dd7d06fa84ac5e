// Facts about the CLI's sessions: which flag finds which conversation, what a wrong id does, what is delivered twice.
// Another version: TASKRUN_TEST_CLAUDE=/path/to/claude npx vitest run test/claude/contract-sessions.test.ts
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { notedCostUsd } from '../../src/claude/cost-state.js';
import { type ScriptedApi, startScriptedApi } from '../../src/demo/api/scripted-api.js';
import { startClaude, userMessage } from '../support/claude.js';
import { until } from '../support/poll.js';
import { newPlace, type Place, say, sessionsOnDisk, transcriptOf } from './contract/place.js';

let api: ScriptedApi;
beforeAll(async () => {
  api = await startScriptedApi();
});
afterAll(() => api.close());

/** A session in which these were said, each in a run of its own. */
async function sessionWith(place: Place, ...texts: string[]): Promise<string> {
  const sessionId = randomUUID();
  for (const [at, text] of texts.entries()) {
    const { exitCode } = await say(place, [at === 0 ? `--session-id=${sessionId}` : `--resume=${sessionId}`], text);
    expect(exitCode).toBe(0);
  }
  return sessionId;
}

/** The id of the transcript's last message. */
async function lastMessageOf(path: string): Promise<string> {
  const lines = (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; uuid: string });
  return lines.findLast(({ type }) => type === 'assistant')?.uuid ?? '';
}

const recalled = (...texts: string[]): string => `recall: ${JSON.stringify(texts)}`;

describe('which conversation goes on', () => {
  test('--continue takes the session whose transcript was modified last, --resume the named one', async () => {
    const place = await newPlace(api);
    const older = await sessionWith(place, 'older');
    const newer = await sessionWith(place, 'newer');
    expect((await say(place, ['--continue'], '[[recall]]')).result).toMatchObject({
      session_id: newer,
      result: recalled('newer', '[[recall]]'),
    });
    const soon = Date.now() / 1000 + 60;
    await utimes(transcriptOf(place, older), soon, soon);
    expect((await say(place, ['--continue'], '[[recall]]')).result).toMatchObject({
      session_id: older,
      result: recalled('older', '[[recall]]'),
    });
    expect((await say(place, [`--resume=${newer}`], 'bye')).init).toMatchObject({ session_id: newer });
  });

  test('--continue without a session silently starts a new one under an id of its own', async () => {
    const place = await newPlace(api);
    const { result, exitCode } = await say(place, ['--continue'], 'hello');
    expect(exitCode).toBe(0);
    expect(await sessionsOnDisk(place)).toEqual([result?.['session_id']]);
  });

  test('a fork copies the conversation, line ids included, and leaves its parent alone', async () => {
    const place = await newPlace(api);
    const parent = randomUUID();
    const { uuid } = await say(place, [`--session-id=${parent}`], 'root');
    const before = await readFile(transcriptOf(place, parent), 'utf8');
    const fork = randomUUID();
    const { result } = await say(place, [`--resume=${parent}`, '--fork-session', `--session-id=${fork}`], '[[recall]]');
    expect(result).toMatchObject({ session_id: fork, result: recalled('root', '[[recall]]') });
    expect(await readFile(transcriptOf(place, parent), 'utf8')).toBe(before);
    expect(await readFile(transcriptOf(place, fork), 'utf8')).toContain(uuid);
  });

  test('a fork at a message takes over what came before it; one that is not there is an error, and says nothing', async () => {
    const place = await newPlace(api);
    const parent = await sessionWith(place, 'first');
    const at = await lastMessageOf(transcriptOf(place, parent));
    await say(place, [`--resume=${parent}`], 'later');
    const fork = (id: string, message: string) => [
      `--resume=${parent}`,
      '--fork-session',
      `--session-id=${id}`,
      `--resume-session-at=${message}`,
    ];
    const { result } = await say(place, fork(randomUUID(), at), '[[recall]]');
    expect(result?.['result']).toBe(recalled('first', '[[recall]]'));
    const wrong = await say(place, fork(randomUUID(), randomUUID()), '[[recall]]');
    expect(wrong.exitCode).toBe(1);
  });

  test('a fork’s cost begins with all that its parent has cost, as noted in the parent’s transcript', async () => {
    const place = await newPlace(api);
    const parent = await sessionWith(place, '[[tokens 1000 1000]] [[say a]]', '[[tokens 1000 1000]] [[say b]]');
    const inherited = (await notedCostUsd(transcriptOf(place, parent))) ?? 0;
    expect(inherited).toBeGreaterThan(0);
    const fork = [`--resume=${parent}`, '--fork-session', `--session-id=${randomUUID()}`];
    const { result } = await say(place, fork, '[[tokens 1000 1000]] [[say c]]');
    expect(result?.['total_cost_usd']).toBeCloseTo(inherited * 1.5, 9);
  });

  test('the cost is counted on over resumes', async () => {
    const place = await newPlace(api);
    const id = randomUUID();
    const first = await say(place, [`--session-id=${id}`], '[[tokens 1000 1000]] [[say a]]');
    const second = await say(place, [`--resume=${id}`], '[[tokens 1000 1000]] [[say b]]');
    expect(second.result?.['total_cost_usd']).toBeCloseTo(2 * Number(first.result?.['total_cost_usd']), 9);
  });
});

describe('wrong ids', () => {
  test('an unknown session: exit 1, the sentence in a result line and on stderr, no request', async () => {
    const place = await newPlace(api);
    const unknown = randomUUID();
    const run = await say(place, [`--resume=${unknown}`], 'x');
    const says = `No conversation found with session ID: ${unknown}`;
    expect(run).toMatchObject({ exitCode: 1, init: undefined, result: { is_error: true, errors: [says] } });
    expect(run.stderr).toContain(says);
    expect(api.requests.some((request) => request.sessionId === unknown)).toBe(false);
  });

  test('an id in use: exit 1, the sentence on stderr alone', async () => {
    const place = await newPlace(api);
    const id = await sessionWith(place, 'x');
    const run = await say(place, [`--session-id=${id}`], 'y');
    expect(run).toMatchObject({ exitCode: 1, lines: [] });
    expect(run.stderr).toContain(`Session ID ${id} is already in use.`);
  });

  test.each([
    ['nothing', 0],
    ['its queue lines', 2],
  ])('a transcript holding %s can be neither begun nor resumed', async (_what, kept) => {
    const place = await newPlace(api);
    const id = await sessionWith(place, 'x');
    const lines = (await readFile(transcriptOf(place, id), 'utf8')).split('\n');
    await writeFile(
      transcriptOf(place, id),
      lines
        .slice(0, kept)
        .map((line) => `${line}\n`)
        .join(''),
    );
    expect((await say(place, [`--session-id=${id}`], 'y')).stderr).toContain('already in use');
    expect((await say(place, [`--resume=${id}`], 'y')).stderr).toContain('No conversation found');
  });
});

describe('delivery', () => {
  test('a message whose turn is finished is not run again under the same uuid', async () => {
    const place = await newPlace(api);
    const id = randomUUID();
    const { uuid } = await say(place, [`--session-id=${id}`], 'once');
    const again = await say(place, [`--resume=${id}`], 'once', uuid);
    expect(again).toMatchObject({ exitCode: 0, init: undefined, result: undefined });
    expect(again.lines).toMatchObject([
      { type: 'user', isReplay: true, uuid },
      { type: 'command_lifecycle', state: 'completed', command_uuid: uuid },
    ]);
    expect(api.requests.filter((request) => request.sessionId === id)).toHaveLength(1);
  });

  test('a torn last line costs that line only', async () => {
    const place = await newPlace(api);
    const id = await sessionWith(place, 'one', 'two');
    const path = transcriptOf(place, id);
    await appendFile(path, '{"type":"assistant","message":{"role":"assi');
    const { result } = await say(place, ['--continue'], '[[recall]]');
    expect(result).toMatchObject({ session_id: id, result: recalled('one', 'two', '[[recall]]') });
    expect((await readFile(path, 'utf8')).split('\n')).toContain('{"type":"assistant","message":{"role":"assi');
  });

  // It does write a line of its own to the transcript, which makes the session the newest one.
  test('without a message nothing is said, whatever the flag', async () => {
    const place = await newPlace(api);
    const id = await sessionWith(place, 'x');
    for (const flag of [`--session-id=${randomUUID()}`, '--continue', `--resume=${id}`]) {
      expect(await say(place, [flag])).toMatchObject({ exitCode: 0, lines: [], stderr: '' });
    }
    expect(await sessionsOnDisk(place)).toEqual([id]);
    expect((await say(place, ['--continue'], '[[recall]]')).result).toMatchObject({
      result: recalled('x', '[[recall]]'),
    });
  });

  test('two messages on one stdin are two turns with two results', async () => {
    const place = await newPlace(api);
    const [first, second] = [randomUUID(), randomUUID()];
    const stdinLines = [
      userMessage(first, '[[say one]] [[sleep 300ms]] [[say two]]'),
      userMessage(second, '[[say three]]'),
    ];
    const { lines } = await startClaude([`--session-id=${randomUUID()}`], {
      env: place.env,
      cwd: place.workspace,
      stdinLines,
    }).ended;
    expect(lines.filter((line) => line.type === 'result').map((line) => line['result'])).toEqual(['two', 'three']);
  });

  test('the process says nothing before its first message and takes further ones until stdin is closed', async () => {
    const place = await newPlace(api);
    const launch = { env: place.env, cwd: place.workspace, keepStdinOpen: true };
    const run = startClaude([`--session-id=${randomUUID()}`], launch);
    await until(() => existsSync(join(place.configDir, 'sessions')), { what: 'the CLI is up' });
    expect([run.lines, await sessionsOnDisk(place)]).toEqual([[], []]);
    for (const [turns, text] of ['[[say one]]', '[[say two]]'].entries()) {
      run.process.stdin.write(`${userMessage(randomUUID(), text)}\n`);
      await until(() => run.lines.filter((line) => line['state'] === 'completed').length > turns, { what: text });
    }
    run.process.stdin.end();
    expect((await run.ended).exitCode).toBe(0);
  });
});
