// `taskrun run`: a task from start to result in one command, with server and worker of its own where none is configured.
import type { CommonOptions, Program } from './base-program.js';
import { badInput } from './failure.js';
import { exitCodes, lesson, taskDefaults } from './help.js';
import { newSpec } from './new-spec.js';
import { promptFrom } from './prompt-argument.js';
import type { Work } from './run/work.js';
import { addSpecOptions, type SpecOptions } from './spec-options.js';

type Options = SpecOptions & CommonOptions & { task?: string; worker?: true };

export function registerRun(program: Program): void {
  const command = program
    .command('run')
    .summary('start a task, follow it, print its result')
    .description(
      'Starts a task and follows it to its result. Where no Temporal server is configured, a real one runs for as long as ' +
        'this command does, with a worker in this process; its data stays, and so does the task.',
    )
    .argument('[prompt]', 'what to do; "-" reads it from stdin')
    .option('--task <task-id>', 'go on with this task instead: continue it where it was stopped, and follow it')
    .option('--worker', 'work in this process also where a server is configured');
  addSpecOptions(command)
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun run "fix the failing tests" --dir .', 'work in this directory'],
          ['taskrun run "port it" --git https://example.com/app.git --ref main', 'in a clone of its own'],
          ['taskrun run "write a haiku about queues"', "in an empty workspace of the task's own"],
          ['git diff | taskrun run - --title review', 'the prompt from stdin'],
          ['taskrun run --task task-4c1…', 'go on with a task that was stopped or cut off'],
          ['taskrun run --task task-4c1… "now the docs"', 'tell it something new, then follow it'],
        ],
        next:
          'The task closes when it is done, and its result goes to stdout; everything else goes to stderr.\n' +
          'Ctrl-C stops it gently and prints the command that goes on; Ctrl-C again leaves at once.\n' +
          'After a crash, a reboot or a kill, taskrun run --task <id> picks it up with its conversation.',
      }),
    )
    .addHelpText('after', () => `${taskDefaults()}\n${exitCodes()}`)
    .action(async (prompt, _, self) => {
      const options = self.optsWithGlobals() as Options;
      const plan = await planFrom(prompt, options);
      const { work } = await import('./run/work.js');
      process.exitCode = await work(plan, options);
    });
}

/** @throws CliFailure of exit code 2, before any server is looked for */
async function planFrom(prompt: string | undefined, options: Options): Promise<Work> {
  const { task: taskId } = options;
  if (taskId === undefined) {
    if (prompt === undefined && options.spec === undefined)
      throw badInput('prompt: got nothing; say what to do (taskrun run "…"), or name a task to go on with (--task).');
    return { is: 'new', spec: await newSpec(prompt, options, 'when-done'), taskId: options.id };
  }
  const wrong = (['id', 'spec', 'dir', 'git', 'from', 'setup', 'files', 'model', 'title'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (wrong !== undefined)
    throw badInput(
      `--${wrong}: a task that is there already keeps what it was started with; leave it out with --task.`,
    );
  return { is: 'known', taskId, prompt: prompt === undefined ? undefined : await promptFrom(prompt) };
}
