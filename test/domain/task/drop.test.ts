// `drop` withdraws a queued command by its id.
import { describe, expect, test } from 'vitest';
import { Driver, idleTask, twoSessions } from './support/driver.js';

describe('drop', () => {
  test('withdraws a queued update; the context version stays', () => {
    const task = new Driver();
    task.launch();
    task.accepted('update', { prompt: 'a', id: 'a' });
    task.accepted('update', { prompt: 'b', id: 'b' });
    expect(task.accepted('drop', { command: 'a', requestedBy: 'ana' })).toMatchObject({
      contextVersion: 3,
      position: null,
    });
    expect(task.queued()).toEqual(['instruction-first', 'b']);
    expect([task.fate('a'), task.why('a')]).toEqual(['dropped', 'withdrawn by ana']);
    task.report('done');
    expect(task.launch().contextVersion).toBe(3);
  });

  test('what is being worked can not be withdrawn, and the sentence says what can be done', () => {
    const task = new Driver();
    task.launch();
    expect(task.refused('drop', { command: 'instruction-first' })).toBe(
      'drop.command: "instruction-first" is being worked by attempt 1; stop the task first, or send an update with when "interrupt"',
    );
  });

  test.each(['nope', 'done-one'])('%s is not queued: refused, with what is', (command) => {
    const task = idleTask();
    task.accepted('update', { prompt: 'x', id: 'done-one' });
    task.work('done');
    expect(task.refused('drop', { command })).toBe(`drop.command: "${command}" is not queued; nothing is queued`);
    task.tell('stop');
    for (let i = 0; i < 12; i++) task.accepted('update', { prompt: 'q', id: `q${i}` });
    expect(task.refused('drop', { command })).toMatch(/queued: q0, q1, .*q9, and 2 more$/);
  });

  test('stopped work can be withdrawn; the stop stays', () => {
    const task = new Driver();
    task.launch();
    task.tell('stop');
    task.end();
    task.report('ended');
    task.accepted('drop', { command: 'instruction-first' });
    expect(task.state.queue).toEqual([]);
    expect(task.state.hold).toMatchObject({ kind: 'stopped' });
  });

  test.each([
    ['operator', 'fault', { problem: { class: 'credit', says: 'none' } }],
    ['backoff', 'lost', {}],
  ] as const)('of the work that the task waits about ends that wait (%s)', (kind, outcome, more) => {
    const task = new Driver().work(outcome, more);
    expect(task.state.hold?.kind).toBe(kind);
    task.accepted('drop', { command: 'instruction-first' });
    expect(task.state.hold).toBeUndefined();
    expect(task.step()).toMatchObject({ do: 'wait', untilMs: expect.any(Number) });
  });

  test('of a question withdraws it with its prompt', () => {
    const task = twoSessions();
    task.accepted('resume', { prompt: 'where', id: 'which' });
    task.accepted('drop', { command: 'which' });
    expect(task.state.question).toBeUndefined();
    expect(task.fate('which')).toBe('dropped');
    expect(task.state.contextVersion).toBe(3);
    expect(task.refused('answer', { pick: 1 })).toMatch(/nothing is asked/);
  });

  test("of a new session's only instruction keeps the session, and the next update goes where work was", () => {
    const task = idleTask();
    task.tell('stop');
    task.accepted('update', { prompt: 'new', newSession: true, id: 'new' }, { session: 'fresh' });
    task.accepted('drop', { command: 'new' });
    expect(task.state.sessions.map(({ id }) => id)).toEqual(['session-1', 'fresh']);
    expect(task.state.activeSessionId).toBe('session-1');
  });

  test('of an interrupting update lets the interrupted work go on', () => {
    const task = new Driver();
    task.launch();
    task.accepted('update', { prompt: 'instead', when: 'interrupt', id: 'instead' });
    task.end();
    task.accepted('drop', { command: 'instead' });
    task.report('ended');
    expect(task.launch().instructionId).toBe('instruction-first');
  });
});
