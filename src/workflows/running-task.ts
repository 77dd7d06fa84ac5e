// The task inside its workflow: the state, the one way to change it, and a count of changes for the loop to wait on.
import { apply } from '../domain/task/apply.js';
import type { TaskEvent } from '../domain/task/events.js';
import type { TaskState } from '../domain/task/state.js';

export class RunningTask {
  changes = 0;
  /** Of this run: the server takes 2,000 Updates and 10,000 Signals a run. */
  updates = 0;
  signals = 0;

  constructor(public state: TaskState) {}

  /** Also of what changes nothing, such as a command repeated: the loop must see that the run fills up. */
  received(what: 'updates' | 'signals'): void {
    this[what] += 1;
    this.changes += 1;
  }

  feed(event: TaskEvent): void {
    this.state = apply(this.state, event);
    this.changes += 1;
  }
}
