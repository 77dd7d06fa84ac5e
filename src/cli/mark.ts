// `taskrun mark`: names the newest checkpoint as a milestone, which retention never takes.
import type { CommonOptions, Program } from './base-program.js';
import { withClient } from './connect.js';
import { exitCodes, lesson } from './help.js';
import { shortId } from './moments/words.js';
import { openOutput } from './output.js';
import { sayToldOf, sendCommand } from './send.js';
import { settled } from './settled.js';

type Options = CommonOptions & { id?: string; by?: string };

export function registerMark(program: Program): void {
  program
    .command('mark')
    .summary('name the newest moment as a milestone')
    .description(
      'Gives the newest checkpoint of a task a label. A milestone is kept for good, and can be gone back to.',
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .argument('<label>', 'such as v1 or "before the rewrite"')
    .option('--id <command-id>', 'makes it one command: the same id again changes nothing')
    .option('--by <name>', 'who asks; default: the user of this machine')
    .addHelpText(
      'after',
      lesson({
        examples: [['taskrun mark task-4c1… v1', '']],
        next: 'taskrun restore <task> v1 brings its files back, taskrun rewind <task> --to v1 the whole task, taskrun fork <task> "…" --at v1 starts another from there.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, label, _, self) => mark(taskId, label, self.optsWithGlobals()));
}

async function mark(taskId: string, label: string, options: Options): Promise<void> {
  const { id, by } = options;
  const out = openOutput(options);
  await withClient(options, async ({ client }) => {
    const task = client.task(taskId);
    const sent = await sendCommand(task, 'mark', {
      label,
      ...(id === undefined ? {} : { id }),
      ...(by === undefined ? {} : { requestedBy: by }),
    });
    if (sent.via === 'signal') return sayToldOf(out, { options, taskId, accepted: () => '' }, 'mark', sent);
    const command = await settled(task, sent.answer.commandId);
    const milestone = (await task.view()).milestones.find((one) => one.label === label);
    const where = milestone === undefined ? '' : `: checkpoint ${shortId(milestone.checkpoint)}`;
    const kept = command === undefined ? ', accepted and not kept by the store yet' : '';
    out.result(`milestone ${label}${where}${kept}`, {
      ...sent.answer,
      state: command?.state ?? 'queued',
      ...(milestone === undefined ? {} : { milestone }),
    });
  });
}
