// `taskrun demo`: the whole promise in two minutes, without an account; src/demo/ plays it.
import type { Program } from './base-program.js';
import { exitCodes, lesson } from './help.js';

export function registerDemo(program: Program): void {
  program
    .command('demo')
    .summary('watch a task be killed, come back and finish; needs no account')
    .description(
      'Runs a task with the real Claude CLI against a scripted API on this machine: kills the worker in mid-turn, shows ' +
        'it go on with its context, opens a second session, updates the first. Has its own server, home and queue.',
    )
    .addHelpText(
      'after',
      lesson({
        examples: [['taskrun demo', '']],
        next: 'It ends by itself within two minutes and leaves nothing behind.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action(async (_, self) => {
      const { runDemo } = await import('../demo/demo.js');
      process.exitCode = await runDemo({ json: self.optsWithGlobals().json === true });
    });
}
