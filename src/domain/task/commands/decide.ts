// One command against one state: the same rule answers an Update's validator and changes the state.
import { assertNever } from '../../../contract/assert-never.js';
import type { CommandEvent } from '../events.js';
import type { TaskState } from '../state.js';
import { answer } from './answer.js';
import { continueTask } from './continue.js';
import { drop } from './drop.js';
import { finish } from './finish.js';
import { fork } from './fork.js';
import { mark } from './mark.js';
import { resume } from './resume.js';
import { stop } from './stop.js';
import { update } from './update.js';
import type { Verdict } from './verdict.js';

/** Pure: nothing is changed in `state`, also where the command is accepted. */
export function decide(state: TaskState, { command, ...event }: CommandEvent): Verdict {
  if (state.closing !== undefined) return { refused: `${command.name}: the task is closing (${state.closing.why})` };
  switch (command.name) {
    case 'update':
      return update(state, { ...event, payload: command.payload });
    case 'continue':
      return continueTask(state);
    case 'resume':
      return resume(state, { ...event, payload: command.payload });
    case 'answer':
      return answer(state, { ...event, payload: command.payload });
    case 'stop':
      return stop(state, { ...event, payload: command.payload });
    case 'drop':
      return drop(state, { ...event, payload: command.payload });
    case 'fork':
      return fork(state, { ...event, payload: command.payload });
    case 'mark':
      return mark(state, { ...event, payload: command.payload });
    case 'finish':
      return finish(state, { ...event, payload: command.payload });
    default:
      return assertNever(command);
  }
}
