// A task that asks what becomes of today's files.
import type { AttemptReport } from '../../../../src/contract/attempt.js';
import { checkpoint, type Driver, twoMoments } from './driver.js';

/** The report of an attempt that asks. */
export const QUESTION: Partial<AttemptReport> = {
  sent: '',
  delivered: false,
  question: {
    says: '2 files differ: a.txt, b.txt',
    picks: ['keep', 'restore', 'merge'],
    safety: checkpoint(7),
  },
};

/** Session 1 is asked to go on; its files differ from today's, and the attempt asks. */
export function asking(more: object = {}): Driver {
  const task = twoMoments();
  task.accepted('resume', { sessionId: 'session-1', prompt: 'go on', id: 'r', ...more });
  return task.work('asks', QUESTION);
}
