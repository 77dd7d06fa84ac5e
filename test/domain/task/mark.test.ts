// `mark` names the newest checkpoint: a milestone from its acceptance on, kept in the store by an effect.
import { describe, expect, test } from 'vitest';
import { BOUNDS } from '../../../src/contract/limits.js';
import { taskView } from '../../../src/view/task-view.js';
import { checkpoint, idleTask, twoMoments } from './support/driver.js';

describe('mark', () => {
  test('names the newest checkpoint, its session, who and when', () => {
    const task = twoMoments();
    expect(task.accepted('mark', { label: 'green', requestedBy: 'ana', id: 'm' })).toEqual({
      commandId: 'm',
      contextVersion: 2,
      position: null,
    });
    const at = new Date(task.nowMs).toISOString();
    expect(taskView(task.state).milestones).toEqual([
      { label: 'green', checkpoint: checkpoint(2), sessionId: 'session-2', at, by: 'ana' },
    ]);
  });

  test('has the store keep it, once: queued until then, done after', () => {
    const task = twoMoments();
    task.accepted('mark', { label: 'green', id: 'm' });
    expect(task.startEffect()).toMatchObject({ kind: 'mark', label: 'green', checkpoint: checkpoint(2) });
    expect([task.fate('m'), task.step().do]).toEqual(['queued', 'wait']);
    task.effectDone('m', { why: 'checkpoint kept' });
    expect([task.fate('m'), task.why('m'), task.state.effects]).toEqual(['done', 'checkpoint kept', []]);
    expect(task.state.milestones).toHaveLength(1);
  });

  test('that the store refuses is no milestone, and its label is free again', () => {
    const task = twoMoments();
    task.accepted('mark', { label: 'green', id: 'm' });
    task.startEffect();
    task.effectDone('m', { refused: 'mark: TASKRUN_STORE is read-only' });
    expect([task.fate('m'), task.why('m')]).toEqual(['refused', 'mark: TASKRUN_STORE is read-only']);
    expect([task.state.milestones, task.state.refusedTotal]).toEqual([[], 1]);
    task.accepted('mark', { label: 'green' });
  });

  test('goes on beside an attempt at work, and names the checkpoint before it', () => {
    const task = twoMoments();
    task.accepted('update', { prompt: 'p' });
    task.launch();
    task.accepted('mark', { label: 'before' });
    expect(task.startEffect()).toMatchObject({ checkpoint: checkpoint(2) });
    task.report('done', { checkpoint: checkpoint(3) });
    expect(task.state.milestones).toMatchObject([{ label: 'before', checkpoint: checkpoint(2) }]);
  });

  test('without a checkpoint is refused', () => {
    expect(idleTask().refused('mark', { label: 'green' })).toBe(
      'mark: this task has no checkpoint yet; try again when an attempt has ended',
    );
  });

  test('a label names one moment of a task', () => {
    const task = twoMoments();
    task.accepted('mark', { label: 'green' });
    expect(task.refused('mark', { label: 'green' })).toBe(
      `mark.label: "green" names checkpoint ${checkpoint(2).slice(0, 12)} of this task already; choose another`,
    );
    task.accepted('mark', { label: 'also green' });
    expect(task.state.milestones.map(({ label }) => label)).toEqual(['green', 'also green']);
  });

  test('so many and no more', () => {
    const task = twoMoments();
    for (let i = 0; i < BOUNDS.milestones; i++) {
      task.accepted('mark', { label: `m${i}`, id: `mark-${i}` });
      task.startEffect();
      task.effectDone(`mark-${i}`);
    }
    expect(task.refused('mark', { label: 'one more' })).toBe(
      'mark: this task has 100 milestones, the most there can be',
    );
  });

  test('is kept across continue-as-new', () => {
    const task = twoMoments();
    task.accepted('mark', { label: 'green', id: 'm' });
    task.startEffect();
    task.effectDone('m').continueAsNew();
    expect(task.refused('mark', { label: 'green' })).toContain('already');
    expect(task.accepted('resume', { checkpoint: 'green' }).position).toBeNull();
  });
});
