// A host of a test's own: a TASKRUN_HOME, a worker's environment with a key, the pinned CLI, the scripted API; and tasks
// on it, whose attempts are asked for as the workflow would. What happened is read from API, transcript and /proc.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AttemptCall, AttemptHost } from '../../../../src/activities/attempt/host.js';
import { runAttempt } from '../../../../src/activities/attempt/run-attempt.js';
import { TASK_MARKER } from '../../../../src/claude/environment.js';
import { transcriptPath } from '../../../../src/claude/transcript.js';
import type { AttemptProgress, AttemptReport, AttemptRequest } from '../../../../src/contract/attempt.js';
import { type ScriptedApi, startScriptedApi } from '../../../../src/demo/api/scripted-api.js';
import { openHome } from '../../../../src/host/home.js';
import { killMarked } from '../../../../src/host/process-tree.js';
import { type TaskPlace, taskPlace } from '../../../../src/host/task-place.js';
import { hermeticEnv, pinnedClaude } from '../../../support/claude.js';
import { tempDir } from '../../../support/temp.js';

export type Asked = Partial<Omit<AttemptRequest, 'instruction'>> & {
  prompt?: string;
  instruction?: AttemptRequest['instruction'];
};

export interface TaskOnSite {
  place: TaskPlace;
  /** The workspace of attempts that name no directory. */
  workspace: string;
  /** A first attempt of a new session, but for what is given. */
  request(asked: Asked): AttemptRequest;
  /** The next attempt at the same instruction of the same session. */
  again(before: AttemptRequest, asked?: Asked): AttemptRequest;
  /** The lines of a session's transcript; none when there is no such file. */
  transcript(request: AttemptRequest): Promise<TranscriptLine[]>;
  transcriptPath(request: AttemptRequest): Promise<string>;
}

export interface TranscriptLine {
  type?: string;
  uuid?: string;
  message?: { content?: unknown };
}

export interface Site {
  root: string;
  api: ScriptedApi;
  host: AttemptHost;
  task(taskId?: string): TaskOnSite;
  /** Runs an attempt in this process; `as` changes the worker. */
  run(request: AttemptRequest, call?: Partial<AttemptCall>, as?: Partial<AttemptHost>): Promise<AttemptReport>;
}

/** Root may bypass permissions only in what calls itself a sandbox. */
export const ENV_NAMES = ['IS_SANDBOX', 'CLAUDE_CODE_MAX_RETRIES'];

export async function newSite(changes: Partial<AttemptHost> = {}): Promise<Site> {
  const root = await tempDir('attempt');
  const api = await startScriptedApi();
  onTestFinished(() => api.close());
  const opened = await openHome(join(root, 'home'));
  if (!opened.ok) throw new Error(opened.says);
  const host: AttemptHost = {
    home: opened.home,
    namespace: 'default',
    hostname: 'host-a',
    env: workerEnv(root, api),
    claude: pinnedClaude(),
    claudeEnvNames: ENV_NAMES,
    forbidBypass: false,
    hostId: randomUUID(),
    checkpointEveryMs: 0,
    ...changes,
  };
  return {
    root,
    api,
    host,
    task: (taskId = `task ${randomUUID()}`) => taskOn(host, taskId),
    run: (request, call, as) => runAttempt(request, { ...host, ...as }, { ...newCall(), ...call }),
  };
}

export function workerEnv(root: string, api: Pick<ScriptedApi, 'url'>): Record<string, string> {
  const { CLAUDE_CONFIG_DIR: _, ...env } = hermeticEnv({ home: join(root, 'user'), configDir: '', apiUrl: api.url });
  // One inner retry would only cost time: what is retried is the attempt.
  return { ...env, CLAUDE_CODE_MAX_RETRIES: '0' };
}

let lastToken = 0;
/** The server's clock: later calls are newer. */
export const newToken = (): number => (lastToken = Math.max(lastToken + 1, Date.now()));

export const newCall = (): AttemptCall => ({
  token: newToken(),
  signal: new AbortController().signal,
  endedAs: () => 'ended',
  isPending: () => Promise.resolve(true),
  onProgress: () => undefined,
});

function taskOn(host: AttemptHost, taskId: string): TaskOnSite {
  const incarnation = randomUUID();
  const place = taskPlace(host.home, { namespace: host.namespace, taskId, incarnation });
  onTestFinished(async () => {
    await killMarked(TASK_MARKER, place.key);
  });
  let number = 0;
  const launched: string[] = [];
  /** As the workflow knows it while no attempt has reported a checkpoint. */
  const lineNow = () => ({ since: [...launched] });
  const newAttemptId = (): string => {
    const attemptId = randomUUID();
    launched.push(attemptId);
    return attemptId;
  };
  const request = ({ prompt = '[[say ok]]', ...asked }: Asked): AttemptRequest => ({
    line: lineNow(),
    taskId,
    incarnation,
    attemptId: newAttemptId(),
    number: (number += 1),
    cause: 'first',
    intention: 'start',
    session: { id: randomUUID(), seen: false },
    instruction: { id: randomUUID(), prompt },
    claude: { permissionMode: 'bypassPermissions' },
    attemptTimeoutMs: 50_000,
    silenceTimeoutMs: 40_000,
    ...asked,
  });
  const path = (of: AttemptRequest) =>
    transcriptPath(place.claudeConfig, of.workspaceDir ?? place.workspace, of.session.id);
  return {
    place,
    workspace: place.workspace,
    request,
    again: ({ attemptId: _attempt, number: _number, ...before }, asked = {}) =>
      request({ ...before, cause: 'lost', intention: 'continue', line: lineNow(), ...asked }),
    transcriptPath: path,
    transcript: async (of) => readTranscript(await path(of).catch(() => '')),
  };
}

export async function readTranscript(path: string): Promise<TranscriptLine[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as TranscriptLine];
    } catch {
      return [];
    }
  });
}

/** How often the instruction stands in the transcript as the user's own line. */
export const timesDelivered = (lines: TranscriptLine[], { instruction }: AttemptRequest): number =>
  lines.filter(({ type, uuid }) => type === 'user' && uuid === instruction.id).length;

/** Keeps every progress that an attempt tells. */
export function recorder(): { all: AttemptProgress[]; onProgress: (progress: AttemptProgress) => void } {
  const all: AttemptProgress[] = [];
  return { all, onProgress: (progress) => void all.push(progress) };
}
