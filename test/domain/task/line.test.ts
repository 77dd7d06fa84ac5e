// What the task knows of its checkpoints: the newest one, who worked since, and what is without a safety net.
import { describe, expect, test } from 'vitest';
import { BOUNDS } from '../../../src/contract/limits.js';
import { migrate } from '../../../src/domain/task/open.js';
import { memoOf, taskView } from '../../../src/view/task-view.js';
import { checkpoint, Driver, idleTask, twoMoments } from './support/driver.js';

const UNSAVED = { unsaved: { class: 'store', says: 'TASKRUN_STORE is read-only' }, host: 'host-a' } as const;

describe('the newest checkpoint', () => {
  test.each(['done', 'ended', 'handedOver', 'timedOut', 'fault'] as const)(
    'is the one that an attempt left that ended as %s; nothing stands after it',
    (outcome) => {
      const task = idleTask();
      task.accepted('update', { prompt: 'p' });
      task.work(outcome, { checkpoint: checkpoint(1) });
      expect(task.state.line).toEqual({ head: { checkpoint: checkpoint(1), sessionId: 'session-1' }, since: [] });
      expect(task.session('session-1').head).toBe(checkpoint(1));
      expect(task.state.attempts.at(-1)?.checkpoint).toBe(checkpoint(1));
    },
  );

  test('of a lost attempt is the one taken while it worked; it may have left more', () => {
    const task = new Driver();
    const { id } = task.launch();
    task.report('lost', { checkpoint: checkpoint(1) });
    expect(task.state.line).toEqual({ head: { checkpoint: checkpoint(1), sessionId: 'session-1' }, since: [id] });
  });

  test('stays where an attempt left none that belongs to the task', () => {
    const task = twoMoments();
    task.accepted('update', { prompt: 'p' });
    const { id } = task.launch();
    task.report('done');
    expect(task.state.line).toEqual({ head: { checkpoint: checkpoint(2), sessionId: 'session-2' }, since: [id] });
    expect(task.session('session-2').head).toBe(checkpoint(2));
  });

  test('is its own for each session', () => {
    const task = twoMoments();
    expect(task.state.sessions.map(({ head }) => head)).toEqual([checkpoint(1), checkpoint(2)]);
    expect(taskView(task.state).sessions.map(({ head }) => head)).toEqual([checkpoint(1), checkpoint(2)]);
  });

  test('of an attempt that launched nothing is no moment of its session: the workspace is still as others left it', () => {
    const task = twoMoments();
    task.accepted('update', { prompt: 'p', sessionId: 'session-1' });
    task.work('fault', { sent: '', checkpoint: checkpoint(3), problem: { class: 'setup', says: 'npm ci: 1' } });
    expect(task.session('session-1').head).toBe(checkpoint(1));
    expect(task.state.line.head?.checkpoint).toBe(checkpoint(3));
  });

  test('is in the result of the instruction that is done', () => {
    expect(twoMoments().state.result).toMatchObject({ text: 'two', checkpoint: checkpoint(2) });
    expect(idleTask().state.result).toEqual({ instructionId: 'instruction-first', text: 'first answer' });
    const task = twoMoments();
    task.accepted('finish');
    expect(taskView(task.close().state).result?.checkpoint).toBe(checkpoint(2));
  });

  test('and what it lacks stand with the attempt, cut short', () => {
    const lacks = Array.from({ length: 30 }, (_, i) => `${i}: ${'x'.repeat(500)}`);
    const task = new Driver().work('done', { checkpoint: checkpoint(1), startedFrom: checkpoint(9), lacks });
    const [view] = taskView(task.state).attempts;
    expect(view).toMatchObject({ checkpoint: checkpoint(1), startedFrom: checkpoint(9) });
    expect(view?.lacks).toHaveLength(BOUNDS.lacksListed);
    expect(Math.max(...(view?.lacks ?? []).map(({ length }) => length))).toBeLessThanOrEqual(200);
  });
});

describe('attempts since the newest checkpoint', () => {
  test('are named, oldest first, with each launch; the one that asks is not among them', () => {
    const task = new Driver().work('done', { checkpoint: checkpoint(1) });
    const ids = ['a', 'b', 'c'].map((prompt) => {
      task.accepted('update', { prompt });
      const { id } = task.launch();
      task.report('done');
      return id;
    });
    task.accepted('update', { prompt: 'd' });
    task.launch();
    expect(task.request().line).toEqual({ head: checkpoint(1), since: ids });
  });

  test('are so few as are bounded, the newest of them', () => {
    const task = new Driver().work('done');
    for (let i = 0; i < BOUNDS.attemptsSince + 10; i++) {
      task.accepted('update', { prompt: 'p' });
      task.work('done');
    }
    expect(task.state.line.since).toHaveLength(BOUNDS.attemptsSince);
    task.accepted('update', { prompt: 'p' });
    expect(task.state.line.since).not.toContain('a-1');
    expect(task.launch().id).toBe(task.state.line.since.at(-1));
  });
});

describe('without a safety net', () => {
  test('is a task whose newest work has no checkpoint; the view says why, and the next attempt knows who has it', () => {
    const task = new Driver();
    const { id } = task.launch();
    task.report('done', UNSAVED);
    expect(taskView(task.state).noSafetyNet).toBe('TASKRUN_STORE is read-only');
    task.accepted('update', { prompt: 'p' });
    task.launch();
    expect(task.request().line).toEqual({ since: [id], unsaved: { attemptId: id, host: 'host-a' } });
  });

  test('until an attempt leaves one', () => {
    const task = new Driver().work('done', UNSAVED);
    task.accepted('update', { prompt: 'p' });
    task.work('done', { checkpoint: checkpoint(1) });
    expect(taskView(task.state)).not.toHaveProperty('noSafetyNet');
    expect(task.state.line).not.toHaveProperty('unsaved');
  });

  test('is not a task whose attempt launched nothing: there is no work to lose', () => {
    const task = new Driver().work('fault', { ...UNSAVED, sent: '', problem: { class: 'store', says: 'unreachable' } });
    expect(taskView(task.state)).not.toHaveProperty('noSafetyNet');
  });

  test('a lost attempt does not hide which one was without it', () => {
    const task = new Driver();
    const { id } = task.launch();
    task.report('done', UNSAVED).accepted('update', { prompt: 'p' });
    task.work('lost');
    expect(task.state.line.unsaved?.attemptId).toBe(id);
  });

  test('what the store said is cut short', () => {
    const says = 'x'.repeat(100_000);
    const task = new Driver().work('done', { unsaved: { class: 'store', says }, host: 'h'.repeat(5_000) });
    expect(JSON.stringify(task.state.line).length).toBeLessThan(600);
    expect(taskView(task.state).noSafetyNet?.length).toBe(300);
  });
});

describe('the host that has the workspace', () => {
  test('is the one of the newest report that names it', () => {
    const task = new Driver().work('lost', { hostId: 'h1' });
    expect(task.state.workspaceOn).toBe('h1');
    task.pass(3_600_000).work('done');
    expect(task.state.workspaceOn).toBe('h1');
    task.accepted('update', { prompt: 'p' });
    expect(task.work('done', { hostId: 'h2' }).state.workspaceOn).toBe('h2');
  });

  test('is none where its worker shuts down', () => {
    const task = new Driver().work('handedOver', { hostId: 'h1' });
    expect(task.state).not.toHaveProperty('workspaceOn');
  });
});

test('a task of the version before checkpoints goes on as one without any', () => {
  const { line: _, milestones: _m, effects: _e, ...rest } = idleTask().state;
  const task = idleTask();
  task.state = migrate({ ...rest, version: 1 });
  expect(task.state).toMatchObject({ version: 2, line: { since: [] }, milestones: [], effects: [] });
  expect(memoOf(task.state)).toEqual({ phase: 'idle', waiting: null });
  task.accepted('update', { prompt: 'p' });
  task.work('done', { checkpoint: checkpoint(1) });
  expect(task.accepted('mark', { label: 'green' }).position).toBeNull();
});

test('a question of the version before checkpoints is answered as it was asked: the files stay', () => {
  const task = twoMoments();
  task.accepted('resume', { prompt: 'where' });
  const { line: _, milestones: _m, effects: _e, question, ...rest } = task.state;
  const { filesWanted: _f, instruction, ...asked } = question ?? { commandId: '', atMs: 0 };
  const { filesWanted: _i, ...told } = instruction ?? {};
  task.state = migrate({
    ...rest,
    version: 1,
    question: { ...asked, instruction: told as typeof instruction & object },
  });
  task.accepted('answer', { pick: 1 });
  task.launch();
  expect(task.request()).not.toHaveProperty('files');
});
