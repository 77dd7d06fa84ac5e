// `--from <task[@moment]>`: the other task, and the moment of it. Looks at the text alone.
import { badInput } from './failure.js';

export type From = { taskId: string; checkpoint?: string };

/** The last `@` begins the moment; an id that holds one itself is ended with another. @throws CliFailure of exit code 2 */
export function fromOf(given: string): From {
  const at = given.lastIndexOf('@');
  const [taskId, moment] = at < 0 ? [given, ''] : [given.slice(0, at), given.slice(at + 1)];
  if (taskId.trim() === '')
    throw badInput(`--from: got ${JSON.stringify(given)}; allowed: a task's id, or <task>@<checkpoint or label>`);
  return moment === '' ? { taskId } : { taskId, checkpoint: moment };
}
