// `resume` picks up a given session; with a prompt it is an update of it, without one a nudge.
import { describe, expect, test } from 'vitest';
import { Driver, idleTask, twoSessions } from './support/driver.js';

describe('resume with a prompt', () => {
  test('is an update of that session', () => {
    const task = twoSessions();
    const answer = task.accepted('resume', { sessionId: 'session-1', prompt: 'go on here', id: 'r' });
    expect(answer).toMatchObject({ commandId: 'r', contextVersion: 3, position: 0 });
    expect(task.launch()).toMatchObject({ sessionId: 'session-1', cause: 'resume', contextVersion: 3 });
    expect(task.state.activeSessionId).toBe('session-1');
  });

  test('needs no id where there is one session', () => {
    const task = idleTask();
    expect(task.accepted('resume', { prompt: 'more' })).toMatchObject({ contextVersion: 2, position: 0 });
    expect(task.launch()).toMatchObject({ sessionId: 'session-1', cause: 'resume' });
  });

  test('while another attempt works waits its turn', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'long' });
    task.launch();
    expect(task.accepted('resume', { sessionId: 'session-1', prompt: 'then this' }).position).toBe(1);
    expect(task.step()).toEqual({ do: 'wait' });
  });

  test('lifts a stop and goes first', () => {
    const task = twoSessions();
    task.tell('stop');
    task.accepted('update', { prompt: 'held', sessionId: 'session-2', id: 'held' });
    task.accepted('resume', { sessionId: 'session-1', prompt: 'now this' });
    expect(task.launch()).toMatchObject({ sessionId: 'session-1', cause: 'resume' });
    task.report('done');
    expect(task.launch().instructionId).toBe(task.open('held').id);
  });

  test('during a back-off takes nothing away: the unfinished work stays, ahead of it', () => {
    const task = new Driver().work('fault', { problem: { class: 'overloaded', says: '529' } });
    task.accepted('resume', { prompt: 'and this too', id: 'too' });
    expect(task.queued()).toEqual(['instruction-first', 'too']);
    expect(task.state.hold).toMatchObject({ kind: 'backoff' });
    expect(task.pass(3_600_000).launch()).toMatchObject({ instructionId: 'instruction-first', cause: 'fault' });
  });
});

describe('resume without a prompt', () => {
  test('is a nudge to the unfinished work of that session, which goes first', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'one', sessionId: 'session-1', id: 'one' });
    task.launch();
    task.tell('stop');
    task.end();
    task.report('ended');
    task.accepted('update', { prompt: 'two', sessionId: 'session-2', id: 'two' });
    expect(task.accepted('resume', { sessionId: 'session-1' })).toMatchObject({ contextVersion: 4, position: null });
    expect(task.launch()).toMatchObject({ sessionId: 'session-1', cause: 'resume', contextVersion: 3 });
  });

  test('of a finished session only makes it active', () => {
    const task = twoSessions();
    const before = task.state;
    task.accepted('resume', { sessionId: 'session-1' });
    expect(task.state.activeSessionId).toBe('session-1');
    expect(task.state.queue).toEqual([]);
    expect(task.state.contextVersion).toBe(before.contextVersion);
    expect(task.step()).toMatchObject({ do: 'wait' });
    task.accepted('update', { prompt: 'here then' });
    expect(task.launch()).toMatchObject({ sessionId: 'session-1' });
  });

  test('of a finished session while the operator is asked about another leaves that wait', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'p', sessionId: 'session-2' });
    task.work('fault', { problem: { class: 'credit', says: 'no credit' } });
    task.accepted('resume', { sessionId: 'session-1' });
    expect(task.state.hold).toMatchObject({ kind: 'operator' });
    expect(task.state.activeSessionId).toBe('session-1');
  });

  test('of a finished session lifts a stop', () => {
    const task = twoSessions();
    task.tell('stop');
    task.accepted('resume', { sessionId: 'session-1' });
    expect(task.state.hold).toBeUndefined();
  });

  test('brings queued work of that session forward, behind the attempt at work', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', sessionId: 'session-2', id: 'a' });
    task.launch();
    task.accepted('update', { prompt: 'b', sessionId: 'session-2', id: 'b' });
    task.accepted('update', { prompt: 'c', sessionId: 'session-1', id: 'c' });
    task.accepted('resume', { sessionId: 'session-1' });
    expect(task.queued()).toEqual(['a', 'c', 'b']);
    expect(task.step()).toEqual({ do: 'wait' });
  });

  test('never puts an interrupting instruction back behind what it interrupts', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', sessionId: 'session-2', id: 'a' });
    task.launch();
    task.accepted('update', { prompt: 'now', sessionId: 'session-1', when: 'interrupt', id: 'now' });
    task.accepted('resume', { sessionId: 'session-1' });
    expect(task.queued()).toEqual(['now', 'a']);
    expect(task.end()).toBe('interrupt');
  });

  test('of the session at work changes nothing there', () => {
    const task = new Driver();
    task.launch();
    task.accepted('resume', { sessionId: 'session-1' });
    expect(task.queued()).toEqual(['instruction-first']);
    expect(task.step()).toEqual({ do: 'wait' });
  });
});

describe('resume without an id where several sessions exist', () => {
  test('asks, and goes on only with the answer', () => {
    const task = twoSessions();
    expect(task.accepted('resume', { id: 'which' })).toEqual({ commandId: 'which', contextVersion: 2, position: null });
    expect(task.state.question).toMatchObject({ commandId: 'which' });
    expect(task.step()).toEqual({ do: 'wait' });
    expect(task.fate('which')).toBe('queued');
  });

  test('with a prompt moves the context version once, at acceptance', () => {
    const task = twoSessions();
    const answer = task.accepted('resume', { prompt: 'where?', id: 'which' });
    expect(answer).toMatchObject({ contextVersion: 3, position: 0, instructionId: expect.any(String) });
    task.accepted('answer', { pick: 1 });
    expect(task.state.contextVersion).toBe(3);
    expect(task.launch()).toMatchObject({ contextVersion: 3, instructionId: answer.instructionId });
  });

  test('stands behind all that are queued', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a' });
    task.launch();
    task.accepted('update', { prompt: 'b' });
    expect(task.accepted('resume', { prompt: 'c' }).position).toBe(2);
  });

  test('asks one question at a time', () => {
    const task = twoSessions();
    task.accepted('resume', { id: 'first-question' });
    expect(task.refused('resume', {})).toMatch(
      /already asks which session first-question means; answer it, drop that command, or name a sessionId; sessions of this task: 1 = session-1, 2 = session-2/,
    );
    task.accepted('resume', { sessionId: 'session-1' });
  });

  test('holds up neither the attempt at work nor what is queued', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a' });
    task.launch();
    task.accepted('resume', {});
    task.accepted('update', { prompt: 'b' });
    task.report('done').work('done');
    expect(task.step()).toEqual({ do: 'wait' });
  });
});

test('an unknown session is refused, and those that exist are named', () => {
  expect(twoSessions().refused('resume', { sessionId: 'nope' })).toBe(
    'resume.sessionId: no session "nope"; sessions of this task: 1 = session-1, 2 = session-2',
  );
});
