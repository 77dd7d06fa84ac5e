// `taskrun continue`: goes on with the most recent session; lifts a stop or a wait for the operator.
import type { Program } from './base-program.js';
import { exitCodes, lesson } from './help.js';
import { tell } from './send.js';

export function registerContinue(program: Program): void {
  program
    .command('continue')
    .summary('go on after a stop or a wait')
    .description(
      'Goes on with the most recent session (--continue); lifts a stop, a wait for the operator, a back-off.',
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .addHelpText(
      'after',
      lesson({
        examples: [['taskrun continue task-4c1…', '']],
        next: 'The workers of the server take it up: taskrun show <task> --follow. Without any, taskrun run --task <task> does it here.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, _, self) =>
      tell({ taskId, options: self.optsWithGlobals(), accepted: () => 'goes on' }, 'continue', {}),
    );
}
