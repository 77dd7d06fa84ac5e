// Which flag goes out: the intention of every launch, as golden rows, and the eight situations that people know.
import { describe, expect, test } from 'vitest';
import { CAUSES, type Intention } from '../../../src/contract/attempt.js';
import { causeOf, intentionOf } from '../../../src/domain/task/intention.js';
import { sessionOf } from '../../../src/domain/task/state.js';
import { Driver, idleTask, twoSessions } from './support/driver.js';

/** Launches what is due and says what its flag is meant to be. */
function launched(task: Driver): { intention: Intention; sessionId: string; cause: string; contextVersion: number } {
  const [open] = task.state.queue;
  const session = open === undefined ? undefined : sessionOf(task.state, open.sessionId);
  if (open === undefined || session === undefined) throw new Error('nothing to launch');
  const intention = intentionOf(causeOf(open, task.state.spec.from !== undefined), session);
  const { sessionId, cause, contextVersion } = task.launch();
  return { intention, sessionId, cause, contextVersion };
}

const ended = (task: Driver): Driver => {
  task.end();
  return task.report('ended');
};

describe('the table', () => {
  const seen = { ...new Driver().state.sessions[0], attempts: 3, seen: true } as Parameters<typeof intentionOf>[1];
  const GOLDEN: Record<(typeof CAUSES)[number], Intention> = {
    first: 'start',
    lost: 'continue',
    timedOut: 'continue',
    fault: 'continue',
    stopped: 'continue',
    continue: 'continue',
    update: 'resume',
    resume: 'resume',
    fork: 'resume',
    answer: 'resume',
    handover: 'continue',
  };

  test.each(CAUSES.map((cause) => [cause, GOLDEN[cause]] as const))('%s → %s', (cause, intention) => {
    expect(intentionOf(cause, seen)).toBe(intention);
  });

  test.each(CAUSES)('the first attempt of a session starts it, whatever its cause (%s)', (cause) => {
    expect(intentionOf(cause, { ...seen, attempts: 0, seen: false })).toBe('start');
  });

  test.each(CAUSES)('and of one that goes on from another moment forks it (%s)', (cause) => {
    const forked = { ...seen, attempts: 0, seen: false, forkOf: { sessionId: 's', checkpoint: 'c' } };
    expect(intentionOf(cause, forked)).toBe('fork');
  });
});

describe('rows', () => {
  test('first attempt of a session: --session-id', () => {
    expect(launched(new Driver())).toMatchObject({ intention: 'start', cause: 'first', sessionId: 'session-1' });
  });

  test.each([
    ['host, container or worker lost', 'lost', {}, 'lost'],
    ['time-out', 'timedOut', {}, 'timedOut'],
    ['network', 'fault', { problem: { class: 'network', says: 'ECONNRESET' } }, 'fault'],
    ['API error', 'fault', { problem: { class: 'overloaded', says: '529' } }, 'fault'],
    ['silence', 'fault', { problem: { class: 'silent', says: 'no word for 10m' } }, 'fault'],
  ] as const)('%s: --continue of the same session, by itself', (_, outcome, more, cause) => {
    const task = new Driver().work(outcome, more).pass(24 * 3_600_000);
    expect(launched(task)).toEqual({ intention: 'continue', cause, sessionId: 'session-1', contextVersion: 1 });
  });

  test('stopped by hand, then continue: --continue', () => {
    const task = new Driver();
    task.launch();
    task.tell('stop');
    ended(task).accepted('continue');
    expect(launched(task)).toMatchObject({ intention: 'continue', sessionId: 'session-1', contextVersion: 1 });
  });

  test('a draining worker hands over: --continue', () => {
    const task = new Driver().work('handedOver');
    expect(launched(task)).toMatchObject({ intention: 'continue', cause: 'handover', contextVersion: 1 });
  });

  test('ended for continue-as-new: --continue', () => {
    const task = new Driver();
    task.launch();
    expect(task.end('full')).toBe('continueAsNew');
    task.report('ended').continueAsNew();
    expect(launched(task)).toMatchObject({ intention: 'continue', cause: 'handover' });
  });

  test('update: --resume of the named session, else of the active one', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'p' });
    expect(launched(task)).toMatchObject({ intention: 'resume', cause: 'update', sessionId: 'session-2' });
    task.report('done').accepted('update', { prompt: 'p', sessionId: 'session-1' });
    expect(launched(task)).toMatchObject({ intention: 'resume', cause: 'update', sessionId: 'session-1' });
  });

  test('resume: --resume of the given session', () => {
    const task = twoSessions();
    task.accepted('resume', { sessionId: 'session-1', prompt: 'p' });
    expect(launched(task)).toMatchObject({ intention: 'resume', cause: 'resume', sessionId: 'session-1' });
  });

  test('newSession: --session-id in the same workspace', () => {
    const task = idleTask();
    task.accepted('update', { prompt: 'p', newSession: true }, { session: 'fresh' });
    expect(launched(task)).toMatchObject({ intention: 'start', sessionId: 'fresh' });
  });

  test("another task's moment: --resume --fork-session of its conversation, then as any", () => {
    const task = new Driver({ from: { taskId: 'other' } });
    expect(launched(task)).toMatchObject({ intention: 'fork', cause: 'fork', sessionId: 'session-1' });
    task.report('lost').pass(3_600_000);
    expect(launched(task)).toMatchObject({ intention: 'continue', cause: 'lost' });
  });

  test('an update after a fault of its own attempt: --continue of that session', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'p', sessionId: 'session-1' });
    task.work('timedOut').pass(3_600_000);
    expect(launched(task)).toMatchObject({ intention: 'continue', cause: 'timedOut', sessionId: 'session-1' });
  });
});

describe('the eight situations', () => {
  test('time-out or restart → continue', () => {
    for (const outcome of ['timedOut', 'lost'] as const)
      expect(launched(new Driver().work(outcome).pass(3_600_000)).intention).toBe('continue');
  });

  test('manual stop → continue', () => {
    const task = new Driver();
    task.launch();
    task.tell('stop');
    ended(task)
      .pass(5 * 24 * 3_600_000)
      .accepted('continue');
    expect(launched(task).intention).toBe('continue');
  });

  test('error recovery → continue', () => {
    const task = new Driver().work('fault', { problem: { class: 'credential', says: 'expired' } });
    task.accepted('continue');
    expect(launched(task)).toMatchObject({ intention: 'continue', cause: 'continue' });
  });

  test('switching tasks → resume', () => {
    const task = twoSessions();
    task.accepted('resume', { sessionId: 'session-1', prompt: 'back to the first' });
    expect(launched(task)).toMatchObject({ intention: 'resume', sessionId: 'session-1' });
    task.report('done').accepted('resume', { sessionId: 'session-2', prompt: 'and to the second' });
    expect(launched(task)).toMatchObject({ intention: 'resume', sessionId: 'session-2' });
  });

  test('concurrent tasks → resume: each session keeps its own work', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', sessionId: 'session-1' });
    task.accepted('update', { prompt: 'b', sessionId: 'session-2' });
    expect(launched(task)).toMatchObject({ intention: 'resume', sessionId: 'session-1' });
    task.report('done');
    expect(launched(task)).toMatchObject({ intention: 'resume', sessionId: 'session-2' });
  });

  test("collaboration → resume: somebody else's session, found by what the task says of it", () => {
    const task = idleTask();
    task.accepted('update', { prompt: 'mine', newSession: true, requestedBy: 'ana' });
    task.work('done', { text: 'done for ana' });
    const hers = task.state.sessions.find(({ startedBy }) => startedBy === 'ana');
    expect(hers?.recent).toMatchObject([{ by: 'ana', asked: 'mine', said: 'done for ana' }]);
    task.accepted('update', { prompt: 'first again', sessionId: 'session-1' });
    task.work('done');
    task.accepted('resume', { sessionId: hers?.id, prompt: 'bo goes on', requestedBy: 'bo' });
    expect(launched(task)).toMatchObject({ intention: 'resume', sessionId: hers?.id });
  });

  test('long-term → resume: days later, after continue-as-new', () => {
    const task = twoSessions();
    task.pass(20 * 24 * 3_600_000).continueAsNew();
    task.accepted('resume', { sessionId: 'session-1', prompt: 'where were we' });
    expect(launched(task)).toMatchObject({ intention: 'resume', sessionId: 'session-1' });
  });

  test('context switch → resume: unfinished work of another session is picked up by its id', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', sessionId: 'session-1' });
    task.launch();
    task.tell('stop');
    ended(task).accepted('update', { prompt: 'urgent', sessionId: 'session-2', when: 'interrupt' });
    expect(launched(task)).toMatchObject({ intention: 'resume', sessionId: 'session-2' });
    task.report('done');
    task.tell('stop');
    task.accepted('resume', { sessionId: 'session-1' });
    expect(launched(task)).toMatchObject({ intention: 'resume', cause: 'resume', sessionId: 'session-1' });
  });
});
