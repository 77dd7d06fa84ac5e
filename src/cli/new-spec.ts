// The spec of a new task as the options make it, with the moment it starts from found: the contract takes a whole id or a
// label, people type the first digits.
import type { TaskSpecInput } from '../client.js';
import type { CommonOptions } from './base-program.js';
import { settingsOf } from './settings.js';
import { type SpecOptions, specFrom } from './spec-options.js';

/** @throws CliFailure of exit code 2, with the field named */
export async function newSpec(
  prompt: string | undefined,
  options: SpecOptions & CommonOptions,
  close: 'when-done' | undefined,
): Promise<TaskSpecInput> {
  const spec = await specFrom(prompt, options, close);
  const { from } = spec;
  if (options.from === undefined || from?.checkpoint === undefined || !/^[0-9a-f]{7,39}$/.test(from.checkpoint))
    return spec;
  const settings = settingsOf(options);
  const [{ momentsOf }, { findMoment }, { labelsOf }] = await Promise.all([
    import('./moments/task-moments.js'),
    import('./moments/find-moment.js'),
    import('./moments/ask-task.js'),
  ]);
  const of = await momentsOf(settings, from.taskId, [from.checkpoint]);
  const found = await findMoment(of, from.checkpoint, '--from', () => labelsOf(settings, from.taskId));
  return { ...spec, from: { ...from, checkpoint: found.id } };
}
