// What every --help teaches beside the options: examples, what happens next, defaults, exit codes. Numbers come from
// the contract's table of limits, and nothing here states one of its own.
import { sayDuration } from '../contract/duration.js';
import { EXIT } from '../contract/exit-codes.js';
import { BOUNDS, DEFAULTS, WORKER_DEFAULTS } from '../contract/limits.js';
import { LEFT_AT_ONCE } from './failure.js';

export type Lesson = {
  /** Command lines, each with what it is for. */
  examples: [line: string, says: string][];
  /** Sentences: what happens when it is sent, what to do then. */
  next?: string;
};

export function lesson({ examples, next }: Lesson): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, says]) => `  ${line.padEnd(width)}  ${says}`);
  const after = next === undefined ? '' : `\n\nWhat happens next:\n  ${next.replaceAll('\n', '\n  ')}`;
  return `\nExamples:\n${lines.join('\n')}${after}\n`;
}

const table = (rows: [string, string][]): string => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
};

export const taskDefaults = (): string =>
  `Defaults of a task:\n${table([
    ['--attempt-timeout', `${DEFAULTS.attemptTimeout}, then a gentle end and --continue`],
    ['--silence-timeout', `${DEFAULTS.silenceTimeout} without a word of the CLI`],
    ['--attempts', `${DEFAULTS.attempts} per instruction, then the task waits for a person`],
    ['--close-after-idle', DEFAULTS.closeAfterIdle],
    ['--close', `${DEFAULTS.close} (taskrun run: when-done)`],
    ['--permission-mode', DEFAULTS.permissionMode],
    ['--files', `${DEFAULTS.updateFiles} for an update, ${DEFAULTS.resumeFiles} for a resume`],
    ['cost, expiry', 'no limit'],
    ['a prompt', `at most ${BOUNDS.promptBytes / 1024} KiB`],
    ['a file', `at most ${BOUNDS.fileBytes / 1024} KiB, ${BOUNDS.files} files`],
  ])}\n`;

export const workerDefaults = (): string =>
  `Defaults of a worker:\n${table([
    ['TASKRUN_CONCURRENCY', `${WORKER_DEFAULTS.concurrency} attempts at a time`],
    [
      'TASKRUN_DRAIN',
      `${sayDuration(WORKER_DEFAULTS.drainMs)} for attempts to end when it is stopped, then they are handed over`,
    ],
    [
      'TASKRUN_CHECKPOINT_EVERY',
      `${sayDuration(WORKER_DEFAULTS.checkpointEveryMs)} between checkpoints while an attempt works; one at its end in any case`,
    ],
  ])}\n`;

export const environment = (): string =>
  `Environment:\n${table([
    ['TEMPORAL_ADDRESS, …', "Temporal's own variables and profile: address, namespace, TLS, API key"],
    ['TASKRUN_HOME', 'where data, workspaces and logs lie; default ~/.taskrun'],
    ['TASKRUN_STORE', 'where checkpoints are kept: a directory or a git URL; default store.git in TASKRUN_HOME'],
    ['TASKRUN_CHECKPOINT_EVERY', 'between checkpoints while an attempt works, such as 90s; 0: only at its end'],
    ['TASKRUN_TASK_QUEUE', 'default taskrun'],
    ['TASKRUN_CLAUDE', 'the Claude CLI; default: claude on PATH, else one installed beside taskrun'],
    ['TASKRUN_CLAUDE_ENV', 'names of further variables that Claude gets, comma-separated'],
    ['TASKRUN_LOG_LEVEL', 'debug shows where an error comes from'],
    ['NO_COLOR', 'no colours'],
  ])}\n`;

export const exitCodes = (): string =>
  `Exit codes:\n${table([
    [`${EXIT.done}`, 'done'],
    [`${EXIT.failed}`, 'failed, or refused by the task'],
    [`${EXIT.usage}`, 'usage or bad input: the sentence names it'],
    [`${EXIT.unreachable}`, 'nothing reachable: no server, or no worker where one is needed'],
    [`${EXIT.parked}`, 'parked: the task waits for a person'],
    [`${LEFT_AT_ONCE}`, 'left at once by Ctrl-C'],
  ])}\n`;
