// `stop` ends the attempt gently and holds the queue until `continue`, `resume` or an interrupting `update`.
import { describe, expect, test } from 'vitest';
import { Driver, idleTask, twoSessions } from './support/driver.js';

const stopped = (): Driver => {
  const task = new Driver();
  task.launch();
  task.accepted('stop', { reason: 'lunch', requestedBy: 'ana' });
  task.end();
  return task.report('ended');
};

describe('stop', () => {
  test('asks the attempt to end once, and awaits its report', () => {
    const task = new Driver();
    task.launch();
    task.accepted('stop');
    expect(task.end()).toBe('stop');
    expect(task.step()).toEqual({ do: 'wait' });
    expect(task.state.current).toBeDefined();
  });

  test('holds the queue: nothing is launched, an update waits too', () => {
    const task = stopped();
    expect(task.state.hold).toMatchObject({ kind: 'stopped', by: 'ana', reason: 'lunch' });
    task.accepted('update', { prompt: 'later', id: 'later' });
    task.pass(365 * 24 * 3_600_000);
    expect(task.step()).toEqual({ do: 'wait' });
    expect(task.queued()).toEqual(['instruction-first', 'later']);
  });

  test('when idle the task waits for the operator, and a queued update then waits too', () => {
    const task = idleTask();
    task.accepted('stop');
    expect(task.step()).toEqual({ do: 'wait' });
    task.accepted('update', { prompt: 'later' });
    expect(task.step()).toEqual({ do: 'wait' });
  });

  test.each([
    ['continue', {}],
    ['resume', { sessionId: 'session-1' }],
    ['resume', { sessionId: 'session-1', prompt: 'go on' }],
    ['update', { prompt: 'instead', when: 'interrupt' }],
  ] as const)('%s %j lifts it', (name, payload) => {
    const task = stopped();
    task.accepted(name, payload);
    expect(task.state.hold).toBeUndefined();
    task.launch();
  });

  test.each([
    ['update', { prompt: 'later' }],
    ['drop', { command: 'instruction-first' }],
    ['stop', {}],
  ] as const)('%s %j does not', (name, payload) => {
    const task = stopped();
    task.accepted(name, payload);
    expect(task.state.hold).toMatchObject({ kind: 'stopped' });
  });

  test('costs no attempt', () => {
    const task = stopped();
    expect(task.state.queue[0]?.spent).toBe(0);
    task.accepted('continue');
    task.launch();
    expect(task.state.queue[0]?.spent).toBe(1);
  });

  test('when the attempt is done before it could end, the work is done and the queue held', () => {
    const task = new Driver();
    task.launch();
    task.accepted('stop');
    task.end();
    task.report('done', { text: 'just made it' });
    expect(task.state.result).toMatchObject({ text: 'just made it' });
    expect(task.step()).toEqual({ do: 'wait' });
  });

  test('when the attempt fails while it ends, the stop stands', () => {
    const task = new Driver();
    task.launch();
    task.accepted('stop');
    task.end();
    task.report('lost');
    expect(task.state.hold).toMatchObject({ kind: 'stopped' });
    task.pass(3_600_000);
    expect(task.step()).toEqual({ do: 'wait' });
  });

  test('replaces a back-off: nothing starts by itself any more', () => {
    const task = new Driver().work('lost');
    task.accepted('stop');
    task.pass(24 * 3_600_000);
    expect(task.step()).toEqual({ do: 'wait' });
  });

  test('while the task waits for the operator changes nothing', () => {
    const task = new Driver().work('fault', { problem: { class: 'credit', says: 'none' } });
    task.accepted('stop', { id: 's' });
    expect(task.state.hold).toMatchObject({ kind: 'operator' });
    expect(task.why('s')).toBe('the task was waiting already');
  });

  test('a wait for an answer stays beside it', () => {
    const task = twoSessions();
    task.accepted('resume', {});
    task.accepted('stop');
    task.accepted('continue');
    expect(task.state.question).toBeDefined();
  });
});
