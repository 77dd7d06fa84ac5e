// The same run with the real CLI against the scripted API: what is started, interrupted and killed can be gone on with.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { sessionFlags } from '../../src/claude/arguments.js';
import { readDelivery } from '../../src/claude/delivery.js';
import { type RunRequest, runClaude } from '../../src/claude/run.js';
import { sessionsOf, transcriptPath } from '../../src/claude/transcript.js';
import { findMarked } from '../../src/host/process-tree.js';
import { pinnedClaude } from '../support/claude.js';
import { until } from '../support/poll.js';
import { answered, isGone, LIMITS, type RealClaude, realClaude, underEnoughTime } from './harness.js';

const LONG_TOOL = '[[tool Bash {"command":"timeout 60 tail -f /dev/null"}]]';

const isTail = ({ command }: { command: string }): boolean => command.includes('tail -f /dev/null');

const fresh = () => ({ flag: 'session-id', sessionId: randomUUID() }) as const;

async function lookAt(claude: RealClaude, asked: RunRequest) {
  return readDelivery(await transcriptPath(claude.configDir, claude.cwd, asked.expectSession), asked.message.uuid);
}

/** Goes on with the newest session by a nudge that only asks what the model knows of the conversation. */
async function goOn(claude: RealClaude, sessionId: string): Promise<string> {
  const { run, text } = await answered(await claude.prepare({ flag: 'continue' }, 'go on', { sessionId }));
  expect(run.progress.sessionId).toBe(sessionId);
  return text;
}

test('a turn: told on stdin, flags as given, answered, kept in transcript and log', async () => {
  const claude = await realClaude();
  const launch = fresh();
  const asked = await claude.prepare(launch, '[[sleep 500ms]] [[say well done]]');
  const running = answered(asked);
  const pid = await until(() => findMarked(asked.marker.name, asked.marker.value)[0]?.pid, { what: 'the CLI runs' });
  const argv = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1);
  const { run, text } = await running;
  expect(text).toBe('well done');
  expect(argv).toEqual([pinnedClaude(), ...asked.args]);
  expect(argv.join(' ')).toContain(sessionFlags(launch));
  expect(argv.join(' ')).not.toContain('well done');
  expect(run.progress).toMatchObject({
    sessionId: launch.sessionId,
    accepted: true,
    messageState: 'completed',
    turns: 1,
    lastWords: 'well done',
    unknownLines: 0,
    nonJsonLines: 0,
  });
  expect(run.progress.cliVersion).toMatch(/^\d+\.\d+\.\d+$/);
  expect(run.progress.sessionCostUsd).toBeGreaterThan(0);
  expect(await lookAt(claude, asked)).toEqual({ delivery: 'finished', lastSaid: 'well done' });
  expect((await readFile(asked.files.stream, 'utf8')).split('\n').length - 1).toBe(run.progress.lines);
});

test('the same uuid again is not run again', async () => {
  const claude = await realClaude();
  const asked = await claude.prepare(fresh(), '[[say once]]');
  await answered(asked);
  const again = await claude.prepare({ flag: 'resume', sessionId: asked.expectSession }, '[[say once]]', {
    message: asked.message,
  });
  const run = await runClaude(again);
  expect(run).toMatchObject({ ended: 'exited', exitCode: 0, progress: { accepted: true } });
  expect(run.progress.result).toBeUndefined();
  expect(claude.api.requests.filter((each) => !each.side)).toHaveLength(1);
});

test('a message of 10 MB arrives whole', async () => {
  const claude = await realClaude();
  const content = 'word '.repeat(2_100_000);
  const asked = await claude.prepare(fresh(), content);
  const run = await runClaude(asked);
  expect(run).toMatchObject({ ended: 'exited', messageWritten: true, progress: { accepted: true } });
  // The model's window is smaller: the CLI takes the message, keeps it, and says so without asking the API.
  expect(run.progress.result).toMatchObject({ isError: true, terminalReason: 'blocking_limit' });
  const path = await transcriptPath(claude.configDir, claude.cwd, asked.expectSession);
  expect((await readDelivery(path, asked.message.uuid)).delivery).toBe('unfinished');
  expect(await readFile(path, 'utf8')).toContain(content);
});

describe('what was interrupted goes on with its context', () => {
  test('after a SIGKILL in mid-turn', async () => {
    const claude = await realClaude();
    const asked = await claude.prepare(fresh(), '[[recall]] [[hang]] [[say after the kill]]');
    const running = runClaude(asked);
    await claude.api.waitFor((each) => each.stepTaken?.includes('[[hang]]') === true, 20_000);
    // The request goes out up to 100 ms before the transcript is written.
    await until(async () => (await lookAt(claude, asked)).delivery === 'unfinished', {
      what: 'the user line is on disk',
    });
    const [cli] = findMarked(asked.marker.name, asked.marker.value);
    process.kill(cli?.pid ?? 0, 'SIGKILL');
    const run = await running;
    expect(run).toMatchObject({ ended: 'exited', signal: 'SIGKILL' });
    expect(run.progress.result).toBeUndefined();
    expect((await lookAt(claude, asked)).delivery).toBe('unfinished');
    expect(await goOn(claude, asked.expectSession)).toBe('after the kill');
    expect(await lookAt(claude, asked)).toMatchObject({ delivery: 'finished', lastSaid: 'after the kill' });
  });

  test('after a stop in mid-tool: the tool dies, the interruption is noted, the session stays usable', async () => {
    const claude = await realClaude();
    const stop = new AbortController();
    const asked = await claude.prepare(fresh(), `${LONG_TOOL} [[say after the stop]]`, { signal: stop.signal });
    let tool: string | undefined;
    const running = runClaude({ ...asked, onProgress: (progress) => void (tool ??= progress.tool?.name) });
    await until(() => findMarked(asked.marker.name, asked.marker.value).some(isTail), { what: 'the tool runs' });
    stop.abort();
    const run = await running;
    expect(run).toMatchObject({ ended: 'aborted', exitCode: 0 });
    // On a busy machine the CLI leaves before it has printed this result.
    expect(run.progress.result?.isError).not.toBe(false);
    expect(tool).toBe('Bash');
    expect(isGone(asked)).toBe(true);
    expect((await lookAt(claude, asked)).delivery).toBe('unfinished');
    expect(await goOn(claude, asked.expectSession)).toBe('after the stop');
  });

  test.each([
    ['after its time was up', 'timedOut', 'attemptTimeoutMs'],
    ['after silence', 'silent', 'silenceTimeoutMs'],
  ] as const)('%s', async (_name, ended, limit) => {
    const claude = await realClaude();
    let asked = await claude.prepare(fresh(), '');
    const hanging = async (limitMs: number) => {
      const limits = { ...LIMITS, [limit]: limitMs };
      asked = await claude.prepare(fresh(), '[[hang]] [[say went on]]', { limits });
      return runClaude(asked);
    };
    const isInMidTurn = () => claude.api.requests.some(({ sessionId }) => sessionId === asked.expectSession);
    const run = await underEnoughTime(hanging, isInMidTurn);
    expect(run).toMatchObject({ ended, exitCode: 0 });
    expect(run.progress.result?.isError).not.toBe(false);
    expect(await goOn(claude, asked.expectSession)).toBe('went on');
  });
});

test('a child that left by setsid and a double fork is dead when the run is over', async () => {
  const claude = await realClaude();
  const command = "setsid sh -c '(exec tail -f /dev/null >/dev/null 2>&1) & echo started'";
  const asked = await claude.prepare(
    fresh(),
    `[[tool Bash ${JSON.stringify({ command })}]] [[sleep 300ms]] [[say ok]]`,
  );
  const running = answered(asked);
  await until(() => findMarked(asked.marker.name, asked.marker.value).some(isTail), { what: 'the child runs' });
  const { run } = await running;
  expect(run.leftover).toBeGreaterThanOrEqual(1);
  expect(run.survivors).toEqual([]);
  expect(isGone(asked)).toBe(true);
});

test('a background command is waited for, and its turn taken, however short the grace', async () => {
  const claude = await realClaude();
  const tool = JSON.stringify({ command: 'true; sleep 1.5', run_in_background: true });
  const limits = { ...LIMITS, resultGraceMs: 300 };
  const { run } = await answered(await claude.prepare(fresh(), `[[tool Bash ${tool}]] [[say started it]]`, { limits }));
  expect(run).toMatchObject({ lingered: false, progress: { backgroundTasks: 0 } });
  expect(run.progress.lastWords).not.toBe('started it');
});

test('a session other than the intended one is ended before anything reaches the API', async () => {
  const claude = await realClaude();
  const asked = await claude.prepare({ flag: 'continue' }, '[[say wrong]]', { sessionId: randomUUID() });
  const run = await runClaude(asked);
  expect(run).toMatchObject({ ended: 'wrongSession', messageWritten: true });
  expect(claude.api.requests.filter((each) => each.stepTaken !== null)).toEqual([]);
  expect(isGone(asked)).toBe(true);
});

test('a fork goes on under its own id and leaves the parent as it was', async () => {
  const claude = await realClaude();
  const parent = await claude.prepare(fresh(), '[[say from the parent]]');
  await answered(parent);
  const before = await readFile(await transcriptPath(claude.configDir, claude.cwd, parent.expectSession));
  const newSessionId = randomUUID();
  const launch = { flag: 'fork', sessionId: parent.expectSession, newSessionId } as const;
  const { run, text } = await answered(await claude.prepare(launch, '[[recall]]', { sessionId: newSessionId }));
  expect(run.progress.sessionId).toBe(newSessionId);
  expect(text).toContain('from the parent');
  expect(await readFile(await transcriptPath(claude.configDir, claude.cwd, parent.expectSession))).toEqual(before);
  const ids = (await sessionsOf(claude.configDir, claude.cwd)).map((each) => each.sessionId);
  expect(ids).toEqual([newSessionId, parent.expectSession]);
});

test('a prompt that begins with / reaches the model as text', async () => {
  const claude = await realClaude();
  const { text } = await answered(await claude.prepare(fresh(), '/clear [[recall]]'));
  expect(text).toContain('/clear');
});

test('a failure of the CLI is told in its own words', async () => {
  const claude = await realClaude();
  const asked = await claude.prepare({ flag: 'resume', sessionId: randomUUID() }, '[[say no]]');
  const run = await runClaude(asked);
  expect(run).toMatchObject({ ended: 'exited', exitCode: 1 });
  expect(run.progress.result?.errors.join()).toContain('No conversation found with session ID');
  expect(run.stderrTail).toContain('No conversation found with session ID');
});
