// Which session of a task is meant: a number or an id as it was typed, or a pick from the list on a terminal.
import { NoWorkerError } from '../client/errors.js';
import type { SessionView, TaskHandle } from '../client.js';
import type { CommonOptions } from './base-program.js';
import { badInput, CliFailure, LEFT_AT_ONCE, unreachable } from './failure.js';
import { commandLine } from './invocation.js';
import { plain } from './plain-text.js';
import { sessionLine } from './session-text.js';

/** The id of what was typed. @throws CliFailure of exit code 2 with the list */
export function sessionIdOf(typed: string, sessions: readonly SessionView[]): string {
  const found = sessions.find((session) =>
    /^\d{1,6}$/.test(typed) ? session.number === Number(typed) : session.sessionId === typed,
  );
  if (found !== undefined) return found.sessionId;
  const known = sessions.map(({ number, sessionId }) => `${number} = ${plain(sessionId)}`).join(', ');
  throw badInput(`session: got ${JSON.stringify(typed)}; sessions of this task: ${known}`);
}

/** The sessions to choose from. @throws CliFailure of exit code 3 where no worker is there to tell them */
export async function sessionsToChoose(task: TaskHandle, options: CommonOptions): Promise<SessionView[]> {
  try {
    return await task.sessions();
  } catch (error) {
    if (!(error instanceof NoWorkerError)) throw error;
    const [ids, worker] = [commandLine(options, 'sessions', task.taskId), commandLine(options, 'worker')];
    throw unreachable(
      `No worker answers, so sessions can't be told by number. Name one by its id (${ids}), or start a worker (${worker}).`,
    );
  }
}

/** True where the typed word has to be looked up; an id can go out as it is. */
export const isNumber = (typed: string): boolean => /^\d{1,6}$/.test(typed);

/** Asks the person at the terminal. @throws CliFailure where they leave */
export async function pickSession(sessions: readonly SessionView[]): Promise<string> {
  const { isCancel, select } = await import('@clack/prompts');
  const picked = await select({
    message: 'Which session shall go on?',
    options: sessions.map((session) => ({ value: session.sessionId, label: sessionLine(plain(session)) })),
    initialValue: sessions.at(-1)?.sessionId ?? '',
    output: process.stderr,
  });
  if (isCancel(picked)) throw new CliFailure(LEFT_AT_ONCE, 'Nothing was picked, nothing was sent.');
  return picked;
}
