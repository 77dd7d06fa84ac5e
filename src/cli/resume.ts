// `taskrun resume`: picks up a given session of a task. Without one, and with several to choose from, a person picks
// from a list; where there is no person, the list and the exact command are printed.
import type { SessionView, TaskHandle } from '../client.js';
import type { CommonOptions, Program } from './base-program.js';
import { isNumber, pickSession, sessionIdOf, sessionsToChoose } from './choose-session.js';
import { withClient } from './connect.js';
import { badInput } from './failure.js';
import { exitCodes, lesson } from './help.js';
import { commandLine } from './invocation.js';
import { type Output, openOutput } from './output.js';
import { plain } from './plain-text.js';
import { promptFrom } from './prompt-argument.js';
import { sayToldOf, sayWait, sendCommand } from './send.js';
import { sessionTable } from './session-text.js';
import { placeInLine } from './update.js';

type Options = CommonOptions & { prompt?: string; id?: string; by?: string };

export function registerResume(program: Program): void {
  program
    .command('resume')
    .summary('pick up a session of a task')
    .description(
      'Picks up a session: with --prompt it is told something new, without one its unfinished work goes on. ' +
        'Without a session and with several to choose from, it shows them and asks.',
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .argument('[session]', 'number or id, as taskrun sessions lists them')
    .option('--prompt <text>', 'what to do; "-" reads it from stdin')
    .option('--id <command-id>', 'makes it one command: the same id again changes nothing')
    .option('--by <name>', 'who asks; default: the user of this machine')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun resume task-4c1…', 'pick from the list'],
          ['taskrun resume task-4c1… 1', 'the first session, as it is'],
          ['taskrun resume task-4c1… 1 --prompt "and now the tests"', 'the first session, with something new'],
        ],
        next: 'Claude goes on with --resume=<session>. Without a terminal and without a session: the list, the exact command, exit code 2.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, session, _, self) => resume(taskId, session, self.optsWithGlobals()));
}

async function resume(taskId: string, session: string | undefined, options: Options): Promise<void> {
  const prompt = options.prompt === undefined ? undefined : await promptFrom(options.prompt);
  const out = openOutput(options);
  await withClient(options, async ({ client }) => {
    const task = client.task(taskId);
    const sessionId =
      session !== undefined && !isNumber(session) ? session : await chosen(out, task, taskId, session, options);
    const sent = await sendCommand(task, 'resume', {
      sessionId,
      ...(prompt === undefined ? {} : { prompt }),
      ...(options.id === undefined ? {} : { id: options.id }),
      ...(options.by === undefined ? {} : { requestedBy: options.by }),
    });
    sayToldOf(out, { options, taskId, accepted: placeInLine }, 'resume', sent);
    await sayWait(out, task, options);
  });
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
