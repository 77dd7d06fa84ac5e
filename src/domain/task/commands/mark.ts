// `mark`: names the newest checkpoint as a milestone. The store is told to keep it from retention.
import { BOUNDS } from '../../../contract/limits.js';
import { addEffect } from '../effects.js';
import { noCheckpoint } from '../line.js';
import type { TaskState } from '../state.js';
import { byOf, type CommandInput, type Verdict } from './verdict.js';

export function mark(state: TaskState, { payload: { label, ...who }, commandId, atMs }: CommandInput<'mark'>): Verdict {
  const { head } = state.line;
  if (head === undefined) return { refused: `mark: ${noCheckpoint(state)}` };
  const taken = state.milestones.find((known) => known.label === label);
  if (taken !== undefined) {
    return {
      refused: `mark.label: ${JSON.stringify(label)} names checkpoint ${taken.checkpoint.slice(0, 12)} of this task already; choose another`,
    };
  }
  if (state.milestones.length >= BOUNDS.milestones)
    return { refused: `mark: this task has ${BOUNDS.milestones} milestones, the most there can be` };
  const milestones = [...state.milestones, { label, ...head, atMs, ...byOf(who) }];
  const effect = { kind: 'mark' as const, commandId, started: false, label, checkpoint: head.checkpoint };
  return {
    state: addEffect({ ...state, milestones }, effect),
    fate: 'queued',
    why: `checkpoint ${head.checkpoint.slice(0, 12)}`,
  };
}
