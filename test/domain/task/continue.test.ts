// `continue` goes on with the most recent session; it lifts a stop or a wait for the operator.
import { describe, expect, test } from 'vitest';
import { Driver, idleTask, twoSessions } from './support/driver.js';

describe('continue', () => {
  test('with nothing unfinished is refused', () => {
    expect(idleTask().refused('continue')).toMatch(/^continue: nothing to continue/);
  });

  test('lifts a stop: the stopped work goes on', () => {
    const task = new Driver();
    task.launch();
    task.tell('stop');
    expect(task.end()).toBe('stop');
    task.report('ended');
    expect(task.step()).toEqual({ do: 'wait' });
    expect(task.accepted('continue')).toMatchObject({ position: null, contextVersion: 1 });
    expect(task.launch()).toMatchObject({ cause: 'stopped', contextVersion: 1, number: 2 });
  });

  test('lifts the stop of an idle task', () => {
    const task = idleTask();
    task.tell('stop');
    task.accepted('continue');
    expect(task.step()).toMatchObject({ do: 'wait', untilMs: expect.any(Number) });
    expect(task.refused('continue')).toMatch(/nothing to continue/);
  });

  test('a stop taken back before its attempt has ended: it ends and goes on', () => {
    const task = new Driver();
    task.launch();
    task.tell('stop');
    task.end();
    task.accepted('continue');
    expect(task.step()).toEqual({ do: 'wait' });
    task.report('ended');
    expect(task.launch()).toMatchObject({ number: 2 });
  });

  test('lifts a wait for the operator, with a budget anew', () => {
    const task = new Driver().work('fault', { problem: { class: 'credential', says: 'no login' } });
    expect(task.state.hold).toMatchObject({ kind: 'operator' });
    task.accepted('continue');
    expect(task.state.queue[0]).toMatchObject({ spent: 0, failures: 0 });
    expect(task.launch()).toMatchObject({ cause: 'continue' });
  });

  test('cuts a back-off short, and its budget stays', () => {
    const task = new Driver().work('lost');
    expect(task.step()).toMatchObject({ do: 'wait', untilMs: expect.any(Number) });
    task.accepted('continue');
    expect(task.state.queue[0]).toMatchObject({ spent: 1, failures: 1 });
    task.launch();
  });

  test('while an attempt works changes nothing but the record', () => {
    const task = new Driver();
    task.launch();
    const { commands: _c, commandsTotal: _t, remembered: _r, updatedAtMs: _u, ...before } = task.state;
    task.accepted('continue', { id: 'go' });
    const { commands, commandsTotal, remembered, updatedAtMs, ...after } = task.state;
    expect(after).toEqual(before);
    expect([commands.length, commandsTotal, remembered.at(-1)?.[0], updatedAtMs > 0]).toEqual([1, 1, 'go', true]);
    expect(task.why('go')).toBe('attempt 1 is at work');
  });

  test('a question is no stop: it names what to do instead', () => {
    const task = twoSessions();
    task.accepted('resume', { id: 'which' });
    expect(task.refused('continue')).toMatch(/^continue: .*which.*answer it, or drop/);
  });

  test('goes to the session of the newest launched attempt, whatever is active', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'one', sessionId: 'session-1', id: 'one' });
    task.launch();
    task.tell('stop');
    task.end();
    task.report('ended');
    task.accepted('update', { prompt: 'two', sessionId: 'session-2', id: 'two' });
    expect(task.state.activeSessionId).toBe('session-2');
    task.accepted('continue');
    expect(task.launch()).toMatchObject({ sessionId: 'session-1', instructionId: task.open('one').id });
  });

  test('what an interrupting update was put ahead of does not overtake it', () => {
    const task = new Driver().work('lost', { delivered: false, seen: false });
    task.accepted('update', { prompt: 'instead', when: 'interrupt', id: 'instead' });
    task.tell('stop');
    task.accepted('continue');
    expect(task.launch().instructionId).toBe(task.open('instead').id);
  });
});
