// The question what becomes of today's files: its answers, and what else ends it.
import { describe, expect, test } from 'vitest';
import { taskView } from '../../../src/view/task-view.js';
import { waitingOf } from '../../../src/view/waiting.js';
import { asking, QUESTION } from './support/asking.js';
import { checkpoint, Driver, twoMoments } from './support/driver.js';

const filesOf = (task: Driver) => {
  task.launch();
  return task.request().files;
};

describe('the question', () => {
  test('is a wait for a choice that says what differs and names its answers', () => {
    const task = asking();
    expect(task.step()).toEqual({ do: 'wait' });
    expect(taskView(task.state)).toMatchObject({ phase: 'waiting', queued: 1 });
    expect(waitingOf(task.state)).toEqual({
      for: 'choice',
      says: '2 files differ: a.txt, b.txt',
      options: [
        { pick: 'keep', label: expect.stringContaining('stay') },
        { pick: 'restore', label: expect.stringContaining('come back') },
        { pick: 'merge', label: expect.stringContaining('three-way') },
      ],
      answerWith: ['keep', 'restore', 'merge'].map((pick) => ({ command: 'answer', payload: { pick } })),
    });
  });

  test('offers only what the attempt offers', () => {
    const task = twoMoments();
    task.accepted('resume', { sessionId: 'session-1', prompt: 'p' });
    task.work('asks', { ...QUESTION, question: { says: 'too much for a merge', picks: ['keep', 'restore'] } });
    expect(waitingOf(task.state)?.answerWith).toHaveLength(2);
    expect(task.refused('answer', { pick: 'merge' })).toBe(
      'answer.pick: got "merge"; the task asks about its files: keep, restore',
    );
  });

  test('spends no attempt, however often it comes', () => {
    const task = twoMoments({ limits: { attempts: 1 } });
    task.accepted('resume', { sessionId: 'session-1', prompt: 'go on', id: 'r' });
    for (let i = 0; i < 5; i++) {
      task.work('asks', QUESTION);
      expect(task.open('r').spent).toBe(0);
      task.accepted('answer', { pick: 'restore' });
    }
    task.work('done');
    expect(task.fate('r')).toBe('done');
  });

  test.each(['restore', 'merge'] as const)('answered with %s it is what the attempt does', (pick) => {
    const task = asking();
    task.accepted('answer', { pick, id: 'a' });
    expect([task.fate('a'), task.why('a')]).toEqual(['done', pick]);
    expect(task.launch()).toMatchObject({ cause: 'answer', sessionId: 'session-1' });
    expect(task.request().files).toEqual({ checkpoint: checkpoint(1), mode: pick, answered: true });
  });

  test('answered with keep the files of today stay', () => {
    const task = asking();
    task.accepted('answer', { pick: 'keep' });
    expect(filesOf(task)).toBeUndefined();
    task.report('done');
    expect(task.fate('r')).toBe('done');
  });

  test.each([1, '1', 'session-1', 'both', 'KEEP'])('pick %j is refused, and it stays', (pick) => {
    const task = asking();
    expect(task.refused('answer', { pick })).toBe(
      `answer.pick: got ${JSON.stringify(pick)}; the task asks about its files: keep, restore, merge`,
    );
    expect(task.state.hold).toMatchObject({ kind: 'files' });
  });

  test('continue is refused: nobody guesses about files', () => {
    expect(asking().refused('continue')).toBe(
      'continue: the task asks what becomes of its files; answer with one of: keep, restore, merge',
    );
  });

  test('is withdrawn with the command that brought it', () => {
    const task = asking();
    task.accepted('drop', { command: 'r' });
    expect([task.state.hold, task.state.queue, task.fate('r')]).toEqual([undefined, [], 'dropped']);
    expect(taskView(task.state).phase).toBe('idle');
  });

  test('stays through a stop: the task waits already', () => {
    const task = asking();
    task.accepted('stop', { id: 's' });
    expect([task.why('s'), task.state.hold?.kind]).toEqual(['the task was waiting already', 'files']);
    task.accepted('answer', { pick: 'keep' });
    expect(task.launch()).toMatchObject({ sessionId: 'session-1' });
  });

  test('does not keep a task from finishing', () => {
    const task = asking();
    task.accepted('finish');
    task.close();
    expect(task.state.result?.dropped).toEqual([{ id: 'r', why: 'task finished' }]);
  });

  test('gives way to an interrupting update, and is asked again when its work has its turn', () => {
    const task = asking();
    task.accepted('update', { prompt: 'first this', sessionId: 'session-2', when: 'interrupt', id: 'now' });
    expect(task.launch()).toMatchObject({ sessionId: 'session-2' });
    task.report('done', { checkpoint: checkpoint(3) });
    expect(filesOf(task)).toEqual({ checkpoint: checkpoint(1), mode: 'ask', answered: false });
    task.report('asks', QUESTION);
    expect(task.state.hold).toMatchObject({ kind: 'files' });
  });

  test('gives way to a resume of the session that says what becomes of them', () => {
    const task = asking();
    task.accepted('resume', { sessionId: 'session-1', onFileConflict: 'merge' });
    expect(filesOf(task)).toEqual({ checkpoint: checkpoint(1), mode: 'merge', answered: false });
  });

  test('does not come where the task is stopped meanwhile, or other work goes first; it comes later', () => {
    const stopped = twoMoments();
    stopped.accepted('resume', { sessionId: 'session-1', prompt: 'go on' });
    stopped.launch();
    stopped.accepted('stop');
    stopped.end();
    stopped.report('asks', QUESTION);
    expect(waitingOf(stopped.state)?.for).toBe('operator');
    stopped.accepted('continue');
    expect(filesOf(stopped)?.mode).toBe('ask');

    const overtaken = twoMoments();
    overtaken.accepted('resume', { sessionId: 'session-1', prompt: 'go on', id: 'r' });
    overtaken.launch();
    overtaken.accepted('update', { prompt: 'now', sessionId: 'session-2', when: 'interrupt', id: 'now' });
    overtaken.end();
    overtaken.report('asks', QUESTION);
    expect(overtaken.queued()).toEqual(['now', 'r']);
    expect(overtaken.launch().instructionId).toBe(overtaken.open('now').id);
  });

  test('does not come for delivered work that an interrupting update has taken the place of', () => {
    const task = new Driver().work('fault', { problem: { class: 'network', says: 'gone' } }).pass(3_600_000);
    task.launch();
    task.accepted('update', { prompt: 'instead', when: 'interrupt', id: 'now' });
    task.end();
    task.report('asks', QUESTION);
    expect([task.queued(), task.state.hold]).toEqual([['now'], undefined]);
  });

  test('beside the question which session: words are for the files, numbers for the session', () => {
    const task = asking();
    task.accepted('resume', { id: 'which' });
    expect(waitingOf(task.state)?.says).toContain('files differ');
    task.accepted('answer', { pick: 'keep' });
    expect(task.state.question).toMatchObject({ commandId: 'which' });
    task.work('done');
    expect(waitingOf(task.state)?.says).toContain('Which session');
    task.accepted('answer', { pick: 2 });
    expect(task.state.activeSessionId).toBe('session-2');
  });

  test('a report that asks nothing is a fault for the operator', () => {
    const task = new Driver().work('asks', { sent: '' });
    expect(task.state.hold).toMatchObject({ kind: 'operator' });
  });

  test('is said briefly in the state, however much differs', () => {
    const task = twoMoments();
    task.accepted('resume', { sessionId: 'session-1', prompt: 'p' });
    task.work('asks', { ...QUESTION, question: { says: 'x'.repeat(50_000), picks: ['keep'] } });
    expect(waitingOf(task.state)?.says.length).toBeLessThanOrEqual(1_500);
  });
});
