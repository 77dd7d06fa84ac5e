// `taskrun drop`: withdraws a queued command.
import type { Program } from './base-program.js';
import { exitCodes, lesson } from './help.js';
import { tell } from './send.js';

export function registerDrop(program: Program): void {
  program
    .command('drop')
    .summary('withdraw a queued command')
    .description('Withdraws a command that is still queued. The context version stays as it is.')
    .argument('<task>', 'its id, as taskrun ls lists it')
    .argument('<command-id>', 'its id, as taskrun show lists it')
    .addHelpText('after', lesson({ examples: [['taskrun drop task-4c1… 7f3a…', '']] }))
    .addHelpText('after', exitCodes)
    .action((taskId, command, _, self) =>
      tell({ taskId, options: self.optsWithGlobals(), accepted: () => `withdrawn: ${command}` }, 'drop', { command }),
    );
}
