// The order of work: accepted order within a session; an interrupting instruction goes first and takes the place of
// delivered, unfinished work of its session, while undelivered work waits behind it.
import { describe, expect, test } from 'vitest';
import { Driver, twoSessions } from './support/driver.js';

const working = (): Driver => {
  const task = new Driver();
  task.launch();
  return task;
};

const interrupt = (task: Driver, id: string, more: object = {}, session?: string) =>
  task.accepted('update', { prompt: id, when: 'interrupt', id, ...more }, session === undefined ? {} : { session });

describe('in order', () => {
  test('what was accepted first is worked first', () => {
    const task = working();
    for (const id of ['a', 'b', 'c']) task.accepted('update', { prompt: id, id });
    const order = ['instruction-first'];
    for (task.report('done'); task.state.queue.length > 0; task.report('done')) order.push(launchedCommand(task));
    expect(order).toEqual(['instruction-first', 'a', 'b', 'c']);
  });

  test('unfinished work keeps its place through faults', () => {
    const task = working();
    task.accepted('update', { prompt: 'a', id: 'a' });
    task.report('lost').pass(3_600_000);
    expect(launchedCommand(task)).toBe('instruction-first');
  });
});

describe('an interrupting instruction to the session at work', () => {
  test('ends the attempt gently, and answers that it is next', () => {
    const task = working();
    expect(interrupt(task, 'now')).toMatchObject({ position: 0, contextVersion: 2 });
    expect(task.end()).toBe('interrupt');
    expect(task.step()).toEqual({ do: 'wait' });
  });

  test('takes the place of delivered, unfinished work, which is dropped by name', () => {
    const task = working();
    task.accepted('update', { prompt: 'u', id: 'u' });
    task.report('done').launch();
    interrupt(task, 'now');
    task.end();
    task.report('ended', { delivered: true });
    expect(task.queued()).toEqual(['now']);
    expect([task.fate('u'), task.why('u')]).toEqual(['dropped', 'interrupted: now took its place']);
    expect(launchedCommand(task)).toBe('now');
  });

  test('leaves undelivered work, which waits behind it', () => {
    const task = working();
    interrupt(task, 'now');
    task.end();
    task.report('ended', { delivered: false, seen: false });
    expect(task.queued()).toEqual(['now', 'instruction-first']);
  });

  test('takes no more than that: queued work of the session waits its turn', () => {
    const task = working();
    task.accepted('update', { prompt: 'queued', id: 'queued' });
    interrupt(task, 'now');
    task.end();
    task.report('ended');
    expect(task.queued()).toEqual(['now', 'queued']);
  });

  test('comes too late where the work is done: that stays done', () => {
    const task = working();
    interrupt(task, 'now');
    task.end();
    task.report('done', { text: 'made it' });
    expect(task.state.result).toMatchObject({ instructionId: 'instruction-first', text: 'made it' });
    expect(task.queued()).toEqual(['now']);
  });

  test.each(['lost', 'timedOut', 'fault', 'handedOver'] as const)(
    'replaces it also where the attempt ends as %s',
    (outcome) => {
      const task = working();
      interrupt(task, 'now');
      task.end();
      task.report(outcome, { delivered: true });
      expect(task.queued()).toEqual(['now']);
      expect(launchedCommand(task)).toBe('now');
    },
  );

  test('a fault of overtaken, undelivered work holds nothing up', () => {
    const task = working();
    interrupt(task, 'now');
    task.end();
    task.report('fault', { delivered: false, problem: { class: 'credit', says: 'none' } });
    expect(task.state.hold).toBeUndefined();
    expect(launchedCommand(task)).toBe('now');
  });
});

describe('an interrupting instruction to another session', () => {
  test('goes first, and the interrupted work goes on behind it', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', id: 'a', sessionId: 'session-1' });
    task.launch();
    interrupt(task, 'now', { sessionId: 'session-2' });
    expect(task.end()).toBe('interrupt');
    task.report('ended');
    expect(task.queued()).toEqual(['now', 'a']);
    task.work('done');
    expect(launchedCommand(task)).toBe('a');
  });

  test('takes the place of unfinished work there, not of what is at work here', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', id: 'a', sessionId: 'session-1' });
    task.launch();
    interrupt(task, 'b', { sessionId: 'session-2' });
    task.end();
    task.report('ended').launch();
    interrupt(task, 'c', { sessionId: 'session-1' });
    expect(task.queued()).toEqual(['c', 'b']);
    expect(task.fate('a')).toBe('dropped');
    task.end();
    task.report('ended');
    expect(task.queued()).toEqual(['c', 'b']);
  });
});

describe('several interrupting instructions', () => {
  test('the newest goes first', () => {
    const task = working();
    interrupt(task, 'one');
    interrupt(task, 'two');
    expect(task.queued()).toEqual(['two', 'one', 'instruction-first']);
  });

  test('work is replaced by the one to its own session, though another stands first', () => {
    const task = working();
    interrupt(task, 'same');
    interrupt(task, 'other', { newSession: true }, 'fresh');
    task.end();
    task.report('ended', { delivered: true });
    expect(task.queued()).toEqual(['other', 'same']);
    expect(task.state.attempts).toHaveLength(1);
  });

  test('one that was itself begun is replaced by the next to its session', () => {
    const task = working();
    interrupt(task, 'one');
    task.end();
    task.report('ended').launch();
    interrupt(task, 'two');
    task.end();
    task.report('ended');
    expect(task.queued()).toEqual(['two']);
    expect(task.why('one')).toBe('interrupted: two took its place');
  });

  test('one is never replaced by an older one that stands behind it', () => {
    const task = working();
    interrupt(task, 'older');
    task.end();
    task.report('ended').launch();
    task.report('ended', { delivered: false });
    interrupt(task, 'newer');
    task.launch();
    task.report('handedOver', { delivered: true });
    expect(task.queued()).toEqual(['newer', 'older']);
  });
});

describe('an interrupting update while nothing works', () => {
  test('lifts a wait for the operator and replaces what it was about', () => {
    const task = new Driver().work('fault', { problem: { class: 'policy', says: 'no' } });
    interrupt(task, 'instead');
    expect([task.state.hold, task.queued()]).toEqual([undefined, ['instead']]);
  });

  test('lifts a stop', () => {
    const task = working();
    task.tell('stop');
    task.end();
    task.report('ended');
    interrupt(task, 'instead');
    expect(task.queued()).toEqual(['instead']);
    task.launch();
  });
});

function launchedCommand(task: Driver): string {
  const { instructionId } = task.launch();
  return task.state.queue.find(({ id }) => id === instructionId)?.commandId ?? 'none';
}
