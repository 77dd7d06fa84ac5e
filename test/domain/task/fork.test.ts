// `fork` and the effects that it shares with `mark`: started once, settled once, awaited before the run ends.
import { describe, expect, test } from 'vitest';
import { BOUNDS } from '../../../src/contract/limits.js';
import { utf8Bytes } from '../../../src/contract/text.js';
import { migrate } from '../../../src/domain/task/open.js';
import { checkpoint, Driver, idleTask, twoMoments } from './support/driver.js';

describe('fork starts another task', () => {
  test('from the newest moment; this one goes on undisturbed', () => {
    const task = twoMoments();
    const { queue, sessions, line } = task.state;
    expect(task.accepted('fork', { prompt: 'try otherwise', id: 'f', requestedBy: 'ana' })).toEqual({
      commandId: 'f',
      contextVersion: 2,
      position: null,
    });
    expect(task.startEffect()).toEqual({
      kind: 'fork',
      commandId: 'f',
      started: false,
      taskId: 'task-1-fork-f',
      prompt: 'try otherwise',
      forkOf: { taskId: 'task-1', sessionId: 'session-2', checkpoint: checkpoint(2) },
      by: 'ana',
    });
    expect([task.state.queue, task.state.sessions, task.state.line]).toEqual([queue, sessions, line]);
  });

  test('from the newest moment of a session', () => {
    const task = twoMoments();
    task.accepted('fork', { prompt: 'p', sessionId: 'session-1' });
    expect(task.startEffect()).toMatchObject({ forkOf: { sessionId: 'session-1', checkpoint: checkpoint(1) } });
  });

  test('from a milestone, a checkpoint and the beginning of one', () => {
    const task = twoMoments();
    task.accepted('mark', { label: 'green', id: 'm' });
    task.startEffect();
    task.effectDone('m');
    for (const [name, sessionId, of] of [
      ['green', 'session-2', 2],
      [checkpoint(1), 'session-1', 1],
      [checkpoint(1).slice(0, 7), 'session-1', 1],
    ] as const) {
      const { commandId } = task.accepted('fork', { prompt: 'p', checkpoint: name });
      expect(task.startEffect()).toMatchObject({ forkOf: { sessionId, checkpoint: checkpoint(of) } });
      task.effectDone(commandId);
    }
  });

  test('under the id that is given', () => {
    const task = twoMoments();
    task.accepted('fork', { prompt: 'p', taskId: 'mine' });
    expect(task.startEffect()).toMatchObject({ taskId: 'mine' });
  });

  test("under an id that the server takes, however long and odd this one's is", () => {
    for (const taskId of ['漢'.repeat(333), '😀'.repeat(250), 'x'.repeat(1_000)]) {
      const task = twoMoments();
      task.state = { ...task.state, taskId };
      task.accepted('fork', { prompt: 'p', id: 'c/😀 '.repeat(10) });
      const effect = task.startEffect();
      if (effect.kind !== 'fork') throw new Error(effect.kind);
      expect(utf8Bytes(effect.taskId)).toBeLessThanOrEqual(BOUNDS.taskIdBytes);
      expect(effect.taskId).toMatch(/-fork-#[0-9a-f]{32}$/);
      expect(effect.taskId).not.toMatch(/\p{Cs}/u);
    }
  });

  test('each command its own', () => {
    const task = twoMoments();
    task.accepted('fork', { prompt: 'p' });
    task.accepted('fork', { prompt: 'p' });
    const ids = task.state.effects.map((effect) => (effect.kind === 'fork' ? effect.taskId : ''));
    expect(new Set(ids).size).toBe(2);
  });

  test.each([
    [{ sessionId: 'nope' }, 'fork.sessionId: no session "nope"; sessions of this task: 1 = session-1, 2 = session-2'],
    [{ checkpoint: 'green' }, 'fork.checkpoint: no milestone "green"; this task has no milestones'],
    [
      { checkpoint: 'abcdef1' },
      'fork.checkpoint: no checkpoint of this task that is listed begins with abcdef1; write',
    ],
  ])('%j is refused', (more, says) => {
    expect(twoMoments().refused('fork', { prompt: 'p', ...more })).toContain(says);
  });

  test('without any checkpoint it is refused, of the task or of the session', () => {
    expect(idleTask().refused('fork', { prompt: 'p' })).toBe(
      'fork: this task has no checkpoint yet; try again when an attempt has ended',
    );
    const task = twoMoments();
    task.accepted('update', { prompt: 'third', newSession: true }, { session: 'session-3' });
    expect(task.refused('fork', { prompt: 'p', sessionId: 'session-3' })).toBe(
      'fork: session 3 has no checkpoint yet; try again when an attempt has ended',
    );
  });
});

describe('an effect', () => {
  const forking = (): Driver => {
    const task = twoMoments();
    task.accepted('fork', { prompt: 'p', id: 'f' });
    return task;
  };

  test('is started once and settled once', () => {
    const task = forking();
    task.startEffect();
    expect(task.step().do).toBe('wait');
    task.effectDone('f', { why: 'task task-1-fork-f is at work' });
    expect([task.fate('f'), task.why('f')]).toEqual(['done', 'task task-1-fork-f is at work']);
    const settled = task.state;
    task.effectDone('f', { refused: 'late' });
    expect({ ...task.state, updatedAtMs: 0 }).toStrictEqual({ ...settled, updatedAtMs: 0 });
  });

  test('the same command again starts nothing', () => {
    const task = forking();
    const first = task.tell('fork', { prompt: 'p', id: 'f' });
    expect(task.state.effects).toHaveLength(1);
    task.startEffect();
    task.effectDone('f');
    expect(task.tell('fork', { prompt: 'another', id: 'f' })).toEqual(first);
    expect([task.state.effects, task.step().do]).toEqual([[], 'wait']);
  });

  test('that comes to nothing is a refused command with the reason, and the task goes on', () => {
    const task = forking();
    task.startEffect();
    const { refusedTotal } = task.state;
    task.effectDone('f', { refused: 'fork: there is a task "task-1-fork-f" already; choose another taskId' });
    expect([task.fate('f'), task.why('f')]).toEqual(['refused', expect.stringContaining('already')]);
    expect(task.state.refusedTotal).toBe(refusedTotal + 1);
    task.accepted('update', { prompt: 'more' });
    task.work('done');
  });

  test('goes on beside attempts, and holds up neither launch nor end', () => {
    const task = forking();
    task.accepted('update', { prompt: 'p' });
    task.startEffect();
    task.launch();
    task.accepted('stop');
    expect(task.end()).toBe('stop');
    task.report('ended').effectDone('f');
    expect(task.fate('f')).toBe('done');
  });

  test.each(['finish', 'cancel'] as const)(
    'is awaited before the task closes (%s), also if it was not started yet',
    (how) => {
      const task = forking();
      if (how === 'finish') task.accepted('finish');
      else task.feed({ type: 'cancel', atMs: task.nowMs });
      task.startEffect();
      expect(task.step()).toEqual({ do: 'wait' });
      task.effectDone('f').close();
      expect(task.fate('f')).toBe('done');
    },
  );

  test.each(['long', 'full'] as const)('is awaited before a new run (%s history)', (history) => {
    const task = forking();
    task.startEffect(history);
    expect(task.step(history)).toEqual({ do: 'wait' });
    task.effectDone('f');
    expect(task.step(history)).toEqual({ do: 'continueAsNew' });
  });

  test('keeps a when-done task open until it is settled', () => {
    const task = new Driver({ close: 'when-done' });
    task.launch();
    task.report('lost', { checkpoint: checkpoint(1) });
    task.accepted('fork', { prompt: 'p', id: 'f' });
    task.startEffect();
    task.pass(3_600_000).work('done');
    expect(task.step()).toEqual({ do: 'wait' });
    task.effectDone('f').close();
  });

  test('that a former run had started and not settled is started again', () => {
    const task = forking();
    task.startEffect();
    task.state = migrate(JSON.parse(JSON.stringify(task.state)));
    expect(task.startEffect()).toMatchObject({ kind: 'fork', taskId: 'task-1-fork-f' });
    task.effectDone('f');
    expect(task.fate('f')).toBe('done');
  });
});

test('a closing task starts no more of them', () => {
  const task = twoMoments();
  task.accepted('update', { prompt: 'p' });
  task.launch();
  task.accepted('finish');
  expect(task.refused('fork', { prompt: 'p' })).toBe('fork: the task is closing (task finished)');
  expect(task.refused('mark', { label: 'l' })).toBe('mark: the task is closing (task finished)');
});
