// A task for people, as `show` prints it: what it does now, what it waits for and the commands that go on, its sessions
// and attempts, its result. Takes what can be seen: with no worker up that is less, and it says so.
import type { AttemptView, Snapshot, TaskView } from '../client.js';
import { excerpt } from '../contract/text.js';
import { sayUntil } from '../view/waiting.js';
import type { CommonOptions } from './base-program.js';
import { commandLine } from './invocation.js';
import { shortId } from './moments/words.js';
import { answerLines, pickLines } from './next-commands.js';
import type { Paint } from './output.js';
import { progressLine } from './progress-line.js';
import { sessionTable } from './session-text.js';
import { columns } from './table.js';
import { ago, count, dollars, shortFlags, spent } from './words.js';

/** `seen` holds plain text alone (plain-text.ts). */
export function taskText(seen: Snapshot, paint: Paint, options: CommonOptions): string {
  const { view } = seen;
  const parts = [
    headline(seen, paint),
    waitingText(seen, paint, options),
    safetyText(seen, paint),
    progressLine(seen) ?? '',
    ...(view === undefined ? [noWorkerText(seen, options)] : viewParts(view, paint)),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** The phase as the contract has it; where Temporal itself ended the task, Temporal's word. */
export function phaseWord({ status, view, memo }: Pick<Snapshot, 'status' | 'view' | 'memo'>): string {
  if (status === 'TERMINATED' || status === 'TIMED_OUT') return status.toLowerCase().replace('_', ' ');
  const closed = { COMPLETED: 'finished', FAILED: 'failed', CANCELLED: 'cancelled' }[status];
  return closed ?? view?.phase ?? memo?.phase ?? 'preparing';
}

export function paintPhase(phase: string, paint: Paint): string {
  if (phase === 'waiting') return paint.yellow(phase);
  if (['failed', 'cancelled', 'terminated', 'timed out'].includes(phase)) return paint.red(phase);
  return phase === 'working' || phase === 'finished' ? paint.green(phase) : phase;
}

function headline(seen: Snapshot, paint: Paint): string {
  const { view } = seen;
  const facts = [
    paintPhase(phaseWord(seen), paint),
    ...(view === undefined ? [] : [dollars(view.costUsd), `context version ${view.contextVersion}`]),
    ...(view === undefined || view.queued === 0 ? [] : [`${view.queued} queued`]),
    `started ${ago(seen.startedAt)}`,
    ...(seen.closedAt === undefined ? [] : [`closed ${ago(seen.closedAt)}`]),
  ];
  const title = view?.title === undefined ? '' : `\n${excerpt(view.title, 120)}`;
  return `${paint.bold(seen.taskId)}  ${facts.join(' · ')}${title}`;
}

/** What is waited for, what can be picked, and the command lines that go on. */
export function waitingText({ taskId, view, memo }: Snapshot, paint: Paint, options: CommonOptions): string {
  const waiting = view === undefined ? memo?.waiting : view.waiting;
  if (waiting === undefined || waiting === null) return '';
  const until = waiting.until === undefined ? '' : ` (${sayUntil(waiting.until, Date.now())})`;
  const picks = pickLines(view?.waiting?.options ?? []);
  const answers = answerLines(options, taskId, waiting.answerWith).map((line) => `  ${paint.cyan(line)}`);
  return [
    `${paint.yellow(`Waits for: ${waiting.for}`)}${until}. ${waiting.says}`,
    ...picks,
    'Go on with:',
    ...answers,
  ].join('\n');
}

/** What an attempt did and no checkpoint holds would be lost with its host. */
const safetyText = ({ view }: Snapshot, paint: Paint): string =>
  view?.noSafetyNet === undefined
    ? ''
    : `${paint.yellow('! No safety net: the newest work has no checkpoint.')} ${view.noSafetyNet}`;

function noWorkerText({ taskId, status }: Snapshot, options: CommonOptions): string {
  const more = status === 'RUNNING' ? ' Commands are taken and wait for one.' : '';
  return (
    `No worker answers: this is what the server itself knows of ${taskId}.${more}\n` +
    `For sessions and attempts start one: ${commandLine(options, 'worker')}`
  );
}

function viewParts(view: TaskView, paint: Paint): string[] {
  const more =
    view.sessionsTotal > view.sessions.length ? `, the newest ${view.sessions.length} of ${view.sessionsTotal}` : '';
  return [
    `${paint.bold('Sessions')}${more}\n${sessionTable(view.sessions, paint)}`,
    attemptsText(view, paint),
    milestonesText(view, paint),
    commandsText(view, paint),
    view.result === undefined || view.result.text === '' ? '' : `${paint.bold('Result')}\n${view.result.text}`,
  ];
}

const SHOWN = 10;

function attemptsText({ attempts, attemptsTotal }: TaskView, paint: Paint): string {
  const shown = attempts.slice(-SHOWN);
  if (shown.length === 0) return '';
  const more = attemptsTotal > shown.length ? `, the newest ${shown.length} of ${attemptsTotal}` : '';
  const head = ['#', 'cause', 'sent', 'outcome', 'took', '', 'cost', 'checkpoint', 'problem'];
  return `${paint.bold('Attempts')}${more}\n${columns(
    paint,
    head,
    shown.map((attempt) => attemptRow(attempt, paint)),
  )}`;
}

function attemptRow(attempt: AttemptView, paint: Paint): string[] {
  const { problem, outcome } = attempt;
  const bad = outcome === 'fault' || outcome === 'lost' || outcome === 'timedOut';
  return [
    String(attempt.number),
    attempt.cause,
    shortFlags(attempt.sent),
    outcome === null ? 'at work' : bad ? paint.red(outcome) : outcome,
    spent(attempt.startedAt, attempt.endedAt ?? Date.now()),
    count(attempt.turns, 'turn'),
    dollars(attempt.costUsd),
    checkpointCell(attempt, paint),
    problem === undefined ? '' : `${problem.class}: ${excerpt(problem.says, 100)}`,
  ];
}

/** One that is not whole says so. */
function checkpointCell({ checkpoint, lacks = [] }: AttemptView, paint: Paint): string {
  if (checkpoint === undefined) return '';
  return lacks.length === 0 ? shortId(checkpoint) : paint.yellow(`${shortId(checkpoint)}, lacks ${lacks.length}`);
}

function milestonesText({ milestones }: TaskView, paint: Paint): string {
  if (milestones.length === 0) return '';
  const rows = milestones
    .slice(-SHOWN)
    .map(({ label, checkpoint, at, by = '' }) => [excerpt(label, 60), shortId(checkpoint), ago(at), excerpt(by, 20)]);
  return `${paint.bold('Milestones')}\n${columns(paint, ['label', 'checkpoint', 'named', 'by'], rows)}`;
}

function commandsText({ commands, commandsTotal }: TaskView, paint: Paint): string {
  const shown = commands.slice(-SHOWN);
  if (shown.length === 0) return '';
  const more = commandsTotal > shown.length ? `, the newest ${shown.length} of ${commandsTotal}` : '';
  const rows = shown.map(({ name, id, by = '', at, state, why = '' }) => [
    excerpt(name, 30),
    excerpt(id, 64),
    state === 'refused' ? paint.red(state) : state,
    excerpt(by, 20),
    ago(at),
    excerpt(why, 120),
  ]);
  return `${paint.bold('Commands')}${more}\n${columns(paint, ['command', 'id', 'state', 'by', 'sent', 'why'], rows)}`;
}
