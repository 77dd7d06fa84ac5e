// The tables of the task's page: sessions, attempts, commands. The column is narrow: few columns, the newest on top.
import type { AttemptView, CommandView, SessionView, TaskView } from '../contract/views.js';
import { cell, code, table } from './markdown.js';
import { sayCause } from './summary.js';
import { sessionLabel } from './waiting.js';

/** How much of the task is shown: rows of each table, characters of foreign text. */
export interface Room {
  sessions: number;
  attempts: number;
  commands: number;
  textChars: number;
  saysChars: number;
}

/** The active session first, then the most recently active. */
export function sessionsPart(task: TaskView, room: Room): string {
  const active = (session: SessionView): number => (session.sessionId === task.activeSessionId ? 1 : 0);
  const sessions = [...task.sessions].sort(
    (a, b) => active(b) - active(a) || b.lastActiveAt.localeCompare(a.lastActiveAt) || b.number - a.number,
  );
  const rows = sessions.slice(0, room.sessions).map((session) => sessionRow(session, room));
  const more = moreOf(rows.length, task.sessionsTotal, 'sessions');
  return `## Sessions\n\n${table(['#', 'asked → said', 'state', 'session'], rows)}${more}`;
}

function sessionRow(session: SessionView, room: Room): string[] {
  const status = session.status === 'resting' ? 'resting' : `**${session.status}**`;
  return [
    String(session.number),
    cell(sessionLabel(session), room.textChars),
    `${status}, ${sayTime(session.lastActiveAt)}`,
    code(session.sessionId),
  ];
}

export function attemptsPart(task: TaskView, room: Room): string {
  if (task.attempts.length === 0) return '';
  const rows = task.attempts
    .slice(-room.attempts)
    .toReversed()
    .map((attempt) => [String(attempt.number), launch(attempt, task), outcome(attempt, room)]);
  return `## Attempts\n\n${table(['#', 'launch', 'outcome'], rows)}${moreOf(rows.length, task.attemptsTotal, 'attempts')}`;
}

function launch(attempt: AttemptView, task: TaskView): string {
  const flag = /^--[a-z-]+/.exec(attempt.sent)?.[0];
  const session = task.sessions.find(({ sessionId }) => sessionId === attempt.sessionId);
  return [
    ...(flag === undefined ? [] : [code(flag)]),
    ...(session === undefined ? [] : [`session ${session.number}`]),
    sayCause(attempt.cause),
  ].join(' · ');
}

function outcome(attempt: AttemptView, room: Room): string {
  if (attempt.outcome === null) return `**at work** since ${sayTime(attempt.startedAt)}`;
  const { problem, decidedWhy = '' } = attempt;
  return [
    `${attempt.outcome}, ${sayTime(attempt.endedAt ?? attempt.startedAt)}`,
    ...(problem === undefined ? [] : [cell(problem.says, room.textChars)]),
    ...(attempt.outcome === 'done' || decidedWhy === '' ? [] : [cell(decidedWhy, room.textChars)]),
  ].join(' · ');
}

export function commandsPart(task: TaskView, room: Room): string {
  if (task.commands.length === 0) return '';
  const rows = task.commands
    .slice(-room.commands)
    .toReversed()
    .map((command) => commandRow(command, room));
  const more = moreOf(rows.length, task.commandsTotal, 'task');
  return `## Commands\n\n${table(['command', 'state', 'id'], rows)}${more}`;
}

function commandRow(command: CommandView, room: Room): string[] {
  const by = command.by === undefined ? '' : ` by ${cell(command.by, 40)}`;
  const why = command.why === undefined ? '' : `: ${cell(command.why, room.textChars)}`;
  return [
    `${cell(command.name, 40)}${by}, ${sayTime(command.at)}`,
    `${command.state}${why}`,
    cell(command.id, Math.min(room.textChars, 64)),
  ];
}

const moreOf = (shown: number, total: number, query: string): string =>
  total > shown ? `\n\n${shown} of ${total}; more in the query \`${query}\`.` : '';

/** "11-22 20:45": UTC, as the page's first line says. */
const sayTime = (iso: string): string => iso.slice(5, 16).replace('T', ' ');
