// `answer` picks the session that the task asked for: by number, by number as text, by id.
import { describe, expect, test } from 'vitest';
import { idleTask, twoSessions } from './support/driver.js';

describe('answer', () => {
  test.each([
    [1, 'session-1'],
    ['1', 'session-1'],
    [2, 'session-2'],
    ['2', 'session-2'],
    ['session-1', 'session-1'],
    ['session-2', 'session-2'],
  ])('pick %j goes on with %s', (pick, sessionId) => {
    const task = twoSessions();
    const asked = task.accepted('resume', { prompt: 'here', id: 'which' });
    expect(task.accepted('answer', { pick })).toMatchObject({ position: null, contextVersion: asked.contextVersion });
    expect(task.state.question).toBeUndefined();
    expect(task.state.activeSessionId).toBe(sessionId);
    expect(task.launch()).toMatchObject({ sessionId, cause: 'resume', instructionId: asked.instructionId });
    expect(task.fate('which')).toBe('working');
    task.report('done');
    expect(task.fate('which')).toBe('done');
  });

  test.each([0, 3, -1, '3', 'session-9', 'keep', '', '1.0', '01x'].filter((pick) => pick !== ''))(
    'pick %j is refused and the question stays',
    (pick) => {
      const task = twoSessions();
      task.accepted('resume', { id: 'which' });
      expect(task.refused('answer', { pick })).toBe(
        `answer.pick: got ${JSON.stringify(pick)}; sessions of this task: 1 = session-1, 2 = session-2`,
      );
      expect(task.state.question).toMatchObject({ commandId: 'which' });
    },
  );

  test('with nothing asked is refused', () => {
    expect(idleTask().refused('answer', { pick: 1 })).toMatch(/^answer: nothing is asked/);
  });

  test('to a resume without a prompt, whose session is finished, only makes it active', () => {
    const task = twoSessions();
    task.accepted('resume', { id: 'which' });
    task.accepted('answer', { pick: 1, id: 'mine' });
    expect(task.state.activeSessionId).toBe('session-1');
    expect(task.state.queue).toEqual([]);
    expect([task.fate('which'), task.why('which'), task.fate('mine')]).toEqual(['done', 'session 1', 'done']);
  });

  test('lifts a stop: the operator has chosen what goes on', () => {
    const task = twoSessions();
    task.accepted('resume', { prompt: 'here' });
    task.tell('stop');
    task.accepted('answer', { pick: 1 });
    expect(task.launch()).toMatchObject({ sessionId: 'session-1' });
  });

  test('of many sessions, also one that no list shows any more', () => {
    const task = twoSessions();
    task.tell('stop');
    for (let i = 3; i <= 120; i++)
      task.accepted('update', { prompt: 'p', newSession: true }, { session: `session-${i}` });
    task.accepted('resume', { prompt: 'here' });
    task.accepted('answer', { pick: 3 });
    expect(task.state.activeSessionId).toBe('session-3');
  });
});
