// Which attempt a rewind goes back to, and the run that holds its end: over the whole chain of runs, and for one that an
// earlier rewind went behind also in the runs that were left.

import { describeExecution, listExecutions } from '../../client/execution.js';
import type { TaskrunClient } from '../../client.js';
import type { Config } from '../../config.js';
import { badInput } from '../failure.js';
import { labelsOf } from '../moments/ask-task.js';
import { findMoment } from '../moments/find-moment.js';
import { momentsOf } from '../moments/task-moments.js';
import { sayMoment, shortId } from '../moments/words.js';
import { type AttemptInRun, type RunHistory, readRun } from './run-history.js';

export type EndedAttempt = AttemptInRun & { ended: NonNullable<AttemptInRun['ended']> };

/** @throws CliFailure of exit code 2 where there is no such attempt, or none that has ended */
export async function findAttempt(
  client: TaskrunClient,
  config: Config,
  taskId: string,
  to: string,
): Promise<EndedAttempt> {
  if (/^\d{1,6}$/.test(to)) return byNumber(client, taskId, Number(to));
  return byMoment(client, config, taskId, to);
}

async function byNumber(client: TaskrunClient, taskId: string, number: number): Promise<EndedAttempt> {
  const seen: AttemptInRun[] = [];
  for await (const attempts of chainOf(client, taskId)) {
    const found = attempts.find((one) => one.number === number);
    if (found !== undefined) return mustHaveEnded(found);
    seen.push(...attempts);
  }
  const numbers = seen.filter(({ ended }) => ended !== undefined).map((one) => one.number);
  const known =
    numbers.length === 0 ? 'none has ended yet' : `ended: ${Math.min(...numbers)} to ${Math.max(...numbers)}`;
  throw badInput(`--to: got ${number}; attempts of ${taskId} that the server still keeps: ${known}.`);
}

async function byMoment(client: TaskrunClient, config: Config, taskId: string, name: string): Promise<EndedAttempt> {
  const of = await momentsOf(config, taskId, [name]);
  const moment = await findMoment(of, name, '--to', () => labelsOf(config, taskId));
  const found = await byId(client, taskId, moment.moment.attempt.id);
  if (found === undefined)
    throw badInput(
      `--to: the server keeps no run of ${taskId} with ${sayMoment(moment)} any more. taskrun restore brings back its files and conversation.`,
    );
  const attempt = mustHaveEnded(found);
  const left = attempt.ended.checkpoint;
  if (left === undefined || left === moment.id) return attempt;
  throw badInput(
    `--to: checkpoint ${shortId(moment.id)} is not what attempt ${attempt.number} ended with (${shortId(left)}), and a task goes back to the end of an attempt: ` +
      `--to ${attempt.number}. taskrun restore brings back the files of any moment.`,
  );
}

async function byId(client: TaskrunClient, taskId: string, attemptId: string): Promise<AttemptInRun | undefined> {
  const looked = new Set<string>();
  for await (const attempts of chainOf(client, taskId)) {
    const found = attempts.find(({ id }) => id === attemptId);
    if (found !== undefined) return found;
    for (const { runId } of attempts) looked.add(runId);
  }
  const query = `WorkflowId = "${taskId.replace(/["\\]/g, '\\$&')}"`;
  for await (const { runId } of listExecutions(client.temporal, query)) {
    if (looked.has(runId)) continue;
    const { attempts } = await readRun(client.temporal, taskId, runId);
    const found = attempts.find(({ id }) => id === attemptId);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The attempts of each run, the newest run first, back to the first one that the server still keeps. */
async function* chainOf({ temporal }: TaskrunClient, taskId: string): AsyncGenerator<AttemptInRun[], void, void> {
  let runId: string | undefined = (await describeExecution(temporal, taskId)).execution.runId;
  for (let first = true; runId !== undefined; first = false) {
    const run: RunHistory | undefined = await readRun(temporal, taskId, runId).catch((error: unknown) => {
      if (first || (error as { code?: unknown }).code !== NOT_FOUND) throw error;
      return undefined;
    });
    yield run?.attempts ?? [];
    runId = run?.before;
  }
}

const NOT_FOUND = 5;

function mustHaveEnded(found: AttemptInRun): EndedAttempt {
  const { ended } = found;
  if (ended?.point !== undefined) return { ...found, ended };
  throw badInput(
    `--to: attempt ${found.number} ${ended === undefined ? 'is still at work' : 'has ended this very moment; try again'}.`,
  );
}
