// The commands that answer a wait, as command lines to type: what the task's `answerWith` names for any client.
import type { TaskView } from '../client.js';
import type { CommonOptions } from './base-program.js';
import { commandLine } from './invocation.js';

type Answer = NonNullable<TaskView['waiting']>['answerWith'][number];

export function answerLines(options: CommonOptions, taskId: string, answers: readonly Answer[]): string[] {
  return answers.map((answer) => commandLine(options, ...wordsOf(taskId, answer)));
}

/** What can be picked, a line each. */
export function pickLines(options: readonly { pick: number | string; label: string }[]): string[] {
  const width = Math.max(0, ...options.map(({ pick }) => String(pick).length));
  return options.map(({ pick, label }) => `  ${String(pick).padEnd(width)}  ${label}`);
}

function wordsOf(taskId: string, { command, payload }: Answer): string[] {
  const text = (name: string): string => {
    const value = payload[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  switch (command) {
    case 'answer':
      return ['answer', taskId, text('pick')];
    case 'update':
      return [
        ...['update', taskId, text('prompt')],
        ...(payload['newSession'] === true ? ['--new-session'] : []),
        ...(payload['sessionId'] === undefined ? [] : ['--session', text('sessionId')]),
        ...(payload['when'] === 'interrupt' ? ['--interrupt'] : []),
      ];
    case 'resume':
      return [
        ...['resume', taskId, ...(payload['sessionId'] === undefined ? [] : [text('sessionId')])],
        ...(payload['checkpoint'] === undefined ? [] : ['--at', text('checkpoint')]),
      ];
    default:
      return [command, taskId];
  }
}
