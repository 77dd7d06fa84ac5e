// One `rewind`: finds the point, says what is gone back behind, asks, and resets the run with nothing played again.
import { randomUUID } from 'node:crypto';
import type { Snapshot, TaskrunClient } from '../../client.js';
import { keepForRewind } from '../../context/store/fence.js';
import { openStore, StoreError } from '../../context/store/store.js';
import type { CommonOptions } from '../base-program.js';
import type { Connected } from '../connect.js';
import { badInput, CliFailure, LEFT_AT_ONCE } from '../failure.js';
import { commandLine } from '../invocation.js';
import { shortId } from '../moments/words.js';
import { type Output, openOutput } from '../output.js';
import { plain } from '../plain-text.js';
import { whoAsks } from '../send.js';
import { ago, count } from '../words.js';
import { type EndedAttempt, findAttempt } from './find-attempt.js';

type Options = CommonOptions & { to: string; yes?: true };

export async function rewind({ client, config }: Connected, taskId: string, options: Options): Promise<void> {
  const out = openOutput(options);
  const seen = await client.task(taskId).snapshot();
  const attempt = await findAttempt(client, config, taskId, options.to);
  const lines = whatItMeans(plain(seen), attempt);
  if (options.yes !== true) await confirm(out, lines);
  else for (const line of lines) out.note(out.notePaint.dim(line));
  const runId = await reset(client, taskId, attempt);
  const { checkpoint } = attempt.ended;
  if (checkpoint !== undefined) await keepFromRetention(config, checkpoint);
  out.result(`rewound to where attempt ${attempt.number} ended`, {
    taskId,
    runId,
    attempt: attempt.number,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  });
  out.note('Conversation and files go back with it when the next attempt begins.');
  out.note(out.notePaint.dim(`See it:  ${commandLine(options, 'show', taskId)}`));
}

/** The store may be out of reach from here; then only what is older than retention allows is in danger, for a while. */
async function keepFromRetention({ store: configured, home }: Connected['config'], checkpoint: string): Promise<void> {
  try {
    await keepForRewind(await openStore({ configured, home }), checkpoint);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}

/** The sentences by which a person decides. */
function whatItMeans({ taskId, view, attempt: live, closedAt }: Snapshot, { number, ended }: EndedAttempt): string[] {
  const { outcome, checkpoint, at } = ended;
  const facts = [
    ...(outcome === undefined ? [] : [outcome]),
    ago(at),
    checkpoint === undefined ? 'no checkpoint' : `checkpoint ${shortId(checkpoint)}`,
  ];
  return [
    `${taskId} goes back to where attempt ${number} ended (${facts.join(', ')}).`,
    ...goneBehind(view, at),
    ...(live === undefined ? [] : ['The attempt under way is ended.']),
    ...(closedAt === undefined ? [] : ['The task is closed and is open again then.']),
    'What was kept since stays in the store beside the line (taskrun log); nothing of it is played again.',
  ];
}

function goneBehind(view: Snapshot['view'], at: Date): string[] {
  if (view === undefined) return ['Everything since is gone behind; no worker answers to tell what that is.'];
  const later = (iso: string): boolean => Date.parse(iso) > at.getTime();
  const attempts = view.attempts.filter(({ startedAt }) => later(startedAt)).map(({ number }) => number);
  const commands = view.commands.filter((command) => later(command.at));
  const sessions = view.sessions.filter(({ createdAt }) => later(createdAt));
  const parts = [
    ...(attempts.length === 0 ? [] : [`${count(attempts.length, 'attempt')} (${attempts.join(', ')})`]),
    ...(commands.length === 0
      ? []
      : [`${count(commands.length, 'command')} (${commands.map(({ name }) => name).join(', ')})`]),
    ...(sessions.length === 0 ? [] : [count(sessions.length, 'session')]),
  ];
  return parts.length === 0 ? ['Nothing has happened since.'] : [`Gone behind: ${parts.join(', ')}.`];
}

/** @throws CliFailure where nobody can be asked, or they say no */
async function confirm(out: Output, lines: readonly string[]): Promise<void> {
  for (const line of lines) out.note(line);
  if (!out.interactive)
    throw badInput(
      `${out.json ? `${lines.join(' ')} ` : ''}Nothing was done: nobody can be asked here. Add --yes to do it.`,
    );
  const { confirm: ask, isCancel } = await import('@clack/prompts');
  const yes = await ask({ message: 'Go back?', initialValue: false, output: process.stderr });
  if (isCancel(yes) || !yes) throw new CliFailure(LEFT_AT_ONCE, 'Nothing was done.');
}

/** The server's numbers: no Signal, no Update and no Nexus event after the point is played again. */
const REAPPLY_NONE = 2;
const EXCLUDE_ALL = [1, 2, 3];

async function reset({ temporal }: TaskrunClient, taskId: string, attempt: EndedAttempt): Promise<string> {
  const { point } = attempt.ended;
  if (point === undefined) throw new TypeError('an attempt without a point to go back to');
  const { runId } = await temporal.workflowService.resetWorkflowExecution({
    namespace: temporal.options.namespace,
    workflowExecution: { workflowId: taskId, runId: attempt.runId },
    workflowTaskFinishEventId: point,
    reason: `taskrun rewind to attempt ${attempt.number}, by ${whoAsks() ?? 'unknown'}`,
    requestId: randomUUID(),
    resetReapplyType: REAPPLY_NONE,
    resetReapplyExcludeTypes: EXCLUDE_ALL,
  });
  return runId;
}
