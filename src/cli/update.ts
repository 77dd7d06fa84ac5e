// `taskrun update`: tells a session of a task something new.
import type { CommandAnswer } from '../client.js';
import { DEFAULTS } from '../contract/limits.js';
import type { CommonOptions, Program } from './base-program.js';
import { isNumber, sessionIdOf, sessionsToChoose } from './choose-session.js';
import { withClient } from './connect.js';
import { badInput } from './failure.js';
import { collect, FILE_OPTION, readFiles } from './file-options.js';
import { filesFrom, filesOption } from './files-option.js';
import { exitCodes, lesson } from './help.js';
import { openOutput } from './output.js';
import { promptFrom } from './prompt-argument.js';
import { sayToldOf, sayWait, sendCommand } from './send.js';

type Options = CommonOptions & {
  session?: string;
  newSession?: true;
  interrupt?: true;
  file?: string[];
  files?: string;
  id?: string;
  by?: string;
};

export function registerUpdate(program: Program): void {
  program
    .command('update')
    .summary('tell a session something new')
    .description(
      'Tells a session of the task something new: the active one, another (--session), or a new one (--new-session).',
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .argument('<prompt>', 'what to do; "-" reads it from stdin')
    .option('--session <number-or-id>', 'which session; default: the active one')
    .option('--new-session', 'a fresh conversation in the same workspace')
    .option('--interrupt', 'now: ends the attempt under way and lifts a stop, instead of waiting in line')
    .option(...FILE_OPTION, collect)
    .addOption(filesOption(`${DEFAULTS.updateFiles}, or what the task was started with`))
    .option('--id <command-id>', 'makes it one command: the same id again changes nothing and gets the first answer')
    .option('--by <name>', 'who asks; default: the user of this machine')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun update task-4c1… "use the new API"', 'after what is queued already'],
          ['taskrun update task-4c1… "stop that, do this" --interrupt', 'at once'],
          ['taskrun update task-4c1… - --file brief.md=brief.md < prompt.txt', 'from stdin, with a document'],
        ],
        next:
          'It is answered when it is accepted, with its place in line; Claude works it with --resume=<session>.\n' +
          'taskrun drop <task> <command-id> withdraws it while it is queued.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, prompt, _, self) => update(taskId, prompt, self.optsWithGlobals()));
}

async function update(taskId: string, prompt: string, options: Options): Promise<void> {
  if (options.session !== undefined && options.newSession === true)
    throw badInput('--session and --new-session exclude each other: name a session, or open a new one.');
  const payload = {
    prompt: await promptFrom(prompt),
    ...(options.newSession === true ? { newSession: true } : {}),
    ...(options.interrupt === true ? { when: 'interrupt' as const } : {}),
    ...filesFrom(options.files),
    ...(options.file === undefined ? {} : { files: await readFiles(options.file) }),
    ...(options.id === undefined ? {} : { id: options.id }),
    ...(options.by === undefined ? {} : { requestedBy: options.by }),
  };
  const out = openOutput(options);
  await withClient(options, async ({ client }) => {
    const task = client.task(taskId);
    const { session } = options;
    const sessionId =
      session !== undefined && isNumber(session)
        ? sessionIdOf(session, await sessionsToChoose(task, options))
        : session;
    const sent = await sendCommand(task, 'update', { ...payload, ...(sessionId === undefined ? {} : { sessionId }) });
    sayToldOf(out, { options, taskId, accepted: placeInLine }, 'update', sent);
    await sayWait(out, task, options);
  });
}

export function placeInLine({ commandId, contextVersion, position }: CommandAnswer): string {
  const place = position === null ? '' : position === 0 ? ', next' : `, ${position} ahead of it`;
  return `accepted: command ${commandId}, context version ${contextVersion}${place}`;
}
