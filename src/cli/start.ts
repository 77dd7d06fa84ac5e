// `taskrun start`: starts a task and leaves it to the workers.
import type { CommonOptions, Program } from './base-program.js';
import { withClient } from './connect.js';
import { badInput } from './failure.js';
import { exitCodes, lesson, taskDefaults } from './help.js';
import { commandLine } from './invocation.js';
import { newSpec } from './new-spec.js';
import { openOutput } from './output.js';
import { hasWorkers } from './pollers.js';
import { addSpecOptions, type SpecOptions } from './spec-options.js';

type Options = SpecOptions & CommonOptions;

export function registerStart(program: Program): void {
  const command = program
    .command('start')
    .summary('start a task and leave it to the workers')
    .description(
      'Starts a task on a running server and prints its id. Workers do the rest (taskrun worker, taskrun dev).',
    )
    .argument('[prompt]', 'what to do; "-" reads it from stdin')
    .option(
      '--close <when>',
      'when-asked: stays open, idle, for the next update; when-done: closes when nothing is left to do',
    );
  addSpecOptions(command)
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun start "triage the new issues" --dir /srv/app', 'prints the id of the task'],
          ['taskrun start --id nightly-2024-05-01 "…"', 'with an id of yours: a second start of it is refused'],
          ['taskrun start "go on with it" --from task-4c1…@v1', 'from a milestone of another task, closed or not'],
          ['taskrun start --spec task.json', 'the whole spec as JSON'],
        ],
        next: 'taskrun show <task> --follow watches it, taskrun update tells it more, taskrun finish closes it.',
      }),
    )
    .addHelpText('after', () => `${taskDefaults()}\n${exitCodes()}`)
    .action((prompt, _, self) => start(prompt, self.optsWithGlobals()));
}

async function start(prompt: string | undefined, options: Options): Promise<void> {
  if (prompt === undefined && options.spec === undefined)
    throw badInput('prompt: got nothing; say what to do (taskrun start "…"), or give a spec (--spec).');
  const spec = await newSpec(prompt, options, undefined);
  const out = openOutput(options);
  await withClient(options, async ({ client, config }) => {
    const { taskId } = await client.start(spec, options.id === undefined ? {} : { taskId: options.id });
    out.result(taskId, { taskId });
    if (!(await hasWorkers(client, config.taskQueue)))
      out.note(
        `No worker takes tasks from queue "${config.taskQueue}": it waits for one. ${commandLine(options, 'worker')}`,
      );
    out.note(out.notePaint.dim(`Watch it:  ${commandLine(options, 'show', taskId, '--follow')}`));
  });
}
