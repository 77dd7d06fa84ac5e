// A report of any attempt but the one under way changes nothing; nor does an event that comes twice.
import { describe, expect, test } from 'vitest';
import { OUTCOMES } from '../../../src/contract/attempt.js';
import { Driver, idleTask } from './support/driver.js';

describe('a stale report changes nothing', () => {
  test.each(OUTCOMES)('%s of an attempt that has ended, while another works', (outcome) => {
    const task = new Driver();
    const stale = task.launch().id;
    task.report('lost').pass(3_600_000).launch();
    const before = task.state;
    task.report(outcome, { attemptId: stale, text: 'late', sessionCostUsd: 99 });
    expect(task.state).toStrictEqual(before);
  });

  test.each(OUTCOMES)('%s while nothing works', (outcome) => {
    const task = idleTask();
    const before = task.state;
    task.report(outcome, { attemptId: 'never seen' });
    expect(task.state).toStrictEqual(before);
  });

  test('the same report twice counts once', () => {
    const task = new Driver();
    task.launch();
    const report = task.reportOf('lost');
    task.feed({ type: 'report', atMs: task.nowMs, report });
    const before = task.state;
    task.feed({ type: 'report', atMs: task.nowMs + 5_000, report });
    expect(task.state).toStrictEqual(before);
  });
});

describe('events out of turn change nothing', () => {
  test('a launch while an attempt works: never two at once', () => {
    const task = new Driver();
    task.launch();
    const before = task.state;
    task.feed({ type: 'launched', atMs: task.nowMs + 1, attemptId: 'second' });
    expect(task.state).toStrictEqual(before);
  });

  test('a launch with nothing to do', () => {
    const task = idleTask();
    const before = task.state;
    task.feed({ type: 'launched', atMs: task.nowMs + 1, attemptId: 'second' });
    expect(task.state).toStrictEqual(before);
  });

  test('an end of another attempt', () => {
    const task = new Driver();
    task.launch();
    const before = task.state;
    task.feed({ type: 'ending', atMs: task.nowMs, attemptId: 'other', reason: 'stop' });
    expect(task.state).toStrictEqual(before);
  });

  test('a tick before its time', () => {
    const task = new Driver().work('lost');
    const before = task.state;
    task.pass(1);
    expect(task.state).toStrictEqual(before);
  });
});
