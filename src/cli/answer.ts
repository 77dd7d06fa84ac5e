// `taskrun answer`: answers what a task asks.
import type { Program } from './base-program.js';
import { exitCodes, lesson } from './help.js';
import { tell } from './send.js';

export function registerAnswer(program: Program): void {
  program
    .command('answer')
    .summary('answer what the task asks')
    .description('Answers the question of a task that waits for a choice.')
    .argument('<task>', 'its id, as taskrun ls lists it')
    .argument('<pick>', 'a number from its list, or a session id')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun ls --waiting choice', 'which tasks ask'],
          ['taskrun show task-4c1…', 'what it asks, and its list'],
          ['taskrun answer task-4c1… 2', 'the second'],
        ],
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, pick, _, self) =>
      tell({ taskId, options: self.optsWithGlobals(), accepted: () => `answered: ${pick}` }, 'answer', { pick }),
    );
}
