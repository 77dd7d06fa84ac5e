// `taskrun show`: one task as it stands now, or as it goes on (--follow). With no worker up it tells what the server
// itself knows, and says so.
import type { Snapshot } from '../client.js';
import { EXIT } from '../contract/exit-codes.js';
import type { CommonOptions, Program } from './base-program.js';
import { withClient } from './connect.js';
import { closingWords, follow } from './follow.js';
import { exitCodes, lesson } from './help.js';
import { liveLine } from './live-line.js';
import { newsBetween, waitNews, workerNews } from './narration.js';
import { type Output, openOutput } from './output.js';
import { plain } from './plain-text.js';
import { progressLine } from './progress-line.js';
import { taskJson } from './task-json.js';
import { taskText } from './task-text.js';

type Options = CommonOptions & { follow?: true };

export function registerShow(program: Program): void {
  program
    .command('show')
    .summary('show a task: what it does, what it waits for, its sessions and attempts')
    .description(
      'Shows a task: its phase, what it waits for and the command lines that go on, the attempt under way as it is now, ' +
        'sessions, attempts, commands, result.',
    )
    .argument('<task>', 'its id, as taskrun ls lists it')
    .option('-f, --follow', 'go on until the task closes; Ctrl-C ends the watching, not the task')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun show task-4c1…', ''],
          ['taskrun show task-4c1… --follow', 'watch it work'],
          ['taskrun show task-4c1… --json', "the query task, with the server's status and the live attempt merged in"],
        ],
        next: 'Without a worker, memo and description answer: phase, wait, live attempt. With --follow exit code 1 means that the task did not finish well.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action((taskId, _, self) => show(taskId, self.optsWithGlobals()));
}

async function show(taskId: string, options: Options): Promise<void> {
  const out = openOutput(options);
  await withClient(options, async ({ client }) => {
    if (options.follow === true) process.exitCode = await watch(taskId, options, client.task(taskId));
    else {
      const seen = await client.task(taskId).snapshot();
      out.result(taskText(plain(seen), out.paint, options), taskJson(seen));
    }
  });
}

type Task = Parameters<typeof follow>[0];

async function watch(taskId: string, options: Options, task: Task): Promise<number> {
  const out = openOutput(options);
  const line = liveLine(process.stderr, !out.json);
  let last: Snapshot | undefined;
  line.show(() => (last === undefined ? `looking at ${plain(taskId)}` : progressLine(last)));
  try {
    const rest = await follow(task, {
      until: 'closed',
      onSeen: (raw) => {
        const seen = plain(raw);
        const first = last === undefined;
        out.event({ event: 'task', ...taskJson(raw) });
        line.above(() => {
          if (!out.json && first) out.result(taskText(seen, out.paint, options), undefined);
          else for (const news of allNews(last, seen, out)) out.note(news);
        });
        last = seen;
      },
      onSilence: () => line.above(() => out.note('The server does not answer; trying again for a minute.')),
    });
    line.stop();
    return rest.how === 'left' ? EXIT.done : await sayClosed(rest.seen, task, options);
  } finally {
    line.stop();
  }
}

const allNews = (before: Snapshot | undefined, after: Snapshot, { notePaint }: Output): string[] => [
  ...workerNews(before, after),
  ...newsBetween(before, after, notePaint),
  ...waitNews(before, after, notePaint),
];

async function sayClosed(seen: Snapshot, task: Task, options: Options): Promise<number> {
  const out = openOutput(options);
  if (seen.status === 'COMPLETED') {
    const result = await task.result();
    if (out.json) out.event({ event: 'ended', taskId: seen.taskId, status: seen.status, result });
    else out.result(plain(result.text), undefined);
    return EXIT.done;
  }
  const says = await closingWords(task, seen);
  out.event({ event: 'ended', taskId: seen.taskId, status: seen.status, says });
  out.note(plain(says));
  return EXIT.failed;
}
