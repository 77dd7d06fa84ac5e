// The task's line of checkpoints as the workflow knows it, and how a name of a moment is understood: the id of a
// checkpoint, the beginning of one, or a milestone's label.
import type { AttemptReport } from '../../contract/attempt.js';
import { BOUNDS } from '../../contract/limits.js';
import { cut, excerpt } from '../../contract/text.js';
import { type Attempt, type Line, type TaskState, without } from './state.js';

export const lineAtLaunch = (line: Line, attemptId: string): Line => ({
  ...line,
  since: [...line.since, attemptId].slice(-BOUNDS.attemptsSince),
});

/** A lost attempt may have left more than its newest checkpoint holds: it stays among those since. */
export function lineAfter(line: Line, current: Attempt, report: AttemptReport): Line {
  if (report.checkpoint !== undefined) {
    return {
      head: { checkpoint: report.checkpoint, sessionId: current.sessionId },
      since: report.outcome === 'lost' ? [current.id] : [],
    };
  }
  if (report.unsaved === undefined || report.sent === '') return line;
  const host = report.host === undefined ? {} : { host: cut(report.host, 100) };
  return { ...line, unsaved: { attemptId: current.id, ...host, says: cut(report.unsaved.says, 300) } };
}

/** The operator picked a moment to go on from: work that only an unreachable host has is given up for it. */
export const givenUpUnsaved = (state: TaskState): TaskState => ({ ...state, line: without(state.line, 'unsaved') });

export type NamedMoment = { checkpoint: string; sessionId?: string };

/** A label or an id → the moment, or the sentence why not. */
export function namedMoment(state: TaskState, name: string): NamedMoment | { refused: string } {
  const milestone = state.milestones.find(({ label }) => label === name);
  if (milestone !== undefined) return { checkpoint: milestone.checkpoint, sessionId: milestone.sessionId };
  if (!/^[0-9a-f]{7,40}$/.test(name))
    return { refused: `no milestone ${JSON.stringify(excerpt(name, 60))}; ${sayMilestones(state)}` };
  const meant = knownMoments(state).filter(({ checkpoint }) => checkpoint.startsWith(name));
  const [first] = meant;
  if (first !== undefined && meant.every(({ checkpoint }) => checkpoint === first.checkpoint)) return first;
  if (first !== undefined) return { refused: `${name} begins several checkpoints; write more of its digits` };
  if (name.length === 40) return { checkpoint: name };
  return {
    refused: `no checkpoint of this task that is listed begins with ${name}; write all 40 digits, or a label; ${sayMilestones(state)}`,
  };
}

/** The newest first: a checkpoint that several name is that of its own attempt. */
function knownMoments(state: TaskState): NamedMoment[] {
  const { head } = state.line;
  return [
    ...state.attempts
      .flatMap(({ checkpoint, sessionId }) => (checkpoint === undefined ? [] : [{ checkpoint, sessionId }]))
      .toReversed(),
    ...(head === undefined ? [] : [head]),
    ...state.milestones.map(({ checkpoint, sessionId }) => ({ checkpoint, sessionId })),
    ...state.sessions.flatMap(({ id, head: checkpoint }) =>
      checkpoint === undefined ? [] : [{ checkpoint, sessionId: id }],
    ),
  ];
}

function sayMilestones(state: TaskState): string {
  const labels = state.milestones.slice(-10).map(({ label }) => JSON.stringify(label));
  return labels.length === 0 ? 'this task has no milestones' : `milestones: ${labels.join(', ')}`;
}

/** Why there is none. */
export const noCheckpoint = ({ line: { unsaved } }: TaskState): string =>
  unsaved === undefined
    ? 'this task has no checkpoint yet; try again when an attempt has ended'
    : `this task has no checkpoint: ${unsaved.says}`;
