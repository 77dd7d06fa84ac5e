// What an operator reads beside each handler's name in the Temporal UI: what it does and a payload to start from.
import type { CommandName, QueryName } from './names.js';

export const COMMAND_HELP: Record<CommandName, string> = {
  update:
    'Tells the active session something new. {"prompt": "…"} Also: "sessionId": "…", "newSession": true, "when": "interrupt" (now, not next in line), "files": [{"name": "…", "content": "…"}]',
  continue: 'Goes on with the most recent session; lifts a stop or a wait for the operator. {}',
  resume:
    'Picks up a given session. {"sessionId": "…"} Also: "prompt": "…", "checkpoint": an id or a label, "onFileConflict": "keep", "restore", "merge" or "ask". With {} the task asks which, where there are several.',
  answer: 'Answers what the task asks: a number from its list, a session id, "keep", "restore" or "merge". {"pick": 1}',
  stop: 'Ends the attempt gently and holds the queue until continue, resume or an interrupting update. {} Also: "reason": "…"',
  drop: 'Withdraws a queued command by its id. {"command": "…"}',
  fork: 'Starts another task from a moment of this one, which goes on undisturbed. {"prompt": "…"} Also: "sessionId", "checkpoint", "taskId".',
  mark: 'Names the newest checkpoint as a milestone. {"label": "…"}',
  finish: 'Ends like stop, then closes the task. {} Also: "summary": "…"',
};

export const QUERY_HELP: Record<QueryName, string> = {
  task: 'The whole task: phase, what it waits for, sessions, attempts, commands.',
  sessions: 'The Claude sessions of the task, newest last.',
  attempts: 'The launches of the Claude CLI, newest last.',
  waiting: 'What the task waits for and the commands that go on; null when nothing.',
};
