// `resume` of a moment: the session itself where it is its newest, else a fork of it there. Nothing newer is lost.
import { describe, expect, test } from 'vitest';
import { BOUNDS } from '../../../src/contract/limits.js';
import { taskView } from '../../../src/view/task-view.js';
import { checkpoint, Driver, twoMoments } from './support/driver.js';

/** Session 1 left moments 1 and 2. */
function twice(): Driver {
  const task = new Driver().work('done', { checkpoint: checkpoint(1) });
  task.accepted('update', { prompt: 'more' });
  return task.work('done', { checkpoint: checkpoint(2) });
}

describe('resume of an older moment', () => {
  test('opens a new session as a fork of it there, with its files', () => {
    const task = twice();
    task.accepted(
      'resume',
      { checkpoint: checkpoint(1), prompt: 'otherwise', requestedBy: 'ana' },
      { session: 'fork' },
    );
    expect(task.launch()).toMatchObject({ sessionId: 'fork', cause: 'resume', contextVersion: 3 });
    expect(task.request()).toMatchObject({
      intention: 'fork',
      session: { id: 'fork', seen: false, forkOf: { sessionId: 'session-1', checkpoint: checkpoint(1) } },
      files: { checkpoint: checkpoint(1), mode: 'ask', answered: false },
    });
    expect(taskView(task.state).sessions[1]).toMatchObject({
      number: 2,
      parentSessionId: 'session-1',
      startedBy: 'ana',
      status: 'active',
    });
  });

  test('loses nothing: the session goes on from its own newest moment afterwards', () => {
    const task = twice();
    const before = task.session('session-1');
    task.accepted('resume', { checkpoint: checkpoint(1), prompt: 'otherwise', onFileConflict: 'restore' });
    task.work('done', { checkpoint: checkpoint(3) });
    expect(task.session('session-1')).toEqual(before);
    task.accepted('resume', { sessionId: 'session-1', prompt: 'back', onFileConflict: 'restore' });
    task.launch();
    expect(task.request()).toMatchObject({
      intention: 'resume',
      files: { checkpoint: checkpoint(2), mode: 'restore' },
    });
  });

  test('the conversation that it turned out to be a fork of is its parent', () => {
    const task = twice();
    task.accepted('resume', { checkpoint: checkpoint(1), prompt: 'p' }, { session: 'fork' });
    task.work('done', { parentSessionId: 'another' });
    expect(taskView(task.state).sessions[1]?.parentSessionId).toBe('another');
    expect(task.session('fork').forkOf).toEqual({ sessionId: 'another', checkpoint: checkpoint(1) });
  });

  test('without a prompt it makes it active, and the next update carries the files', () => {
    const task = twice();
    task.accepted('resume', { checkpoint: checkpoint(1), onFileConflict: 'restore', id: 'r' }, { session: 'fork' });
    expect([task.state.activeSessionId, task.state.queue, task.fate('r')]).toEqual(['fork', [], 'done']);
    task.accepted('update', { prompt: 'p' });
    expect(task.launch().sessionId).toBe('fork');
    expect(task.request()).toMatchObject({
      intention: 'fork',
      files: { checkpoint: checkpoint(1), mode: 'restore', answered: false },
    });
  });

  test('and so does the next resume of that session', () => {
    const task = twice();
    task.accepted('resume', { checkpoint: checkpoint(1) }, { session: 'fork' });
    task.accepted('resume', { sessionId: 'fork', prompt: 'p', onFileConflict: 'merge' });
    task.launch();
    expect(task.request().files).toEqual({ checkpoint: checkpoint(1), mode: 'merge', answered: false });
  });

  test('dropped before it was worked, the former session is active again', () => {
    const task = twice();
    task.accepted('stop');
    task.accepted('resume', { checkpoint: checkpoint(1), prompt: 'p', id: 'r' }, { session: 'fork' });
    task.accepted('drop', { command: 'r' });
    expect(task.state.activeSessionId).toBe('session-1');
  });

  test('made active without a prompt, it stays so when other work is dropped', () => {
    const task = twice();
    task.accepted('update', { prompt: 'p' });
    task.launch();
    task.accepted('update', { prompt: 'q', id: 'q' });
    task.accepted('resume', { checkpoint: checkpoint(1) }, { session: 'fork' });
    task.accepted('drop', { command: 'q' });
    expect(task.state.activeSessionId).toBe('fork');
  });

  test('gives up what only an unreachable host has: the operator chose another moment', () => {
    const task = twice();
    task.accepted('update', { prompt: 'p' });
    task.work('done', { unsaved: { class: 'store', says: 'unreachable' }, host: 'gone' });
    expect(taskView(task.state).noSafetyNet).toBe('unreachable');
    task.accepted('resume', { checkpoint: checkpoint(1), prompt: 'p' });
    expect(taskView(task.state)).not.toHaveProperty('noSafetyNet');
    task.launch();
    expect(task.request().line).not.toHaveProperty('unsaved');
  });

  test('takes a session, of which a task has so many', () => {
    const task = twice();
    task.checked = false;
    task.accepted('stop');
    for (let i = task.state.sessions.length; i < BOUNDS.sessions; i++)
      task.accepted('update', { prompt: 'p', newSession: true });
    task.checked = true;
    expect(task.refused('resume', { checkpoint: checkpoint(1) })).toContain('this task has 500, the most there can be');
  });
});

describe("resume of a session's newest moment", () => {
  test('is the session itself', () => {
    const task = twoMoments();
    task.accepted('resume', { checkpoint: checkpoint(1), prompt: 'p', onFileConflict: 'restore' });
    expect(task.state.sessions).toHaveLength(2);
    expect(task.launch()).toMatchObject({ sessionId: 'session-1', cause: 'resume' });
    expect(task.request().files).toEqual({ checkpoint: checkpoint(1), mode: 'restore', answered: false });
  });

  test('goes back to it where somebody worked since without a checkpoint', () => {
    const task = twice();
    task.accepted('update', { prompt: 'p' });
    task.work('lost');
    task.accepted('stop');
    task.accepted('resume', { checkpoint: checkpoint(2), onFileConflict: 'restore' });
    task.launch();
    expect(task.request()).toMatchObject({
      session: { id: 'session-1' },
      files: { checkpoint: checkpoint(2), mode: 'restore' },
    });
  });

  test('is a fork where the session is at work, or has work that comes first: it will have moved on', () => {
    const working = twice();
    working.accepted('update', { prompt: 'p' });
    working.launch();
    for (const more of [{}, { prompt: 'otherwise' }]) {
      const { length } = working.state.sessions;
      working.accepted('resume', { checkpoint: checkpoint(2), ...more });
      expect(working.state.sessions[length]).toMatchObject({ forkOf: { sessionId: 'session-1' } });
    }
    const queued = twoMoments();
    queued.accepted('update', { prompt: 'p', sessionId: 'session-1' });
    queued.launch();
    queued.accepted('update', { prompt: 'p', sessionId: 'session-2' });
    queued.accepted('resume', { checkpoint: checkpoint(2), prompt: 'otherwise' });
    expect(queued.state.sessions).toHaveLength(3);
    // A nudge brings that very work forward instead.
    queued.accepted('resume', { checkpoint: checkpoint(2) });
    expect(queued.state.sessions).toHaveLength(3);
  });
});

describe('a moment is named', () => {
  test('by its label', () => {
    const task = twice();
    task.accepted('mark', { label: 'green' });
    task.accepted('update', { prompt: 'p' });
    task.startEffect();
    task.work('done', { checkpoint: checkpoint(3) });
    task.accepted('resume', { checkpoint: 'green', prompt: 'p' });
    task.launch();
    expect(task.request().session.forkOf).toEqual({ sessionId: 'session-1', checkpoint: checkpoint(2) });
  });

  test('by its id, or by the beginning of one that is listed', () => {
    for (const name of [checkpoint(1), checkpoint(1).slice(0, 7), checkpoint(1).slice(0, 39)]) {
      const task = twice();
      task.accepted('resume', { checkpoint: name, prompt: 'p' });
      task.launch();
      expect(task.request().session.forkOf?.checkpoint).toBe(checkpoint(1));
    }
  });

  test('by an id that is listed no more, with its session', () => {
    const task = twice();
    expect(task.refused('resume', { checkpoint: checkpoint(9) })).toMatch(
      /^resume\.checkpoint: 0009\w+ is not among the checkpoints that this task lists; name its session too .*: 1 = session-1$/,
    );
    task.accepted('resume', { checkpoint: checkpoint(9), sessionId: 'session-1', prompt: 'p' });
    task.launch();
    expect(task.request().session.forkOf).toEqual({ sessionId: 'session-1', checkpoint: checkpoint(9) });
  });

  test("in another session's conversation, where that one is named too", () => {
    const task = twoMoments();
    task.accepted('resume', { checkpoint: checkpoint(2), sessionId: 'session-1', prompt: 'p' });
    task.launch();
    expect(task.request().session.forkOf).toEqual({ sessionId: 'session-1', checkpoint: checkpoint(2) });
  });

  test.each([
    ['an unknown label', 'green', 'no milestone "green"; this task has no milestones'],
    ['too few digits', '0001', 'no milestone "0001"'],
    ['capital letters', checkpoint(10).toUpperCase(), 'no milestone '],
    [
      'an unknown beginning',
      'abcdef1',
      'no checkpoint of this task that is listed begins with abcdef1; write all 40 digits',
    ],
    ['what is no name at all', '../../etc/passwd', 'no milestone "../../etc/passwd"'],
    ['control characters', 'a\u001b[2Jb', 'no milestone "a [2Jb"'],
  ])('not by %s', (_, name, says) => {
    const task = twice();
    expect(task.refused('resume', { checkpoint: name })).toContain(`resume.checkpoint: ${says}`);
    expect(task.state.sessions).toHaveLength(1);
  });

  test('not by a beginning that several share', () => {
    const task = new Driver().work('done', { checkpoint: 'abcdef01'.repeat(5) });
    task.accepted('update', { prompt: 'p' });
    task.work('done', { checkpoint: 'abcdef02'.repeat(5) });
    expect(task.refused('resume', { checkpoint: 'abcdef0' })).toBe(
      'resume.checkpoint: abcdef0 begins several checkpoints; write more of its digits',
    );
    task.accepted('resume', { checkpoint: 'abcdef01', prompt: 'p' });
  });

  test('those that there are stand in the refusal', () => {
    const task = twice();
    for (const label of ['green', 'released']) task.accepted('mark', { label });
    expect(task.refused('fork', { prompt: 'p', checkpoint: 'gren' })).toBe(
      'fork.checkpoint: no milestone "gren"; milestones: "green", "released"',
    );
  });

  test('not in a session that does not exist', () => {
    expect(twice().refused('resume', { checkpoint: checkpoint(1), sessionId: 'nope' })).toBe(
      'resume.sessionId: no session "nope"; sessions of this task: 1 = session-1',
    );
  });
});

test('a moment that the store turns out not to have waits for the operator, and is left by dropping the command', () => {
  const task = twice();
  task.accepted('resume', { checkpoint: checkpoint(9), sessionId: 'session-1', prompt: 'p', id: 'r' });
  task.work('fault', {
    sent: '',
    seen: false,
    delivered: false,
    problem: { class: 'checkpoint', says: 'no such checkpoint' },
  });
  expect(task.state.hold).toMatchObject({ kind: 'operator', problem: { remedy: expect.stringContaining('drop') } });
  task.accepted('drop', { command: 'r' });
  expect(task.step()).toMatchObject({ do: 'wait', untilMs: expect.any(Number) });
  expect(task.state.activeSessionId).toBe('session-1');
});
