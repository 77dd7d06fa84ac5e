// `taskrun log`: the moments of a task as a graph. The store alone tells them; the task adds outcomes and labels.
import type { CommonOptions, Program } from './base-program.js';
import { exitCodes, lesson } from './help.js';
import { openOutput } from './output.js';
import { plain } from './plain-text.js';
import { settingsOf } from './settings.js';

export function registerLog(program: Program): void {
  program
    .command('log')
    .summary("show a task's moments")
    .description(
      "Shows the moments of a task, the newest first: its line of checkpoints, what was kept beside it, its milestones. The store tells them, with no server up too; the task adds outcomes, people and milestones' labels.",
    )
    .argument('<task>', 'its id; a closed one too')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun log task-4c1…', ''],
          ['taskrun log task-4c1… --json', 'the same for a program, with whole ids'],
        ],
        next: 'taskrun diff, checkout, restore, fork --at, rewind --to take a moment by its label or the first 7 digits of its id.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, _, self) => log(taskId, self.optsWithGlobals()));
}

async function log(taskId: string, options: CommonOptions): Promise<void> {
  const out = openOutput(options);
  const settings = settingsOf(options);
  const [{ askTask }, { momentsOf, mustHaveMoments }, { graphText }, { graphJson }] = await Promise.all([
    import('./moments/ask-task.js'),
    import('./moments/task-moments.js'),
    import('./moments/graph-text.js'),
    import('./moments/graph-json.js'),
  ]);
  const view = await askTask(settings, taskId);
  const of = await momentsOf(settings, taskId, view?.milestones.map(({ label }) => label) ?? []);
  if (view === undefined) mustHaveMoments(of);
  out.result(graphText(plain(of), plain(view), out.paint), graphJson(of, view));
  if (view === undefined)
    out.note(
      out.notePaint.dim("The task can't be asked: outcomes, people and the labels of milestones are missing here."),
    );
}
