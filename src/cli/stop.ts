// `taskrun stop`: ends the attempt gently and holds the queue.
import type { Program } from './base-program.js';
import { exitCodes, lesson } from './help.js';
import { tell } from './send.js';

export function registerStop(program: Program): void {
  program
    .command('stop')
    .summary('end the attempt gently and hold the queue')
    .description('Ends the attempt under way gently, so that its session stays usable, and holds what is queued.')
    .argument('<task>', 'its id, as taskrun ls lists it')
    .option('--reason <text>', 'shown to whoever looks at the task')
    .addHelpText(
      'after',
      lesson({
        examples: [['taskrun stop task-4c1… --reason "wrong branch"', '']],
        next: 'Nothing is launched until taskrun continue, taskrun resume, or taskrun update --interrupt. taskrun finish closes the task.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, { reason }, self) =>
      tell(
        { taskId, options: self.optsWithGlobals(), accepted: () => 'stops; taskrun continue goes on' },
        'stop',
        reason === undefined ? {} : { reason },
      ),
    );
}
