// What the tests of src/claude share: a request to run a program as the CLI, and the real CLI against the scripted API.
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { claudeArguments } from '../../src/claude/arguments.js';
import { type Run, type RunRequest, runClaude } from '../../src/claude/run.js';
import { type ScriptedApi, startScriptedApi } from '../../src/demo/api/scripted-api.js';
import type { Launch } from '../../src/domain/attempt/ground.js';
import { findMarked, killMarked } from '../../src/host/process-tree.js';
import { hermeticEnv, pinnedClaude } from '../support/claude.js';
import { tempDir } from '../support/temp.js';

export const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}.mjs`, import.meta.url));

export const LIMITS = { attemptTimeoutMs: 50_000, silenceTimeoutMs: 40_000, resultGraceMs: 10_000, gentleMs: 10_000 };

/** A request for `path`, with everything else as a caller would give it. Its processes end with the test. */
export async function request(path: string, changes: Partial<RunRequest> = {}): Promise<RunRequest> {
  const dir = await tempDir('run');
  const sessionId = randomUUID();
  const marker = { name: 'TASKRUN_ATTEMPT', value: randomUUID() };
  onTestFinished(async () => {
    await killMarked(marker.name, marker.value);
  });
  return {
    path,
    args: [`--session-id=${sessionId}`],
    cwd: dir,
    env: { PATH: process.env['PATH'] ?? '' },
    marker,
    message: { uuid: randomUUID(), content: 'hello' },
    expectSession: sessionId,
    files: { stream: join(dir, 'log', 'stream.jsonl'), stderr: join(dir, 'log', 'stderr.log') },
    limits: LIMITS,
    ...changes,
  };
}

/** Runs under ever longer limits until one was enough to get as far as asked, however busy this machine is. */
export async function underEnoughTime(
  run: (limitMs: number) => Promise<Run>,
  isFar: (run: Run) => boolean,
): Promise<Run> {
  const [first, ...longer] = [1_500, 5_000, 15_000] as const;
  let last = await run(first);
  for (const limitMs of longer) if (!isFar(last)) last = await run(limitMs);
  return last;
}

export const isGone = ({ marker }: RunRequest): boolean => findMarked(marker.name, marker.value).length === 0;

export interface RealClaude {
  api: ScriptedApi;
  env: Record<string, string>;
  configDir: string;
  cwd: string;
  /** One launch: the message's content decides what happens (src/demo/api/directives.ts). */
  prepare(launch: Launch, content: string, changes?: Partial<RunRequest> & { sessionId?: string }): Promise<RunRequest>;
}

/** The real CLI in a directory and a config directory of this test's own. */
export async function realClaude(): Promise<RealClaude> {
  const dir = await tempDir('claude');
  const api = await startScriptedApi();
  onTestFinished(() => api.close());
  const configDir = join(dir, 'config');
  // Transcripts are found below by our rule for folder names: a path that needs all of it.
  const cwd = join(dir, 'wörk späce 😀', 'long_'.repeat(40));
  await mkdir(cwd, { recursive: true });
  const env = hermeticEnv({ home: join(dir, 'home'), configDir, apiUrl: api.url });
  return {
    api,
    env,
    configDir,
    cwd,
    async prepare(launch, content, { sessionId, ...changes } = {}) {
      const expectSession = sessionId ?? ('sessionId' in launch ? launch.sessionId : '');
      const args = claudeArguments(launch, { permissionMode: 'bypassPermissions' }, {});
      return request(pinnedClaude(), {
        args,
        cwd,
        env,
        expectSession,
        message: { uuid: randomUUID(), content },
        ...changes,
      });
    },
  };
}

/** Runs to a result that is no error, and gives its text. */
export async function answered(prepared: RunRequest): Promise<{ run: Run; text: string }> {
  const run = await runClaude(prepared);
  expect(run, JSON.stringify(run)).toMatchObject({
    ended: 'exited',
    exitCode: 0,
    progress: { result: { isError: false } },
  });
  return { run, text: run.progress.result?.text ?? '' };
}
