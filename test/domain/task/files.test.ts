// A session that is picked up behind today's files: they stay, give way, are merged, or the task asks. Asked for once.
import { describe, expect, test } from 'vitest';
import { asking } from './support/asking.js';
import { checkpoint, type Driver, twoMoments } from './support/driver.js';

const filesOf = (task: Driver) => {
  task.launch();
  return task.request().files;
};

describe('resume of a session whose files are not the newest', () => {
  test('asks by default', () => {
    const task = twoMoments();
    task.accepted('resume', { sessionId: 'session-1', prompt: 'go on' });
    expect(filesOf(task)).toEqual({ checkpoint: checkpoint(1), mode: 'ask', answered: false });
  });

  test.each(['restore', 'merge', 'ask'] as const)('%s is what the attempt is asked for', (mode) => {
    const task = twoMoments();
    task.accepted('resume', { sessionId: 'session-1', prompt: 'go on', onFileConflict: mode });
    expect(filesOf(task)).toEqual({ checkpoint: checkpoint(1), mode, answered: false });
  });

  test('keep asks for nothing: files of today stay', () => {
    const task = twoMoments();
    task.accepted('resume', { sessionId: 'session-1', prompt: 'go on', onFileConflict: 'keep' });
    expect(filesOf(task)).toBeUndefined();
  });

  test("the spec's answer is the default of resume and update alike; the command's own goes first", () => {
    for (const [name, more, mode] of [
      ['resume', {}, 'merge'],
      ['update', {}, 'merge'],
      ['resume', { onFileConflict: 'restore' }, 'restore'],
      ['update', { onFileConflict: 'ask' }, 'ask'],
      ['update', { onFileConflict: 'keep' }, undefined],
    ] as const) {
      const task = twoMoments({ onFileConflict: 'merge' });
      task.accepted(name, { sessionId: 'session-1', prompt: 'go on', ...more });
      expect(filesOf(task)?.mode).toBe(mode);
    }
  });

  test('an update leaves them as they are unless it says otherwise', () => {
    const task = twoMoments();
    task.accepted('update', { sessionId: 'session-1', prompt: 'p' });
    expect(filesOf(task)).toBeUndefined();
    task.report('done').accepted('update', { sessionId: 'session-1', prompt: 'p', onFileConflict: 'restore' });
    expect(filesOf(task)).toEqual({ checkpoint: checkpoint(1), mode: 'restore', answered: false });
  });

  test('where they are the newest, or the session has none, there is nothing to ask for', () => {
    const task = twoMoments();
    task.accepted('resume', { sessionId: 'session-2', prompt: 'p', onFileConflict: 'restore' });
    expect(filesOf(task)).toBeUndefined();
    task.report('done').accepted('update', { prompt: 'p', newSession: true, onFileConflict: 'restore' });
    expect(filesOf(task)).toBeUndefined();
  });

  test("a session's own unsaved work is no difference to ask about", () => {
    const task = twoMoments();
    task.accepted('update', { prompt: 'p' });
    task.work('lost').accepted('resume', { sessionId: 'session-2' });
    expect(filesOf(task)).toBeUndefined();
  });

  test('its unfinished work is picked up with them too', () => {
    const task = twoMoments();
    task.accepted('update', { prompt: 'p', sessionId: 'session-1' });
    task.launch();
    task.accepted('stop');
    task.end();
    task.report('ended', { checkpoint: checkpoint(3) });
    task.accepted('update', { prompt: 'q', sessionId: 'session-2', when: 'interrupt' });
    task.work('done', { checkpoint: checkpoint(4) });
    task.accepted('resume', { sessionId: 'session-1', onFileConflict: 'restore' });
    expect(filesOf(task)).toEqual({ checkpoint: checkpoint(3), mode: 'restore', answered: false });
  });

  test('without a prompt they are noted, and go with the next instruction of that session, once', () => {
    const task = twoMoments();
    task.accepted('resume', { sessionId: 'session-1', onFileConflict: 'restore' });
    task.accepted('update', { prompt: 'p' });
    expect(filesOf(task)).toEqual({ checkpoint: checkpoint(1), mode: 'restore', answered: false });
    task.report('done', { checkpoint: checkpoint(3) });
    task.accepted('update', { prompt: 'elsewhere', sessionId: 'session-2' });
    task.work('done', { checkpoint: checkpoint(4) });
    task.accepted('update', { prompt: 'p', sessionId: 'session-1' });
    expect(filesOf(task)).toBeUndefined();
  });

  test('where a session must be picked first, what was asked for goes with the answer', () => {
    const task = twoMoments();
    task.accepted('resume', { prompt: 'p', onFileConflict: 'merge' });
    task.accepted('answer', { pick: 1 });
    expect(filesOf(task)).toEqual({ checkpoint: checkpoint(1), mode: 'merge', answered: false });
    const nudged = twoMoments();
    nudged.accepted('resume', { onFileConflict: 'merge' });
    nudged.accepted('answer', { pick: 1 });
    nudged.accepted('update', { prompt: 'p' });
    expect(filesOf(nudged)?.mode).toBe('merge');
  });
});

describe('the wanted files are put in place once', () => {
  const wanting = (): Driver => {
    const task = twoMoments();
    task.accepted('resume', { sessionId: 'session-1', prompt: 'go on', onFileConflict: 'restore' });
    return task;
  };

  test.each([
    ['it was launched', 'lost', { sent: '--resume=session-1' }],
    ['it says that they are', 'fault', { sent: '', filesSettled: true }],
  ] as const)('not again after an attempt of which %s', (_, outcome, more) => {
    const task = wanting().work(outcome, { ...more, problem: { class: 'network', says: 'gone' } });
    expect(filesOf(task.pass(3_600_000))).toBeUndefined();
  });

  test('again after an attempt that never came so far, with the very same moment', () => {
    for (const more of [{}, { checkpoint: checkpoint(5) }]) {
      const task = wanting().work('fault', { sent: '', problem: { class: 'store', says: 'unreachable' }, ...more });
      expect(filesOf(task.pass(3_600_000))).toEqual({ checkpoint: checkpoint(1), mode: 'restore', answered: false });
    }
  });

  test('again after continue-as-new, as it was asked', () => {
    const task = asking().continueAsNew();
    task.accepted('answer', { pick: 'merge' });
    expect(filesOf(task.continueAsNew())).toEqual({ checkpoint: checkpoint(1), mode: 'merge', answered: true });
  });
});
