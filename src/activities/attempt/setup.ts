// The task's setup command, run where a workspace was made on this host. Its process tree ends with it.
import { ATTEMPT_MARKER, claudeEnvironment, isCredential } from '../../claude/environment.js';
import type { AttemptRequest } from '../../contract/attempt.js';
import { sayDuration } from '../../contract/duration.js';
import { excerpt } from '../../contract/text.js';
import { type CommandEnd, runCommand, tailOf } from '../../host/command.js';
import { killMarked } from '../../host/process-tree.js';
import type { AttemptPlace, TaskPlace } from '../../host/task-place.js';
import { attemptProblem } from './failure.js';
import type { AttemptHost } from './host.js';

const LONGEST_MS = 30 * 60_000;
const TAIL_BYTES = 2_000;

type SetupSite = {
  request: AttemptRequest;
  host: AttemptHost;
  place: TaskPlace;
  at: AttemptPlace;
  signal: AbortSignal;
};

/** False: it was stopped with its attempt. @throws AttemptProblem of class `setup` where it does not end with 0 */
export async function runSetup(
  command: string,
  { request, host, place, at, signal }: SetupSite,
  cwd: string,
): Promise<boolean> {
  const timeoutMs = Math.min(LONGEST_MS, request.attemptTimeoutMs);
  const env = environmentOf(request, host, place);
  const ended = await runCommand({ command, cwd, env, log: at.setup, timeoutMs, signal });
  // Whatever it left running is no part of the workspace.
  await killMarked(ATTEMPT_MARKER, request.attemptId);
  const why = sayEnd(ended, timeoutMs);
  if (why === undefined) return ended.end === 'exited';
  const tail = excerpt((await tailOf(at.setup, TAIL_BYTES)).split('\n').slice(-5).join(' · '), 400);
  throw attemptProblem(
    'setup',
    `The setup command ${why}${tail === '' ? '' : `: ${tail}`}`,
    `mend what it needs, then continue; its output: ${at.setup}`,
  );
}

/** Undefined for a good end; one that was stopped with its attempt is that attempt's to tell. */
function sayEnd(ended: CommandEnd, timeoutMs: number): string | undefined {
  switch (ended.end) {
    case 'stopped':
      return undefined;
    case 'exited':
      return ended.exitCode === 0 ? undefined : `ended with ${ended.exitCode}`;
    case 'timedOut':
      return `took longer than ${sayDuration(timeoutMs)}`;
    case 'killed':
      return `was ended (${ended.why})`;
  }
}

/** What Claude gets, but for what says who Claude is. */
function environmentOf(request: AttemptRequest, host: AttemptHost, place: TaskPlace): Record<string, string> {
  const whole = claudeEnvironment({
    environment: host.env,
    extraNames: host.claudeEnvNames,
    taskConfigDir: place.claudeConfig,
    taskMarker: place.key,
    attemptId: request.attemptId,
  });
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !isCredential(name)));
}
