// The task → the Markdown page that the Temporal UI shows under "User Metadata": an operator reads there what happens
// and copies the very JSON of the next command. Owns the order, the most urgent on top, and the room there is.
import type { CommandName } from '../contract/names.js';
import { plainText } from '../contract/plain-markdown.js';
import { excerpt } from '../contract/text.js';
import type { AttemptView, TaskView, WaitingView } from '../contract/views.js';
import { cell, jsonBlock, urlChars } from './markdown.js';
import { attemptsPart, commandsPart, type Room, sessionsPart } from './page-tables.js';

const ROOMS: readonly Room[] = [
  { sessions: 8, attempts: 5, commands: 6, textChars: 160, saysChars: 2_000 },
  { sessions: 4, attempts: 3, commands: 3, textChars: 100, saysChars: 1_000 },
  { sessions: 2, attempts: 1, commands: 1, textChars: 30, saysChars: 200 },
];

/** The page travels in a URL; a proxy before the UI refuses one above 8 KiB by default (nginx), and the tab stays blank. */
const MAX_URL_CHARS = 7_500;

export function taskPage(task: TaskView): string {
  let page = '';
  for (const room of ROOMS) {
    page = pageIn(room, task);
    if (urlChars(page) <= MAX_URL_CHARS) return page;
  }
  return page;
}

function pageIn(room: Room, task: TaskView): string {
  const parts = [
    `# ${cell(task.title ?? task.taskId, Math.min(room.textChars, 80))}`,
    now(task),
    netPart(task, room),
    waitingPart(task.waiting, room),
    sessionsPart(task, room),
    nextPart(task),
    attemptsPart(task, room),
    commandsPart(task, room),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function now(task: TaskView): string {
  const facts = [
    `**${task.phase}**`,
    attemptNow(task.attempts.at(-1)),
    ...(task.queued === 0 ? [] : [`${task.queued} queued`]),
    `context version ${task.contextVersion}`,
    `${task.costUsd.toFixed(4)} USD`,
    `as of ${sayTime(task.updatedAt)}`,
  ];
  const live = task.phase === 'working' ? '\n\nLive progress: the tab *Pending Activities*.' : '';
  return `${facts.join(' · ')}${live}`;
}

function netPart({ noSafetyNet }: TaskView, room: Room): string {
  if (noSafetyNet === undefined) return '';
  return `**No safety net:** the newest work has no checkpoint. ${plainText(excerpt(noSafetyNet, room.saysChars))}`;
}

function attemptNow(last: AttemptView | undefined): string {
  if (last === undefined) return 'no attempt yet';
  return last.outcome === null
    ? `attempt ${last.number} at work since ${sayTime(last.startedAt)}`
    : `attempt ${last.number}: ${last.outcome}`;
}

function waitingPart(waiting: WaitingView | undefined, room: Room): string {
  if (waiting === undefined) return '';
  const until = waiting.until === undefined ? '' : `\n\nUntil: ${sayTime(waiting.until)}`;
  // Sessions to pick from stand in the table below.
  const others = (waiting.options ?? []).filter((option) => option.sessionId === undefined);
  const list = others.map((option) => `- \`${option.pick}\` ${cell(option.label, room.textChars)}`).join('\n');
  const answers = waiting.answerWith.map((answer) => paste(answer, pickLabel(answer, waiting, room)));
  const says = plainText(excerpt(waiting.says, room.saysChars));
  return [`## Waiting for: ${waiting.for}`, `${says}${until}`, list, HOW, ...answers]
    .filter((part) => part !== '')
    .join('\n\n');
}

const HOW = '*More Actions* → *Send a Signal* or *Send an Update*: the bold name, then the JSON below it.';

function pickLabel({ payload }: Sendable, { options = [] }: WaitingView, room: Room): string | undefined {
  const option = options.find(({ pick }) => pick === payload['pick']);
  return option && `${option.pick}: ${cell(option.label, Math.min(room.textChars, 100))}`;
}

/** What one would likely send next; the answers to a wait stand in its own part. */
function nextPart(task: TaskView): string {
  if (['finished', 'failed', 'cancelled'].includes(task.phase)) return '';
  const stated = new Set((task.waiting?.answerWith ?? []).map(({ command }) => command));
  const next: Sendable[] = [
    { command: 'update', payload: { prompt: 'what to do next' } },
    ...otherSession(task),
    ...(task.phase === 'working' ? [{ command: 'stop', payload: {} }] : []),
    { command: 'finish', payload: {} },
  ].filter(({ command }) => !stated.has(command));
  if (next.length === 0) return '';
  const how = task.waiting === undefined ? `\n\n${HOW}` : '';
  return [`## Send a Signal or an Update${how}`, ...next.map((each) => paste(each, each.does))].join('\n\n');
}

function otherSession({ sessions, activeSessionId }: TaskView): Sendable[] {
  const other = sessions.filter(({ sessionId }) => sessionId !== activeSessionId).at(-1);
  if (other === undefined) return [];
  return [{ command: 'resume', payload: { sessionId: other.sessionId }, does: `picks up session ${other.number}` }];
}

interface Sendable {
  command: string;
  payload: Record<string, unknown>;
  does?: string;
}

const DOES: Partial<Record<string, string>> = {
  continue: 'goes on with the newest session',
  update: 'says something new',
  resume: 'picks up the session',
  stop: 'ends the attempt gently, holds the queue',
  finish: 'closes the task',
} satisfies Partial<Record<CommandName, string>>;

function paste({ command, payload }: Sendable, does = DOES[command]): string {
  return `**${command}**${does === undefined ? '' : ` · ${does}`}\n\n${jsonBlock(payload)}`;
}

/** "2026-11-22 20:45:52 UTC" */
const sayTime = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;
