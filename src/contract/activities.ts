// The activities a workflow may ask for: their names, inputs and answers.
import type { AttemptReport, AttemptRequest } from './attempt.js';

export type Activities = {
  /** One launch of the Claude CLI. On the task queue itself, in the workers' attempt slots. */
  attempt(request: AttemptRequest): Promise<AttemptReport>;
};

export type ShortActivities = {
  /** Names of our search attributes that this namespace knows with our types. On the queue for short activities. */
  knownSearchAttributes(): Promise<string[]>;
};
