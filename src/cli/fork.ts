// `taskrun fork`: another task from a moment of this one, which goes on undisturbed.
import { randomUUID } from 'node:crypto';
import type { TaskHandle } from '../client.js';
import type { Config } from '../config.js';
import { rememberedKey } from '../contract/command-id.js';
import { BOUNDS } from '../contract/limits.js';
import { cutBytes } from '../contract/text.js';
import type { CommonOptions, Program } from './base-program.js';
import { isNumber, sessionIdOf, sessionsToChoose } from './choose-session.js';
import { withClient } from './connect.js';
import { exitCodes, lesson } from './help.js';
import { commandLine } from './invocation.js';
import { MOMENT } from './moments/argument.js';
import { openOutput } from './output.js';
import { promptFrom } from './prompt-argument.js';
import { sayToldOf, sendCommand } from './send.js';
import { settled } from './settled.js';

type Options = CommonOptions & { session?: string; at?: string; taskId?: string; id?: string; by?: string };

export function registerFork(program: Program): void {
  program
    .command('fork')
    .summary('start another task from a moment of this one')
    .description(
      'Starts a new task from a moment of this one: its files in a workspace of its own, its conversation as a fork. This task goes on undisturbed, and the new one outlives it.',
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .argument('<prompt>', 'what the new task shall do; "-" reads it from stdin')
    .option('--session <number-or-id>', "whose conversation; default: the moment's own")
    .option('--at <moment>', `${MOMENT}; default: the newest`)
    .option('--task-id <id>', "the new task's id; default: made from this one's")
    .option('--id <command-id>', 'makes it one command: the same id again changes nothing and gets the first answer')
    .option('--by <name>', 'who asks; default: the user of this machine')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun fork task-4c1… "try it with the other library"', 'prints the id of the new task'],
          ['taskrun fork task-4c1… "the same for v2" --at v1 --session 1', 'from a milestone'],
        ],
        next: 'taskrun show <new task> --follow watches it. From a closed task: taskrun start "…" --from <task>.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, prompt, _, self) => fork(taskId, prompt, self.optsWithGlobals()));
}

async function fork(taskId: string, promptGiven: string, options: Options): Promise<void> {
  const prompt = await promptFrom(promptGiven);
  const out = openOutput(options);
  await withClient(options, async ({ client, config }) => {
    const task = client.task(taskId);
    const { session, at, by } = options;
    const named = at === undefined ? {} : { checkpoint: await checkpointOf(task, config, at) };
    const sessionId =
      session !== undefined && isNumber(session)
        ? sessionIdOf(session, await sessionsToChoose(task, options))
        : session;
    const id = options.id ?? randomUUID();
    const newTask = options.taskId ?? childId(taskId, id);
    const sent = await sendCommand(task, 'fork', {
      prompt,
      ...named,
      ...(sessionId === undefined ? {} : { sessionId }),
      taskId: newTask,
      id,
      ...(by === undefined ? {} : { requestedBy: by }),
    });
    if (sent.via === 'signal') return sayToldOf(out, { options, taskId, accepted: () => newTask }, 'fork', sent);
    const command = await settled(task, sent.answer.commandId);
    out.result(newTask, { ...sent.answer, taskId: newTask, state: command?.state ?? 'queued' });
    if (command === undefined) out.note(`It is accepted and not started yet: ${commandLine(options, 'show', taskId)}`);
    out.note(out.notePaint.dim(`Watch it:  ${commandLine(options, 'show', newTask, '--follow')}`));
  });
}

async function checkpointOf(task: TaskHandle, config: Config, name: string): Promise<string> {
  const { checkpointForTask } = await import('./moments/moment-for-task.js');
  const { view } = await task.snapshot();
  return (await checkpointForTask(config, task.taskId, name, view)).checkpoint;
}

/** The same command names the same task, so that sending it twice starts one. */
const childId = (taskId: string, commandId: string): string =>
  `${cutBytes(taskId, BOUNDS.taskIdBytes / 2)}-fork-${rememberedKey(commandId)}`;
