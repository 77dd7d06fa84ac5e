// State → the Markdown page that the Temporal UI shows under "User Metadata": an operator reads there what happens
// and copies the very JSON of the next command.
import { excerpt } from '../contract/text.js';
import type { SessionView, TaskView, WaitingView } from '../contract/views.js';
import { sessionLabel } from './waiting.js';

export function taskPage(task: TaskView): string {
  const parts = [
    heading(task),
    now(task),
    waitingPart(task.waiting),
    sessionsPart(task),
    attemptsPart(task),
    commandsPart(task),
    nextPart(task),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const heading = (task: TaskView): string => `# ${cell(task.title ?? task.taskId, 120)}`;

function now(task: TaskView): string {
  const last = task.attempts.at(-1);
  const attempt = last === undefined ? 'no attempt yet' : `attempt ${last.number}: ${last.outcome ?? 'at work'}`;
  const queued = task.queued === 0 ? '' : ` · ${task.queued} queued`;
  return `**${task.phase}** · ${attempt}${queued} · context version ${task.contextVersion} · $${task.costUsd.toFixed(4)} · ${task.updatedAt}`;
}

function waitingPart(waiting: WaitingView | undefined): string {
  if (waiting === undefined) return '';
  const until = waiting.until === undefined ? '' : `\n\nUntil: ${waiting.until}`;
  const options = (waiting.options ?? []).map((option) => `- \`${option.pick}\` ${text(option.label)}`).join('\n');
  return [`## Waiting for: ${waiting.for}`, `${text(waiting.says)}${until}`, options, ...waiting.answerWith.map(fenced)]
    .filter((part) => part !== '')
    .join('\n\n');
}

const SHOWN_SESSIONS = 10;
const SHOWN_ATTEMPTS = 5;
const SHOWN_COMMANDS = 8;

function sessionsPart(task: TaskView): string {
  const rows = task.sessions.slice(-SHOWN_SESSIONS).map(sessionRow);
  const more = task.sessionsTotal > SHOWN_SESSIONS ? `\n\nThe newest ${SHOWN_SESSIONS} of ${task.sessionsTotal}.` : '';
  return `## Sessions\n\n| # | session | status | last active | attempts | cost | asked → said |\n|---|---|---|---|---|---|---|\n${rows.join('\n')}${more}`;
}

const sessionRow = (session: SessionView): string =>
  `| ${session.number} | \`${session.sessionId}\` | ${session.status} | ${session.lastActiveAt} | ${session.attempts} | $${session.costUsd.toFixed(4)} | ${cell(sessionLabel(session), 160)} |`;

function attemptsPart(task: TaskView): string {
  if (task.attempts.length === 0) return '';
  const rows = task.attempts.slice(-SHOWN_ATTEMPTS).map((attempt) => {
    const problem = attempt.problem === undefined ? '' : `${attempt.problem.class}: ${attempt.problem.says}`;
    return `| ${attempt.number} | ${attempt.cause} | ${cell(attempt.sent, 100)} | ${attempt.outcome ?? 'at work'} | ${cell(problem, 160)} | ${cell(attempt.decidedWhy ?? '', 100)} |`;
  });
  return `## Attempts\n\n| # | cause | sent | outcome | problem | then |\n|---|---|---|---|---|---|\n${rows.join('\n')}`;
}

function commandsPart(task: TaskView): string {
  if (task.commands.length === 0) return '';
  const rows = task.commands
    .slice(-SHOWN_COMMANDS)
    .map(
      (command) =>
        `| ${cell(command.name, 40)} | ${cell(command.id, 64)} | ${command.state} | ${cell(command.why ?? '', 160)} |`,
    );
  return `## Commands\n\n| command | id | state | why |\n|---|---|---|---|\n${rows.join('\n')}`;
}

/** What one would likely send next; the answers to a wait stand in its own part. */
function nextPart(task: TaskView): string {
  if (task.phase === 'finished' || task.phase === 'cancelled') return '';
  const [first] = task.sessions;
  const other =
    task.sessions.length > 1 && first !== undefined
      ? [{ command: 'resume', payload: { sessionId: first.sessionId } }]
      : [];
  const stop = task.phase === 'working' ? [{ command: 'stop', payload: { reason: 'why' } }] : [];
  const next = [
    { command: 'update', payload: { prompt: 'what to do next' } },
    ...other,
    ...stop,
    { command: 'finish', payload: {} },
  ];
  return `## Send a Signal or an Update\n\n${next.map(fenced).join('\n\n')}`;
}

const fenced = ({ command, payload }: { command: string; payload: object }): string =>
  `\`${command}\`\n\n\`\`\`json\n${JSON.stringify(payload)}\n\`\`\``;

/** Foreign text on one line of a table: nothing in it may end the cell or start markup. */
const cell = (value: string, chars: number): string => text(excerpt(value, chars));

const text = (value: string): string =>
  value.replace(/[\\`*_{}[\]<>|#~]/g, (char) => `\\${char}`).replace(/\r?\n/g, ' ');
