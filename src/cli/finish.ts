// `taskrun finish`: ends the attempt gently, then closes the task.
import type { Program } from './base-program.js';
import { exitCodes, lesson } from './help.js';
import { tell } from './send.js';

export function registerFinish(program: Program): void {
  program
    .command('finish')
    .summary('close a task')
    .description(
      'Ends the attempt under way gently, then closes the task. What is still queued is dropped and listed in the result.',
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .option('--summary <text>', 'kept in the result')
    .addHelpText(
      'after',
      lesson({
        examples: [['taskrun finish task-4c1… --summary "merged"', '']],
        next: 'The task returns its result and takes no more commands; taskrun show still shows it.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, { summary }, self) =>
      tell(
        { taskId, options: self.optsWithGlobals(), accepted: () => 'closes' },
        'finish',
        summary === undefined ? {} : { summary },
      ),
    );
}
