// `taskrun rewind`: the whole task back to where an earlier attempt ended: a Temporal Reset that plays nothing again.
import type { CommonOptions, Program } from './base-program.js';
import { withClient } from './connect.js';
import { exitCodes, lesson } from './help.js';

type Options = CommonOptions & { to: string; yes?: true };

export function registerRewind(program: Program): void {
  program
    .command('rewind')
    .summary('take the whole task back to where an earlier attempt ended')
    .description(
      'Takes workflow, conversation and files back together to where an attempt ended, as if nothing had happened since: ' +
        'later instructions and commands are gone and are not played again. What was kept since stays in the store, beside the line. ' +
        'A closed task is open again.',
    )
    .argument('<task>', 'its id')
    .requiredOption(
      '--to <attempt>',
      "the attempt's number, as taskrun show lists it; a milestone's label; or the checkpoint it left",
    )
    .option('--yes', 'do not ask; needed where there is no terminal to ask on')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun rewind task-4c1… --to 2', 'to the end of attempt 2'],
          ['taskrun rewind task-4c1… --to v1 --yes', 'to a milestone, in a script'],
        ],
        next:
          'An attempt under way is ended. Conversation and files go back when the next attempt begins, which the workflow starts where work was left open then.\n' +
          'To bring back only a moment, and keep what was said since: taskrun restore.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, _, self) => {
      const options: Options = self.optsWithGlobals();
      return withClient(options, async (connected) => {
        const { rewind } = await import('./rewind/rewind.js');
        await rewind(connected, taskId, options);
      });
    });
}
