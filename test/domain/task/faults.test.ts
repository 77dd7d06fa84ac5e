// What a fault leads to: a retry with back-off within its budget, or the operator, with the words and the remedy.
import { describe, expect, test } from 'vitest';
import type { AttemptReport, Outcome } from '../../../src/contract/attempt.js';
import { FAULT_CLASSES, type FaultClass } from '../../../src/contract/fault.js';
import { BOUNDS } from '../../../src/contract/limits.js';
import { backoffMs, FAULT_ANSWERS } from '../../../src/domain/task/answers.js';
import { Driver, idleTask, twoSessions } from './support/driver.js';

const RETRIED: FaultClass[] = ['lost', 'timedOut', 'silent', 'network', 'overloaded', 'store'];
const fault = (kind: FaultClass, says = 'what the CLI said'): Partial<AttemptReport> => ({
  problem: { class: kind, says },
});

describe('every class has one answer', () => {
  test.each(FAULT_CLASSES.map((kind) => [kind, RETRIED.includes(kind) ? 'retry' : 'operator'] as const))(
    '%s → %s',
    (kind, then) => {
      expect(FAULT_ANSWERS[kind].then).toBe(then);
    },
  );

  test.each(FAULT_CLASSES.filter((kind) => !RETRIED.includes(kind)))(
    '%s waits for the operator with its words and a remedy',
    (kind) => {
      const task = new Driver().work('fault', fault(kind));
      expect(task.state.hold).toMatchObject({
        kind: 'operator',
        problem: { class: kind, says: 'what the CLI said', remedy: expect.stringMatching(/\w/) },
      });
      expect(task.step()).toEqual({ do: 'wait' });
      expect(task.state.attempts[0]).toMatchObject({
        decided: 'ask',
        problem: { class: kind, says: 'what the CLI said' },
      });
      task.pass(365 * 24 * 3_600_000);
      expect(task.step()).toEqual({ do: 'wait' });
    },
  );

  test.each(RETRIED)('%s goes on by itself with the same session', (kind) => {
    const task = new Driver().work('fault', fault(kind));
    const step = task.step();
    if (step.do !== 'wait' || step.untilMs === undefined) throw new Error('no back-off');
    expect(task.state.attempts[0]).toMatchObject({
      decided: 'continue',
      decidedWhy: expect.stringContaining('1 of 10'),
    });
    task.pass(step.untilMs - task.nowMs - 1);
    expect(task.step()).toEqual(step);
    task.pass(1);
    expect(task.launch()).toMatchObject({ sessionId: 'session-1', number: 2 });
  });

  test("the host's own remedy is kept, and when a limit resets", () => {
    const problem = { class: 'usageLimit', says: 'limit', remedy: 'sleep', resetsAt: '2026-01-06T00:00:00Z' } as const;
    expect(new Driver().work('fault', { problem }).state.hold).toMatchObject({ problem });
  });
});

describe('a report without a problem is judged by its outcome', () => {
  test.each([
    ['lost', 'backoff'],
    ['timedOut', 'backoff'],
    ['fault', 'operator'],
    ['asks', 'operator'],
  ] as [Outcome, string][])('%s → %s', (outcome, kind) => {
    expect(new Driver().work(outcome).state.hold).toMatchObject({
      kind,
      problem: { says: expect.stringMatching(/\w/) },
    });
  });
});

describe('back-off', () => {
  test('doubles from the first wait up to the longest', () => {
    const answer = { then: 'retry', firstWaitMs: 1_000, longestWaitMs: 60_000 } as const;
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((failures) => backoffMs(answer, failures) / 1_000);
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('grows from attempt to attempt, and starts anew with the next instruction', () => {
    const task = new Driver();
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      task.work('fault', fault('network'));
      const { untilMs = 0 } = task.step() as { untilMs?: number };
      waits.push((untilMs - task.nowMs) / 1_000);
      task.pass(untilMs - task.nowMs);
    }
    expect(waits).toEqual([5, 10, 20, 40]);
    task.work('done').accepted('update', { prompt: 'p' });
    task.work('fault', fault('network'));
    expect(task.step()).toEqual({ do: 'wait', untilMs: task.nowMs + 5_000 });
  });
});

describe('attempts per instruction', () => {
  const exhausted = (attempts?: number): Driver => {
    const task = new Driver(attempts === undefined ? {} : { limits: { attempts } });
    for (let i = 0; i < (attempts ?? 10); i++) task.work('timedOut').pass(24 * 3_600_000);
    return task;
  };

  test.each([1, 3, undefined])('limit %j (10 by default): then the operator', (attempts) => {
    const task = exhausted(attempts);
    expect(task.state.attemptsTotal).toBe(attempts ?? 10);
    expect(task.state.hold).toMatchObject({ kind: 'budget', attempts: attempts ?? 10, problem: { class: 'timedOut' } });
    expect(task.pass(365 * 24 * 3_600_000).step()).toEqual({ do: 'wait' });
  });

  test('continue gives a new budget', () => {
    const task = exhausted(3);
    task.accepted('continue');
    for (let i = 0; i < 3; i++) task.work('lost').pass(24 * 3_600_000);
    expect(task.state.attemptsTotal).toBe(6);
    expect(task.state.hold).toMatchObject({ kind: 'budget' });
  });

  test('the next instruction has its own', () => {
    const task = exhausted(2);
    task.accepted('continue');
    task.work('done').accepted('update', { prompt: 'p' });
    task.work('lost').pass(3_600_000);
    expect(task.state.hold).toBeUndefined();
    task.work('lost');
    expect(task.state.hold).toMatchObject({ kind: 'budget' });
  });

  test.each(['handedOver', 'ended'] as const)('one ended gently costs none (%s)', (outcome) => {
    const task = new Driver({ limits: { attempts: 2 } });
    for (let i = 0; i < 5; i++) {
      task.launch();
      if (outcome === 'ended') {
        task.tell('stop');
        task.end();
        task.report('ended').accepted('continue');
      } else task.report('handedOver');
    }
    expect(task.state.queue[0]?.spent).toBe(0);
    expect(task.step()).toEqual({ do: 'launch' });
  });

  test('one that ends without having been asked to costs one: no endless loop', () => {
    const task = new Driver({ limits: { attempts: 3 } });
    for (let i = 0; i < 3; i++) task.work('ended');
    expect(task.state.hold).toMatchObject({ kind: 'budget', attempts: 3 });
    expect(task.step()).toEqual({ do: 'wait' });
    task.accepted('continue');
    task.launch();
  });
});

describe('a conversation that can not be used as it is', () => {
  const BROKEN = [
    ['transcriptLost', 'lost'],
    ['contextFull', 'full'],
    ['poisoned', 'poisoned'],
  ] as const;

  test.each(BROKEN)('%s marks its session as %s', (kind, broken) => {
    const task = new Driver().work('fault', fault(kind));
    expect(task.state.sessions[0]).toMatchObject({ broken });
    task.accepted('continue');
    task.work('done');
    expect(task.state.sessions[0]?.broken).toBeUndefined();
  });

  test.each(BROKEN)('%s: the remedy works, an interrupting update of a new session takes its place', (kind) => {
    const task = new Driver().work('fault', fault(kind));
    expect(task.state.hold).toMatchObject({ problem: { remedy: expect.stringMatching(/newSession.*"interrupt"/) } });
    task.accepted('update', { prompt: 'what is left', newSession: true, when: 'interrupt', id: 'rest' });
    expect(task.queued()).toEqual(['rest']);
    task.work('done');
    expect(task.step()).toMatchObject({ do: 'wait', untilMs: expect.any(Number) });
  });

  test.each(BROKEN)('%s of work that never reached it: the remedy works too', (kind) => {
    const task = new Driver().work('fault', { ...fault(kind), delivered: false, seen: false });
    task.accepted('update', { prompt: 'from the start', newSession: true, when: 'interrupt', id: 'again' });
    expect(task.queued()).toEqual(['again']);
  });

  test.each(BROKEN)('%s: once the operator has said continue, a back-off of it is no question any more', (kind) => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', id: 'a', sessionId: 'session-1' });
    task.work('fault', { ...fault(kind), delivered: false }).accepted('continue');
    task.work('lost', { delivered: false, seen: false });
    task.accepted('update', { prompt: 'b', id: 'b', sessionId: 'session-2', when: 'interrupt' });
    expect(task.queued()).toEqual(['b', 'a']);
  });

  test.each(BROKEN)('%s: an interrupting update that knew nothing of it drops nothing', (kind) => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', id: 'a', sessionId: 'session-1' });
    task.launch();
    task.accepted('update', { prompt: 'b', id: 'b', sessionId: 'session-2', when: 'interrupt' });
    task.end();
    task.report('fault', fault(kind));
    expect(task.queued()).toEqual(['b', 'a']);
    task.work('done').work('fault', fault(kind));
    expect(task.state.hold).toMatchObject({ kind: 'operator', problem: { class: kind } });
  });
});

describe('what an attempt leaves behind', () => {
  test('the attempt says what happened, what was decided and why', () => {
    const task = new Driver().work('fault', {
      ...fault('overloaded', '529 overloaded'),
      sent: '--session-id=session-1',
      sentWhy: 'first attempt',
      host: 'host-1',
      log: '/logs/1',
      turns: 3,
      sessionCostUsd: 0.25,
    });
    expect(task.state.attempts).toEqual([
      {
        id: expect.any(String),
        number: 1,
        cause: 'first',
        sessionId: 'session-1',
        instructionId: 'instruction-first',
        contextVersion: 1,
        startedAtMs: expect.any(Number),
        endedAtMs: task.nowMs,
        outcome: 'fault',
        sent: '--session-id=session-1',
        sentWhy: 'first attempt',
        problem: { class: 'overloaded', says: '529 overloaded' },
        decided: 'continue',
        decidedWhy: 'overloaded: attempt 1 of 10, next in 15 s',
        turns: 3,
        costUsd: 0.25,
        host: 'host-1',
        log: '/logs/1',
      },
    ]);
  });

  test('the next attempt learns how this one ended and where', () => {
    const task = new Driver().work('lost', { host: 'host-1', ...fault('lost', 'no heartbeat') });
    expect(task.state.queue[0]?.next).toEqual({ cause: 'lost', outcome: 'lost', host: 'host-1', says: 'no heartbeat' });
  });

  test("the session's figures: turns add up, the CLI's running total is taken, a smaller one is added", () => {
    const task = new Driver();
    const costs = [0.1, 0.3, 0.05].map((sessionCostUsd) => {
      task.work('lost', { turns: 2, sessionCostUsd }).pass(3_600_000);
      return task.state.sessions[0]?.costUsd;
    });
    expect(costs).toEqual([0.1, 0.3, 0.35]);
    expect(task.state.sessions[0]).toMatchObject({ turns: 6, attempts: 3, seen: true });
    expect(task.state.attempts.reduce((sum, { costUsd }) => sum + costUsd, 0)).toBeCloseTo(0.35);
  });

  test('a session once seen stays seen', () => {
    const task = new Driver().work('lost', { seen: true }).pass(3_600_000);
    task.work('lost', { seen: false });
    expect(task.state.sessions[0]?.seen).toBe(true);
  });

  test('what was asked and said stands with the session: five exchanges, 200 characters each', () => {
    const task = idleTask();
    for (let i = 0; i < 6; i++) {
      task.accepted('update', { prompt: `ask ${i} ${'x'.repeat(500)}` });
      task.work('done', { text: `say ${i} ${'y'.repeat(500)}` });
    }
    const recent = task.state.sessions[0]?.recent ?? [];
    expect(recent.map(({ asked, said }) => [asked.slice(0, 5), said.slice(0, 5)])).toEqual(
      [1, 2, 3, 4, 5].map((i) => [`ask ${i}`, `say ${i}`]),
    );
    for (const { asked, said } of recent) expect([asked.length, said.length]).toEqual([200, 200]);
  });

  test('one exchange an instruction, however many attempts', () => {
    const task = new Driver().work('lost', { text: 'so far' }).pass(3_600_000).work('done', { text: 'all of it' });
    expect(task.state.sessions[0]?.recent).toMatchObject([{ asked: 'first prompt', said: 'all of it' }]);
  });

  test('a very long problem is kept short', () => {
    const says = 'x'.repeat(1e6);
    const { hold, attempts } = new Driver().work('fault', fault('unknown', says)).state;
    expect(JSON.stringify([hold, attempts]).length).toBeLessThan(3 * BOUNDS.problemChars);
  });

  test('a very long result is cut', () => {
    expect(new Driver().work('done', { text: 'x'.repeat(1e6) }).state.result?.text.length).toBe(BOUNDS.resultChars);
  });

  test('fifty attempts are listed, all are counted', () => {
    const task = new Driver({ limits: { attempts: 1_000 } });
    for (let i = 0; i < 60; i++) task.work('lost').pass(3_600_000);
    expect([task.state.attempts.length, task.state.attemptsTotal, task.state.attempts.at(-1)?.number]).toEqual([
      50, 60, 60,
    ]);
  });
});
