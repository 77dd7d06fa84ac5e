// `update` tells a session something new.
import { describe, expect, test } from 'vitest';
import { BOUNDS } from '../../../src/contract/limits.js';
import { Driver, idleTask, twoSessions } from './support/driver.js';

describe('update', () => {
  test('an idle task works it next, in the active session, under the next context version', () => {
    const task = twoSessions();
    const answer = task.accepted('update', { prompt: 'more', id: 'u' });
    expect(answer).toEqual({ commandId: 'u', instructionId: answer.instructionId, contextVersion: 3, position: 0 });
    const attempt = task.launch();
    expect(attempt).toMatchObject({ cause: 'update', sessionId: 'session-2', contextVersion: 3 });
    expect(attempt.instructionId).toBe(answer.instructionId);
  });

  test('sessionId sends it to that session, which is then the active one', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'more', sessionId: 'session-1' });
    expect(task.state.activeSessionId).toBe('session-1');
    expect(task.launch()).toMatchObject({ sessionId: 'session-1', cause: 'update' });
  });

  test('newSession opens a session with the next number, in the same task', () => {
    const task = idleTask();
    task.accepted('update', { prompt: 'new', newSession: true, requestedBy: 'bo' }, { session: 'fresh' });
    expect(task.state.sessions.map(({ id, number, startedBy }) => ({ id, number, startedBy }))).toEqual([
      { id: 'session-1', number: 1, startedBy: undefined },
      { id: 'fresh', number: 2, startedBy: 'bo' },
    ]);
    expect(task.state.activeSessionId).toBe('fresh');
    expect(task.launch()).toMatchObject({ sessionId: 'fresh', contextVersion: 2 });
  });

  test('newSession: false is an update of the active session', () => {
    const task = idleTask();
    task.accepted('update', { prompt: 'more', newSession: false });
    expect(task.state.sessions).toHaveLength(1);
  });

  test('an unknown session is refused, and those that exist are named', () => {
    expect(twoSessions().refused('update', { prompt: 'p', sessionId: 'session-3' })).toBe(
      'update.sessionId: no session "session-3"; sessions of this task: 1 = session-1, 2 = session-2',
    );
  });

  test('while an attempt works it waits behind it, and the answer says how many are ahead', () => {
    const task = new Driver();
    task.launch();
    expect(task.accepted('update', { prompt: '2', id: 'a' }).position).toBe(1);
    expect(task.accepted('update', { prompt: '3', id: 'b' }).position).toBe(2);
    expect(task.step()).toEqual({ do: 'wait' });
    task.report('done');
    expect([task.fate('a'), task.fate('b')]).toEqual(['queued', 'queued']);
    expect(task.launch().instructionId).toBe(task.open('a').id);
    expect([task.fate('a'), task.fate('b')]).toEqual(['working', 'queued']);
    task.report('done').work('done');
    expect([task.fate('a'), task.fate('b')]).toEqual(['done', 'done']);
  });

  test('its files, its author and its prompt come with it', () => {
    const task = idleTask();
    const files = [{ name: 'brief.md', content: 'x' }];
    task.accepted('update', { prompt: 'read it', files, requestedBy: 'ana', id: 'u' });
    expect(task.open('u')).toMatchObject({ prompt: 'read it', files, by: 'ana', via: 'update' });
    expect(task.state.commands.at(-1)).toMatchObject({ id: 'u', name: 'update', by: 'ana', state: 'queued' });
  });

  test('five hundred sessions are the most', () => {
    const task = idleTask();
    task.tell('stop');
    task.checked = false;
    for (let i = 2; i <= BOUNDS.sessions; i++) task.accepted('update', { prompt: 'p', newSession: true });
    expect(task.refused('update', { prompt: 'p', newSession: true })).toContain('500 sessions, the most there can be');
    expect(task.state.sessions).toHaveLength(BOUNDS.sessions);
    expect(new Set(task.state.sessions.map(({ number }) => number)).size).toBe(BOUNDS.sessions);
  });
});

describe('the open prompts of a task', () => {
  const prompt = 'x'.repeat(256 * 1024);

  test('take 1 MiB in all, and one byte more is refused by name', () => {
    const task = idleTask();
    task.tell('stop');
    for (let i = 0; i < 4; i++) task.accepted('update', { prompt, id: `big-${i}` });
    expect(task.refused('update', { prompt: 'y' })).toMatch(/^update\.prompt: .* 1025 KiB; allowed: 1024 KiB in all/);
    expect(task.refused('resume', { prompt: 'y', sessionId: 'session-1' })).toMatch(/^resume\.prompt: .*1024 KiB/);
    expect(task.state.contextVersion).toBe(5);
    task.accepted('drop', { command: 'big-2' });
    task.accepted('update', { prompt });
  });

  test('count one that waits for an answer', () => {
    const task = twoSessions();
    task.accepted('resume', { prompt, id: 'asked' });
    for (let i = 0; i < 3; i++) task.accepted('update', { prompt });
    expect(task.refused('update', { prompt })).toContain('allowed: 1024 KiB in all');
  });

  test('count with their files and as JSON, where that is more', () => {
    const task = idleTask();
    task.tell('stop');
    const files = [
      { name: 'a', content: 'x'.repeat(250 * 1024) },
      { name: 'b', content: 'x'.repeat(250 * 1024) },
    ];
    task.accepted('update', { prompt: 'one', files });
    task.accepted('update', { prompt: 'two', files });
    expect(task.refused('update', { prompt: 'three', files })).toMatch(/^update\.prompt: .*as they are carried/);
    expect(idleTask().refused('update', { prompt: '\u0001'.repeat(256 * 1024) })).toMatch(/^update\.prompt: /);
  });

  test('take a thousand small ones', () => {
    const task = idleTask();
    task.tell('stop');
    task.checked = false;
    for (let i = 0; i < 1_000; i++) task.accepted('update', { prompt: 'a short prompt' });
    expect(task.state.queue).toHaveLength(1_000);
  });
});
