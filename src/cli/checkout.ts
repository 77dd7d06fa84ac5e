// `taskrun checkout`: a moment's files into a directory or as a branch of the user's own repository, and its conversation
// where plain `claude` finds it: nobody needs taskrun to go on. The store alone is asked.
import type { CommonOptions, Program } from './base-program.js';
import { badInput } from './failure.js';
import { exitCodes, lesson } from './help.js';
import { MOMENT } from './moments/argument.js';
import type { Where } from './moments/check-out.js';
import { settingsOf } from './settings.js';

type Options = CommonOptions & { branch?: string; repo?: string; withSession?: true };

export function registerCheckout(program: Program): void {
  program
    .command('checkout')
    .summary("put a moment's files into a directory or a branch")
    .description(
      "Puts a moment's files, the git repositories among them included, into a directory that is missing or empty; or, " +
        'with --branch, makes them a new branch of your own repository. Overwrites nothing.',
    )
    .argument('<task>', 'its id; a closed one too')
    .argument('<moment>', MOMENT)
    .argument('[dir]', 'a directory that is missing or empty')
    .option('--branch <name>', 'as a new branch instead')
    .option('--repo <dir>', 'the repository that gets the branch; default: that of this directory')
    .option(
      '--with-session',
      'also place the conversation where plain claude finds it, and print the line that resumes it',
    )
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun checkout task-4c1… v1 /tmp/look', 'the files of a milestone'],
          ['taskrun checkout task-4c1… 1a2b3c4 --branch review --repo ~/app', 'as a branch to review'],
          ['taskrun checkout task-4c1… v1 ~/mine --with-session', 'and go on by hand: claude --resume <id>'],
        ],
        next: 'The task itself goes on undisturbed. taskrun restore brings a moment back into the task.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action(async (taskId, moment, dir, _, self) => {
      const options: Options = self.optsWithGlobals();
      const where = whereTo(dir, options);
      const { checkOut } = await import('./moments/check-out.js');
      await checkOut(
        { taskId, moment, where, withSession: options.withSession === true },
        settingsOf(options),
        options,
      );
    });
}

/** @throws CliFailure of exit code 2, before anything is read */
function whereTo(dir: string | undefined, { branch, repo }: Options): Where {
  if (dir !== undefined && branch !== undefined)
    throw badInput('checkout: got a directory and --branch; name one of them.');
  if (repo !== undefined && branch === undefined)
    throw badInput('--repo: name the branch to make there too (--branch).');
  if (branch !== undefined) return { branch, repo: repo ?? '.' };
  if (dir === undefined || dir === '')
    throw badInput('dir: got nothing; name a directory that is missing or empty, or a branch to make (--branch).');
  return { dir };
}
