// `taskrun restore`: brings a moment back into its task, files and conversation: a `resume` of it that asks nothing.
import type { CommonOptions, Program } from './base-program.js';
import { withClient } from './connect.js';
import { exitCodes, lesson } from './help.js';
import { MOMENT } from './moments/argument.js';
import { openOutput } from './output.js';
import { promptFrom } from './prompt-argument.js';
import { sayToldOf, sayWait, sendCommand } from './send.js';
import { placeInLine } from './update.js';

type Options = CommonOptions & { prompt?: string; id?: string; by?: string };

export function registerRestore(program: Program): void {
  program
    .command('restore')
    .summary("bring a moment's files and conversation back into its task")
    .description(
      'Picks up a moment of the task with its files: when the next attempt begins, they take the place of those that are there. ' +
        "Today's are kept as a checkpoint first. A conversation that has gone on since is forked, so nothing newer is lost.",
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .argument('<moment>', MOMENT)
    .option('--prompt <text>', 'what to do from there; "-" reads it from stdin; default: wait for the next update')
    .option('--id <command-id>', 'makes it one command: the same id again changes nothing')
    .option('--by <name>', 'who asks; default: the user of this machine')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun restore task-4c1… v1 --prompt "another way"', 'back to the milestone, and on from there'],
          ['taskrun restore task-4c1… 1a2b3c4', 'for the next update'],
        ],
        next: 'It takes effect when the next attempt begins. To choose file by file: taskrun resume --at <moment> --files merge.\nTo undo attempts as if they had never been: taskrun rewind. To only look: taskrun checkout.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, moment, _, self) => restore(taskId, moment, self.optsWithGlobals()));
}

async function restore(taskId: string, moment: string, options: Options): Promise<void> {
  const prompt = options.prompt === undefined ? undefined : await promptFrom(options.prompt);
  const out = openOutput(options);
  await withClient(options, async ({ client, config }) => {
    const task = client.task(taskId);
    const { momentForTask } = await import('./moments/moment-for-task.js');
    const { view } = await task.snapshot();
    const sent = await sendCommand(task, 'resume', {
      ...(await momentForTask(config, taskId, moment, view)),
      onFileConflict: 'restore',
      ...(prompt === undefined ? {} : { prompt }),
      ...(options.id === undefined ? {} : { id: options.id }),
      ...(options.by === undefined ? {} : { requestedBy: options.by }),
    });
    sayToldOf(out, { options, taskId, accepted: placeInLine }, 'resume', sent);
    out.note(
      "It takes effect when the next attempt begins: today's files are kept as a checkpoint, then those of the moment take their place.",
    );
    await sayWait(out, task, options);
  });
}
