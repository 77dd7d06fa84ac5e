// `taskrun ls`: the tasks of the namespace, from Temporal's own list and the memo: no worker is asked.

import { describeExecution } from '../client/execution.js';
import type { TaskListed } from '../client.js';
import { fromPlainText } from '../contract/plain-markdown.js';
import { excerpt } from '../contract/text.js';
import { PHASES, type Phase, type TaskMemo, taskMemo, WAITING_FOR } from '../contract/views.js';
import type { CommonOptions, Program } from './base-program.js';
import { type Connected, withClient } from './connect.js';
import { badInput } from './failure.js';
import { exitCodes, lesson } from './help.js';
import { openOutput, type Paint } from './output.js';
import { plain } from './plain-text.js';
import { columns } from './table.js';
import { paintPhase, phaseWord } from './task-text.js';
import { ago } from './words.js';

type Options = CommonOptions & { phase?: string; waiting?: string | true; all?: true; limit: string };

export function registerLs(program: Program): void {
  program
    .command('ls')
    .summary('list tasks')
    .description('Lists the open tasks of the namespace, the newest first. Needs no worker.')
    .option('--all', 'closed ones too')
    .option('--phase <phase>', `only those in this phase: ${PHASES.join(', ')}`)
    .option('--waiting [for]', `only those that wait, for anything or for: ${WAITING_FOR.join(', ')}`)
    .option('--limit <number>', 'at most so many', '50')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun ls', 'what is open'],
          ['taskrun ls --waiting operator', 'what a person must decide'],
          ['taskrun ls --all --json', 'everything that the server still keeps, for a program'],
        ],
      }),
    )
    .addHelpText('after', exitCodes)
    .action((_, self) => ls(self.optsWithGlobals()));
}

type Row = {
  taskId: string;
  status: string;
  phase: Phase | null;
  waiting: TaskMemo['waiting'];
  startedAt: Date;
  closedAt?: Date;
  title?: string;
  sessions?: string[];
};

async function ls(options: Options): Promise<void> {
  const wanted = filterFrom(options);
  const out = openOutput(options);
  const rows = await withClient(options, (connected) => list(connected, options, wanted));
  out.result(rows.length === 0 ? 'no tasks' : tableOf(plain(rows), out.paint), rows);
}

/** Descriptions asked for at the same time. */
const AT_ONCE = 20;

type Wanted = { holds: (row: Row) => boolean; limit: number };

function filterFrom({ phase, waiting, limit }: Options): Wanted {
  if (phase !== undefined) oneOf('--phase', phase, PHASES);
  if (typeof waiting === 'string') oneOf('--waiting', waiting, WAITING_FOR);
  if (!/^[1-9]\d{0,4}$/.test(limit)) throw badInput(`--limit: got ${JSON.stringify(limit)}; allowed: 1 to 99999`);
  return {
    limit: Number(limit),
    holds: (row) =>
      (phase === undefined || row.phase === phase) &&
      (waiting === undefined || (row.waiting !== null && (waiting === true || row.waiting.for === waiting))),
  };
}

function oneOf(option: string, got: string, allowed: readonly string[]): void {
  if (!allowed.includes(got)) throw badInput(`${option}: got ${JSON.stringify(got)}; allowed: ${allowed.join(', ')}`);
}

/** Filtered by the memo, which every task has: search attributes are there only where the namespace knows them. */
async function list({ client }: Connected, { all }: Options, { holds, limit }: Wanted): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const listed of client.list(all === true ? undefined : 'ExecutionStatus = "Running"')) {
    const row = rowOf(listed);
    if (holds(row)) rows.push(row);
    if (rows.length === limit) break;
  }
  const titled: Row[] = [];
  for (let at = 0; at < rows.length; at += AT_ONCE)
    titled.push(...(await Promise.all(rows.slice(at, at + AT_ONCE).map((row) => withTitle(client, row)))));
  return titled;
}

function rowOf({ taskId, status, startedAt, closedAt, memo: raw }: TaskListed): Row {
  const memo = taskMemo.safeParse(raw).data;
  return {
    taskId,
    status,
    phase: phaseOf(status, memo),
    waiting: status === 'RUNNING' ? (memo?.waiting ?? null) : null,
    startedAt,
    ...(closedAt === undefined ? {} : { closedAt }),
  };
}

/** Null where Temporal itself ended the task: the contract has no phase for that. */
function phaseOf(status: string, memo: TaskMemo | undefined): Phase | null {
  const word = phaseWord({ status, ...(memo === undefined ? {} : { memo }) });
  return PHASES.find((phase) => phase === word) ?? null;
}

/** The list itself carries neither; a description does. */
async function withTitle(client: Connected['client'], row: Row): Promise<Row> {
  const { summary, sessionIds } = (await describeExecution(client.temporal, row.taskId).catch(() => undefined)) ?? {};
  return {
    ...row,
    ...(summary === undefined ? {} : { title: fromPlainText(summary) }),
    ...(sessionIds === undefined ? {} : { sessions: sessionIds }),
  };
}

function tableOf(rows: Row[], paint: Paint): string {
  const cells = rows.map(({ taskId, status, phase, waiting, startedAt, title = '', sessions }) => [
    taskId,
    paintPhase(phase ?? phaseWord({ status }), paint),
    waiting?.for ?? '',
    ago(startedAt),
    sessions === undefined ? '' : String(sessions.length),
    excerpt(title, 60),
  ]);
  return columns(paint, ['task', 'phase', 'waits for', 'started', 'sessions', 'title'], cells);
}
