// What the world says of attempts: the requests that reached the API, and the processes that carry a task's marker.
import { readFileSync } from 'node:fs';
import { ATTEMPT_MARKER, TASK_MARKER } from '../../../../src/claude/environment.js';
import type { AttemptRequest } from '../../../../src/contract/attempt.js';
import type { LoggedRequest } from '../../../../src/demo/api/request-log.js';
import { findMarked } from '../../../../src/host/process-tree.js';
import { until } from '../../../support/poll.js';
import { type Site, type TaskOnSite, timesDelivered } from './site.js';

/** The requests of conversations, oldest first: titles and token counts aside. */
export const conversation = ({ api }: Site, sessionId?: string): LoggedRequest[] =>
  api.requests.filter((each) => !each.side && (sessionId === undefined || each.sessionId === sessionId));

/** What the newest request of a session held of the user's words. */
export const lastHeard = (site: Site, sessionId: string): string[] =>
  conversation(site, sessionId).at(-1)?.userTexts ?? [];

/** Processes of a task on this host that run code. */
export const processesOf = ({ place }: TaskOnSite) => findMarked(TASK_MARKER, place.key);

export const processesOfAttempt = ({ attemptId }: AttemptRequest) => findMarked(ATTEMPT_MARKER, attemptId);

export interface CliProcess {
  pid: number;
  argv: string[];
  env: Record<string, string>;
  /** Milliseconds since the epoch, to a hundredth of a second. */
  startedAt: number;
}

/** The CLI of an attempt, as /proc shows it. */
export function cliOf(request: AttemptRequest): CliProcess | undefined {
  const found = processesOfAttempt(request).find(({ pid }) => argvOf(pid).includes('--output-format=stream-json'));
  if (found === undefined) return undefined;
  return { pid: found.pid, argv: argvOf(found.pid), env: environOf(found.pid), startedAt: startedAt(found.startTime) };
}

/** Waits until the attempt's CLI is there. */
export const cliAtWork = (request: AttemptRequest): Promise<CliProcess> =>
  until(() => cliOf(request), { what: 'the CLI of the attempt runs', everyMs: 5 });

/** Waits until a request of the session has come to this step of its script. */
export const atStep = ({ api }: Site, { session }: AttemptRequest, step: string): Promise<LoggedRequest> =>
  api.waitFor((each) => !each.side && each.sessionId === session.id && each.stepTaken?.includes(step) === true, 20_000);

function fieldsOf(pid: number, file: 'cmdline' | 'environ'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

const argvOf = (pid: number): string[] => fieldsOf(pid, 'cmdline');

const environOf = (pid: number): Record<string, string> =>
  Object.fromEntries(
    fieldsOf(pid, 'environ').map((entry) => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]),
  );

const TICKS_PER_SECOND = 100;

function startedAt(startTime: number): number {
  const uptimeS = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]);
  return Date.now() - (uptimeS - startTime / TICKS_PER_SECOND) * 1_000;
}

/** Waits until the instruction stands in the transcript: requests and stdout run up to 100 ms ahead of it. */
export const onDisk = (task: TaskOnSite, request: AttemptRequest): Promise<true> =>
  until(async () => timesDelivered(await task.transcript(request), request) === 1, {
    what: 'the instruction is on disk',
  });

/** An attempt ended on request as soon as its instruction is on disk: what must go on afterwards. */
export async function interrupted(site: Site, task: TaskOnSite, request: AttemptRequest): Promise<AttemptRequest> {
  const stop = new AbortController();
  const running = site.run(request, { signal: stop.signal });
  // Either may come first.
  await site.api.waitFor((each) => !each.side && each.sessionId === request.session.id, 20_000);
  await onDisk(task, request);
  stop.abort();
  const report = await running;
  if (report.outcome !== 'ended' || !report.delivered) throw new Error(`not interrupted: ${JSON.stringify(report)}`);
  return request;
}
