// The activities a workflow may ask for: their names, inputs and answers.
import type { AttemptReport, AttemptRequest } from './attempt.js';

export type Activities = {
  /** One launch of the Claude CLI. On the task queue itself, in the workers' attempt slots. */
  attempt(request: AttemptRequest): Promise<AttemptReport>;
};

export type MilestoneRequest = { taskId: string; incarnation: string; label: string; checkpoint: string };

export type ShortActivities = {
  /** Names of our search attributes that this namespace knows with our types. On the queue for short activities. */
  knownSearchAttributes(): Promise<string[]>;
  /** Keeps a checkpoint from retention under its label. Tried again until the store takes it. */
  keepMilestone(milestone: MilestoneRequest): Promise<void>;
};
