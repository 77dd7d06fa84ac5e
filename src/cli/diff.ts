// `taskrun diff`: what differs between two moments' files. The store alone is asked.
import type { CommonOptions, Program } from './base-program.js';
import { exitCodes, lesson } from './help.js';
import { MOMENT } from './moments/argument.js';
import { openOutput } from './output.js';
import { settingsOf } from './settings.js';

type Options = CommonOptions & { stat?: true };

export function registerDiff(program: Program): void {
  program
    .command('diff')
    .summary('show what differs between two moments of a task')
    .description('Shows what changed in the files from moment A to moment B.')
    .argument('<task>', 'its id; a closed one too')
    .argument('[A]', `${MOMENT}; default: the one before the newest`)
    .argument('[B]', "another; default: the newest of the task's line")
    .option('--stat', 'a line a file instead of the content')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun diff task-4c1…', 'what the newest moment changed'],
          ['taskrun diff task-4c1… 1a2b3c4', 'everything since that moment'],
          ['taskrun diff task-4c1… v1 v2 --stat', 'between two milestones, a line a file'],
          ['taskrun diff task-4c1… v1 > since-v1.patch', 'as a file it can be given to git apply'],
        ],
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, a, b, _, self) => diff(taskId, [a, b], self.optsWithGlobals()));
}

async function diff(taskId: string, [a, b]: [string | undefined, string | undefined], options: Options): Promise<void> {
  const out = openOutput(options);
  const settings = settingsOf(options);
  const [{ twoMoments }, { changesBetween, diffText }, { sayMoment }] = await Promise.all([
    import('./moments/two-moments.js'),
    import('../context/compare/changes.js'),
    import('./moments/words.js'),
  ]);
  const { store, from, to } = await twoMoments(settings, taskId, a, b);
  if (out.json) {
    const { changes, total } = await changesBetween(store, from.id, to.id);
    return out.result('', { from: from.id, to: to.id, total, changes });
  }
  out.note(out.notePaint.dim(`from ${sayMoment(from)} to ${sayMoment(to)}`));
  const terminal = process.stdout.isTTY;
  const color = terminal && process.stdout.hasColors();
  const text = await diffText(store, from.id, to.id, { stat: options.stat === true, terminal, color });
  if (text.length === 0) return out.note('no difference in the files');
  process.stdout.write(text);
}
