// How a run is started, watched and ended, whatever the CLI does: stand-ins play a CLI that behaves in ways the real
// one can't be made to. The real one is in run-real.test.ts.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messageLine } from '../../src/claude/input.js';
import { runClaude } from '../../src/claude/run.js';
import { fixture, isGone, LIMITS, request, underEnoughTime } from './harness.js';
import { heldMiB } from './memory.js';

const given = (text: string | undefined): { message: { bytes: number; sha256: string }; args: string[]; env: object } =>
  JSON.parse(text ?? '{}');

describe('a run that goes well', () => {
  test('hands the message over whole, with the arguments and the environment as given and nothing else', async () => {
    const asked = await request(fixture('cli-answers'));
    const run = await runClaude({ ...asked, env: { PATH: process.env['PATH'] ?? '', ONLY: 'this' } });
    expect(run).toMatchObject({ ended: 'exited', exitCode: 0, messageWritten: true, lingered: false, leftover: 0 });
    expect(run).toMatchObject({ survivors: [], stderrTail: '' });
    const seen = given(run.progress.result?.text);
    expect(seen.message.bytes).toBe(messageLine(asked.message).length);
    expect(seen.args).toEqual(asked.args);
    expect(seen.env).toEqual({ PATH: process.env['PATH'], ONLY: 'this', [asked.marker.name]: asked.marker.value });
  });

  test('keeps stdout as it came in a log that only its owner reads', async () => {
    const asked = await request(fixture('cli-answers'));
    const run = await runClaude(asked);
    const log = await readFile(asked.files.stream);
    expect(log.length).toBe(run.progress.bytes);
    expect(log.toString()).toContain('"subtype":"init"');
    for (const file of Object.values(asked.files)) expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('writes a message of 10 MB no faster than it is read, and loses none of it', async () => {
    const asked = await request(fixture('cli-answers'));
    const message = { uuid: asked.message.uuid, content: 'ä"\n'.repeat(2_500_000) };
    const run = await runClaude({ ...asked, message });
    const line = Buffer.from(messageLine(message));
    expect(line.length).toBeGreaterThan(10_000_000);
    const sha256 = createHash('sha256').update(line).digest('hex');
    expect(given(run.progress.result?.text).message).toEqual({ bytes: line.length, sha256 });
  });
});

describe('a CLI that would not go', () => {
  test('lingering after its result is killed, and its result counts', async () => {
    const asked = await request(fixture('cli-lingers'));
    const run = await runClaude({ ...asked, limits: { ...LIMITS, resultGraceMs: 200 } });
    expect(run).toMatchObject({ ended: 'exited', lingered: true, signal: 'SIGKILL' });
    expect(run.progress.result).toMatchObject({ isError: false, text: 'done', sessionCostUsd: 0.5 });
  });

  test('ignoring every signal is asked twice, then killed', async () => {
    const stop = new AbortController();
    const asked = await request(fixture('cli-stubborn'), { limits: { ...LIMITS, gentleMs: 500 }, signal: stop.signal });
    const run = await runClaude({ ...asked, onProgress: () => stop.abort() });
    expect(run).toMatchObject({ ended: 'aborted', signal: 'SIGKILL', messageWritten: true });
    expect(run.stderrTail).toBe('got SIGINT\ngot SIGTERM');
  });

  test('leaving a child in a session of its own that holds stdout is not waited for, and the child dies', async () => {
    const asked = await request(fixture('cli-leaves-children'));
    const run = await runClaude(asked);
    expect(run).toMatchObject({ ended: 'exited', exitCode: 0, survivors: [] });
    expect(run.leftover).toBeGreaterThanOrEqual(1);
    expect(isGone(asked)).toBe(true);
  });
});

describe('the watchdogs', () => {
  test('a CLI that says nothing is ended as silent', async () => {
    const asked = await request(fixture('cli-stubborn'));
    const run = await runClaude({ ...asked, limits: { ...LIMITS, silenceTimeoutMs: 400, gentleMs: 50 } });
    expect(run.ended).toBe('silent');
    expect(isGone(asked)).toBe(true);
  });

  test('inner retries count as life', async () => {
    const asked = await request(fixture('cli-retries'));
    const args = [...asked.args, '--retries=28'];
    const run = await runClaude({ ...asked, args, limits: { ...LIMITS, silenceTimeoutMs: 2_500 } });
    expect(run).toMatchObject({ ended: 'exited', exitCode: 0 });
    expect(run.durationMs).toBeGreaterThan(2_700);
    expect(run.progress.apiRetry).toMatchObject({ attempt: 28, errorStatus: 529, error: 'overloaded' });
  });

  test('a CLI that is busy for ever is ended when its time is up', async () => {
    const asked = await request(fixture('cli-retries'));
    const busy = (attemptTimeoutMs: number) => runClaude({ ...asked, limits: { ...LIMITS, attemptTimeoutMs } });
    const run = await underEnoughTime(busy, ({ progress }) => progress.apiRetry !== undefined);
    expect(run).toMatchObject({ ended: 'timedOut', signal: 'SIGINT' });
    expect(run.progress.apiRetry?.attempt).toBeGreaterThan(0);
  });

  test('what was said while we ourselves were stopped is read before silence is judged', async () => {
    const asked = await request(fixture('cli-retries'));
    let stopped = false;
    const onProgress = () => {
      if (stopped) return;
      stopped = true;
      // As SIGSTOP does: no timer and no stream moves meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
    };
    const args = [...asked.args, '--retries=40'];
    const run = await runClaude({ ...asked, args, onProgress, limits: { ...LIMITS, silenceTimeoutMs: 2_500 } });
    expect(run).toMatchObject({ ended: 'exited', exitCode: 0 });
  });
});

describe('before the message is out', () => {
  test('a refusal at the last look kills the process, and nothing was said', async () => {
    const asked = await request(fixture('cli-answers'));
    const run = await runClaude({ ...asked, beforeMessage: () => Promise.resolve(false) });
    expect(run).toMatchObject({ ended: 'fenced', messageWritten: false, signal: 'SIGKILL' });
    expect(run.progress.result).toBeUndefined();
    expect(isGone(asked)).toBe(true);
  });

  test('the last look is taken with the process already there', async () => {
    const asked = await request(fixture('cli-answers'));
    let there = false;
    const beforeMessage = async () => {
      there = !isGone(asked);
      return true;
    };
    const run = await runClaude({ ...asked, beforeMessage });
    expect(there).toBe(true);
    expect(run.messageWritten).toBe(true);
  });

  test('a stop during the last look leaves nothing said', async () => {
    const stop = new AbortController();
    const asked = await request(fixture('cli-answers'));
    const beforeMessage = async () => {
      stop.abort();
      return true;
    };
    const run = await runClaude({ ...asked, signal: stop.signal, beforeMessage });
    expect(run).toMatchObject({ ended: 'aborted', messageWritten: false, signal: 'SIGKILL' });
    expect(run.progress.result).toBeUndefined();
  });

  test('a stop before the start starts nothing', async () => {
    const asked = await request('/nowhere/claude', { signal: AbortSignal.abort() });
    expect(await runClaude(asked)).toMatchObject({ ended: 'aborted', messageWritten: false, durationMs: 0 });
  });

  test('an error in the last look reaches the caller, after the process is dead', async () => {
    const asked = await request(fixture('cli-answers'));
    const awayError = new Error('the server is away');
    const beforeMessage = () => Promise.reject(awayError);
    await expect(runClaude({ ...asked, beforeMessage })).rejects.toThrow(awayError);
    expect(isGone(asked)).toBe(true);
  });
});

describe('another session than the intended one', () => {
  test('is ended at once', async () => {
    const asked = await request(fixture('cli-lingers'), { expectSession: 'another' });
    const run = await runClaude(asked);
    expect(run).toMatchObject({ ended: 'wrongSession', signal: 'SIGKILL' });
    expect(isGone(asked)).toBe(true);
  });
});

describe('a hostile stream', () => {
  test('is read to its end: what is unknown is counted, what is known is used', async () => {
    const asked = await request(fixture('cli-noisy'));
    const { progress } = await runClaude(asked);
    expect(progress).toMatchObject({ lastWords: 'still here', nonJsonLines: 3, oversizedLines: 0, turns: 1 });
    // An array, null, a string, a number; a future type; an init and an assistant without their fields; a type "__proto__".
    expect(progress.unknownLines).toBe(8);
    expect(progress.result?.text).toBe('done');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('one line of 300 MB is skipped in constant memory', async () => {
    const asked = await request(fixture('cli-noisy'));
    const before = heldMiB();
    let most = before;
    const onProgress = () => {
      most = Math.max(most, heldMiB());
    };
    const files = { ...asked.files, stream: '/dev/null' };
    const { progress } = await runClaude({ ...asked, files, args: [...asked.args, '--megabytes=300'], onProgress });
    expect(progress).toMatchObject({ oversizedLines: 1, result: { text: 'done' } });
    expect(progress.bytes).toBeGreaterThan(300 * 1024 * 1024);
    expect(most - before).toBeLessThan(100);
  });
});

describe('trouble on the host', () => {
  test('a full disk costs the log, not the run, and is told', async () => {
    const asked = await request(fixture('cli-answers'));
    const run = await runClaude({ ...asked, files: { ...asked.files, stream: '/dev/full' } });
    expect(run).toMatchObject({ ended: 'exited', exitCode: 0, progress: { result: { isError: false } } });
    expect(run.problem).toBe('The log /dev/full is incomplete: the disk is full.');
  });

  test.each([
    ['a missing program', { path: '/nowhere/claude' }, /\/nowhere\/claude \(ENOENT\)/],
    ['a file that is no program', { path: fixture('stand-in') }, /stand-in\.mjs \(EACCES\)/],
    ['a missing directory', { cwd: '/nowhere/workspace' }, /its directory \/nowhere\/workspace does not exist/],
    ['a file for a directory', { cwd: fixture('stand-in') }, /stand-in\.mjs is not a directory/],
    ['options beyond what the system takes', { args: [`--x=${'secret'.repeat(40_000)}`] }, /\(E2BIG\)/],
  ])('%s is a sentence, without the arguments', async (_name, changes, says) => {
    const asked = await request(fixture('cli-answers'));
    const run = await runClaude({ ...asked, ...changes });
    expect(run).toMatchObject({ ended: 'spawnFailed', messageWritten: false });
    expect(run.problem).toMatch(says);
    expect(JSON.stringify(run)).not.toContain('secret');
  });

  test('a CLI that dies at once, leaving a large message unread, is no error of ours', async () => {
    const asked = await request('/bin/false', { message: { uuid: 'u', content: 'x'.repeat(1_000_000) } });
    expect(await runClaude(asked)).toMatchObject({ ended: 'exited', exitCode: 1, messageWritten: false });
  });

  test('a log whose folder is a file is told, and the run goes on', async () => {
    const asked = await request(fixture('cli-answers'));
    const stream = join(fixture('stand-in'), 'stream.jsonl');
    const run = await runClaude({ ...asked, files: { ...asked.files, stream } });
    expect(run.progress.result?.isError).toBe(false);
    expect(run.problem).toMatch(/stream\.jsonl is incomplete: (ENOTDIR|EEXIST)/);
  });
});
