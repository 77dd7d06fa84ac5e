// What `run` says around the work: where it happens, what else goes on here, how it ended, how to go on.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeExecution } from '../../client/execution.js';
import type { Snapshot } from '../../client.js';
import { EXIT } from '../../contract/exit-codes.js';
import { taskMemo } from '../../contract/views.js';
import { taskPlace } from '../../host/task-place.js';
import type { CommonOptions } from '../base-program.js';
import { closingWords, type Rest } from '../follow.js';
import { commandLine } from '../invocation.js';
import { answerLines } from '../next-commands.js';
import type { Output } from '../output.js';
import { plain } from '../plain-text.js';
import { taskJson } from '../task-json.js';
import type { Up } from './bring-up.js';

export type Ended = { taskId: string; up: Up; options: CommonOptions; interrupted: boolean };

/** A namespace may hold any number of tasks, and this is only a hint. */
const LOOK_AT_MOST = 200;

export function sayWhere(out: Output, { server, worker }: Up): void {
  const { dim } = out.notePaint;
  out.note(dim(`server  ${server.says}${server.uiUrl === undefined ? '' : ` (UI: ${server.uiUrl})`}`));
  if (worker === undefined) return out.note(dim('worker  those of this server'));
  out.note(dim(`worker  in this process, Claude Code ${worker.report.claude.version}; log: ${worker.log}`));
}

/** Tasks that were cut off earlier go on as soon as there is a worker: nobody should wonder at that. */
export async function sayOthers(out: Output, { client, worker }: Up, taskId: string): Promise<void> {
  if (worker === undefined || out.json) return;
  const others: string[] = [];
  let looked = 0;
  for await (const other of client.list('ExecutionStatus = "Running"')) {
    const phase = taskMemo.safeParse(other.memo).data?.phase ?? 'preparing';
    if (other.taskId !== taskId && ['preparing', 'working'].includes(phase)) others.push(plain(other.taskId));
    looked += 1;
    if (others.length === 4 || looked === LOOK_AT_MOST) break;
  }
  if (others.length === 0) return;
  const shown = others.slice(0, 3).join(', ');
  out.note(out.notePaint.dim(`also open here, and worked while this runs: ${shown}${others.length > 3 ? ', …' : ''}`));
}

/** Says how the task came to rest. Returns the exit code. */
export async function sayEnd(out: Output, rest: Rest, ended: Ended): Promise<number> {
  const goOn = commandLine(ended.options, 'run', '--task', ended.taskId);
  if (rest.how === 'left') return sayLeft(out, ended, goOn);
  if (rest.how === 'parked') return sayParked(out, rest.seen, ended, goOn);
  if (rest.how === 'idle') return sayIdle(out, rest.seen, ended);
  if (rest.seen.status !== 'COMPLETED') return sayClosedBadly(out, rest.seen, ended);
  return sayDone(out, rest.seen, ended, await ended.up.client.task(ended.taskId).result());
}

async function sayDone(
  out: Output,
  seen: Snapshot,
  ended: Ended,
  result: { text: string } | undefined,
): Promise<number> {
  const files = await workspaceOf(ended.up, ended.taskId);
  if (files !== undefined) out.note(out.notePaint.dim(`files   ${files}`));
  if (out.json) out.event({ ...endEvent(seen, ended, EXIT.done), result: result ?? null });
  else if (result !== undefined && result.text !== '') out.result(plain(result.text), undefined);
  return EXIT.done;
}

async function sayIdle(out: Output, seen: Snapshot, ended: Ended): Promise<number> {
  const more = commandLine(ended.options, 'run', '--task', ended.taskId, 'what is next');
  out.note(out.notePaint.dim(`The task is idle and stays open. Tell it more:  ${more}`));
  return sayDone(out, seen, ended, seen.view?.result);
}

async function sayClosedBadly(out: Output, seen: Snapshot, ended: Ended): Promise<number> {
  const says = await closingWords(ended.up.client.task(ended.taskId), seen);
  out.event({ ...endEvent(seen, ended, EXIT.failed), says });
  out.note(out.notePaint.red(plain(says)));
  return EXIT.failed;
}

function sayParked(out: Output, seen: Snapshot, ended: Ended, goOn: string): number {
  const waiting = plain(seen.view?.waiting);
  out.event({ ...endEvent(seen, ended, EXIT.parked), goOn });
  if (ended.interrupted) {
    out.note(`Stopped gently: the task, its conversation and its files are kept.\nGo on with:  ${goOn}`);
    return EXIT.parked;
  }
  const answers = answerLines(ended.options, ended.taskId, waiting?.answerWith ?? []);
  // The answers need a server, and the one of this process ends with it.
  const needs = ended.up.server.via === 'home' ? `With a server up (${commandLine(ended.options, 'dev')})` : 'Or';
  const lines = [
    `The task waits for a person (${waiting?.for}): ${waiting?.says}`,
    // A question is not answered by going on.
    ...(waiting?.for === 'choice' ? [] : ['Go on with:', `  ${goOn}`]),
    `${needs}:`,
    ...answers.map((line) => `  ${line}`),
  ];
  out.note(lines.join('\n'));
  return EXIT.parked;
}

function sayLeft(out: Output, ended: Ended, goOn: string): number {
  out.event({ event: 'left', taskId: ended.taskId, exitCode: EXIT.parked, goOn });
  out.note(`The work was handed over: the task goes on when a worker comes.\nGo on with:  ${goOn}`);
  return EXIT.parked;
}

const endEvent = (seen: Snapshot, { taskId }: Ended, exitCode: number): Record<string, unknown> => ({
  event: 'ended',
  taskId,
  status: seen.status,
  phase: taskJson(seen)['phase'],
  waiting: seen.view?.waiting ?? null,
  exitCode,
});

/** Where Claude worked, for a task with a workspace of its own on this host. */
async function workspaceOf({ client, config, worker }: Up, taskId: string): Promise<string | undefined> {
  if (worker === undefined) return undefined;
  const { firstRunId: incarnation } = await describeExecution(client.temporal, taskId);
  const tasks = join(config.home, 'tasks');
  const { workspace } = taskPlace({ tasks }, { namespace: config.temporal.namespace, taskId, incarnation });
  const found = await stat(workspace).catch(() => undefined);
  return found === undefined ? undefined : workspace;
}
