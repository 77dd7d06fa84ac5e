// `taskrun answer`: answers what a task asks. Without a pick a person chooses from its list; where there is no person,
// the list and the exact command are printed.
import type { TaskHandle, WaitingView } from '../client.js';
import type { CommonOptions, Program } from './base-program.js';
import { withClient } from './connect.js';
import { badInput, CliFailure, LEFT_AT_ONCE } from './failure.js';
import { exitCodes, lesson } from './help.js';
import { commandLine } from './invocation.js';
import { pickLines } from './next-commands.js';
import { type Output, openOutput } from './output.js';
import { plain } from './plain-text.js';
import { sayToldOf, sendCommand } from './send.js';

export function registerAnswer(program: Program): void {
  program
    .command('answer')
    .summary('answer what the task asks')
    .description(
      "Answers the question of a task that waits for a choice: which session is meant, or what becomes of today's files.",
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .argument('[pick]', 'a number from its list, a session id, or keep, restore, merge; on a terminal it is asked for')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun ls --waiting choice', 'which tasks ask'],
          ['taskrun show task-4c1…', 'what it asks, and its list'],
          ['taskrun answer task-4c1… 2', 'the second'],
          ['taskrun answer task-4c1… merge', "today's files and those of the moment"],
        ],
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, pick, _, self) => answer(taskId, pick, self.optsWithGlobals()));
}

async function answer(taskId: string, given: string | undefined, options: CommonOptions): Promise<void> {
  const out = openOutput(options);
  await withClient(options, async ({ client }) => {
    const task = client.task(taskId);
    const pick = given ?? (await chosen(out, task, options));
    const sent = await sendCommand(task, 'answer', { pick });
    sayToldOf(out, { options, taskId, accepted: () => `answered: ${pick}` }, 'answer', sent);
  });
}

/** @throws CliFailure of exit code 1 where nothing is asked, 2 where nobody is there to choose */
async function chosen(out: Output, task: TaskHandle, options: CommonOptions): Promise<string> {
  const waiting = plain(await task.waiting());
  if (waiting?.options === undefined || waiting.options.length === 0)
    throw new CliFailure(1, `Task ${task.taskId} asks nothing just now: ${commandLine(options, 'show', task.taskId)}`);
  if (out.interactive) return pickFrom(waiting, waiting.options);
  out.result([waiting.says, ...pickLines(waiting.options)].join('\n'), waiting);
  const first = String(waiting.options.at(-1)?.pick ?? '');
  throw badInput(`pick: got nothing. Name one, for example:\n  ${commandLine(options, 'answer', task.taskId, first)}`);
}

async function pickFrom({ says }: WaitingView, options: NonNullable<WaitingView['options']>): Promise<string> {
  const { isCancel, select } = await import('@clack/prompts');
  const picked = await select({
    message: says,
    options: options.map(({ pick, label }) => ({ value: String(pick), label: `${pick}  ${label}` })),
    output: process.stderr,
  });
  if (isCancel(picked)) throw new CliFailure(LEFT_AT_ONCE, 'Nothing was picked, nothing was sent.');
  return picked;
}
