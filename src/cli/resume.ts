// `taskrun resume`: picks up a given session of a task. Without one, and with several to choose from, a person picks
// from a list; where there is no person, the list and the exact command are printed.
import type { SessionView, TaskHandle } from '../client.js';
import type { Config } from '../config.js';
import { DEFAULTS } from '../contract/limits.js';
import type { CommonOptions, Program } from './base-program.js';
import { isNumber, pickSession, sessionIdOf, sessionsToChoose } from './choose-session.js';
import { withClient } from './connect.js';
import { badInput } from './failure.js';
import { filesFrom, filesOption } from './files-option.js';
import { exitCodes, lesson } from './help.js';
import { commandLine } from './invocation.js';
import { MOMENT } from './moments/argument.js';
import { type Output, openOutput } from './output.js';
import { plain } from './plain-text.js';
import { promptFrom } from './prompt-argument.js';
import { sayToldOf, sayWait, sendCommand } from './send.js';
import { sessionTable } from './session-text.js';
import { placeInLine } from './update.js';

type Options = CommonOptions & { prompt?: string; at?: string; files?: string; id?: string; by?: string };

export function registerResume(program: Program): void {
  program
    .command('resume')
    .summary('pick up a session of a task')
    .description(
      'Picks up a session, or a moment (--at): with --prompt it is told something new, without one its unfinished work ' +
        'goes on. Without either and with several sessions to choose from, it shows them and asks.',
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .argument('[session]', 'number or id, as taskrun sessions lists them')
    .option('--prompt <text>', 'what to do; "-" reads it from stdin')
    .option('--at <moment>', MOMENT)
    .addOption(filesOption(`${DEFAULTS.resumeFiles}, or what the task was started with`))
    .option('--id <command-id>', 'makes it one command: the same id again changes nothing')
    .option('--by <name>', 'who asks; default: the user of this machine')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun resume task-4c1…', 'pick from the list'],
          ['taskrun resume task-4c1… 1', 'the first session, as it is'],
          ['taskrun resume task-4c1… 1 --prompt "and now the tests"', 'the first session, with something new'],
          ['taskrun resume task-4c1… --at v1 --files merge', 'a milestone, its files merged with those of today'],
        ],
        next:
          'Claude goes on with --resume=<session>; behind the newest moment of a session with a fork of it, so nothing newer is lost.\n' +
          'Where files differ and --files is ask, the task waits with the differences: taskrun answer. In any case they are kept first.\n' +
          'Without a terminal and without a session: the list, the exact command, exit code 2.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, session, _, self) => resume(taskId, session, self.optsWithGlobals()));
}

async function resume(taskId: string, session: string | undefined, options: Options): Promise<void> {
  const prompt = options.prompt === undefined ? undefined : await promptFrom(options.prompt);
  const files = filesFrom(options.files);
  const out = openOutput(options);
  await withClient(options, async ({ client, config }) => {
    const task = client.task(taskId);
    const sent = await sendCommand(task, 'resume', {
      ...(await meant(out, task, config, session, options)),
      ...files,
      ...(prompt === undefined ? {} : { prompt }),
      ...(options.id === undefined ? {} : { id: options.id }),
      ...(options.by === undefined ? {} : { requestedBy: options.by }),
    });
    sayToldOf(out, { options, taskId, accepted: placeInLine }, 'resume', sent);
    await sayWait(out, task, options);
  });
}

/** A moment names its session; one that is given too counts. */
async function meant(
  out: Output,
  task: TaskHandle,
  config: Config,
  typed: string | undefined,
  options: Options,
): Promise<{ sessionId?: string; checkpoint?: string }> {
  const sessionOf = async (): Promise<string> =>
    typed !== undefined && !isNumber(typed) ? typed : chosen(out, task, task.taskId, typed, options);
  if (options.at === undefined) return { sessionId: await sessionOf() };
  const { checkpointForTask, momentForTask } = await import('./moments/moment-for-task.js');
  const { view } = await task.snapshot();
  if (typed === undefined) return momentForTask(config, task.taskId, options.at, view);
  const { checkpoint } = await checkpointForTask(config, task.taskId, options.at, view);
  return { checkpoint, sessionId: await sessionOf() };
}

async function chosen(
  out: Output,
  task: TaskHandle,
  taskId: string,
  typed: string | undefined,
  options: Options,
): Promise<string> {
  const sessions = await sessionsToChoose(task, options);
  if (typed !== undefined) return sessionIdOf(typed, sessions);
  const [first] = sessions;
  if (first !== undefined && sessions.length === 1) return first.sessionId;
  if (out.interactive) return pickSession(sessions);
  throw mustChoose(out, taskId, sessions, options);
}

/** Nobody is there to be asked: what there is to choose from, and the line that chooses. */
function mustChoose(out: Output, taskId: string, sessions: SessionView[], options: Options): Error {
  out.result(sessionTable(plain(sessions), out.paint), sessions);
  const newest = sessions.at(-1)?.number ?? 1;
  const line = commandLine(
    options,
    ...['resume', taskId, String(newest)],
    ...(options.prompt === undefined ? [] : ['--prompt', options.prompt]),
  );
  return badInput(`session: got nothing, and this task has ${sessions.length}. Name one, for example:\n  ${line}`);
}
