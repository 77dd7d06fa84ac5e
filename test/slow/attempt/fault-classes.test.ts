// Every fault that the real CLI can be driven into: what is seen of it, and the class it gets. What was seen is compared
// with the kept evidence, which the classifier's own test reads.
// To keep it anew: TASKRUN_RECORD_GOLDEN=1 npx vitest run test/slow/attempt/fault-classes.test.ts
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { evidenceOf } from '../../../src/activities/attempt/evidence.js';
import { claudeArguments } from '../../../src/claude/arguments.js';
import { ATTEMPT_MARKER } from '../../../src/claude/environment.js';
import { type Run, runClaude } from '../../../src/claude/run.js';
import { type ScriptedApi, startScriptedApi } from '../../../src/demo/api/scripted-api.js';
import { classify } from '../../../src/domain/attempt/classify.js';
import type { Evidence } from '../../../src/domain/attempt/evidence.js';
import { findMarked } from '../../../src/host/process-tree.js';
import { hermeticEnv, pinnedClaude } from '../../support/claude.js';
import { tempDir } from '../../support/temp.js';
import { FAULT_CASES, type FaultCase } from './fault-cases.js';

const KEPT = fileURLToPath(new URL('../../domain/attempt/evidence/2.1.330.json', import.meta.url));
const records = process.env['TASKRUN_RECORD_GOLDEN'] === '1';
const recorded: object[] = [];
afterAll(async () => {
  const index = {
    version: '2.1.330',
    recordedBy: 'TASKRUN_RECORD_GOLDEN=1 npx vitest run test/slow/attempt/fault-classes.test.ts',
    cases: recorded,
  };
  if (records) await writeFile(KEPT, `${JSON.stringify(index, null, 2)}\n`);
});

const kept = records
  ? []
  : (JSON.parse(await readFile(KEPT, 'utf8')) as { cases: { name: string; evidence: Evidence }[] }).cases;

test.each(FAULT_CASES)('$name is $class', async (each) => {
  const evidence = evidenceOf(await run(each));
  const verdict = classify(evidence, { attemptTimeout: '2s', silenceTimeout: '2s' });
  expect(verdict, JSON.stringify(evidence)).toMatchObject({ problem: { class: each.class } });
  if (each.says !== undefined) expect(JSON.stringify(verdict)).toMatch(each.says);
  recorded.push({ name: each.name, class: each.class, ...how(each), evidence: fitToKeep(evidence) });
  // How far a turn got when its time was up differs from run to run.
  if (records || each.limits !== undefined) return;
  expect(shape(evidence)).toEqual(shape(kept.find(({ name }) => name === each.name)?.evidence));
});

async function run(each: FaultCase): Promise<Run> {
  const root = await tempDir('fault');
  const api = await startScriptedApi();
  onTestFinished(() => api.close());
  const cwd = join(root, 'workspace');
  await mkdir(cwd);
  const options = { home: join(root, 'home'), configDir: join(root, 'config'), apiUrl: api.url };
  const env = { ...hermeticEnv({ ...options, ...(each.auth && { auth: each.auth }) }), CLAUDE_CODE_MAX_RETRIES: '0' };
  const sessionId = randomUUID();
  const launch = { flag: each.resumes === true ? 'resume' : 'session-id', sessionId } as const;
  const marker = { name: ATTEMPT_MARKER, value: randomUUID() };
  const running = runClaude({
    ...{ path: pinnedClaude(), cwd, env: { ...env, ...each.env }, marker },
    args: [...claudeArguments(launch, { permissionMode: 'bypassPermissions' }, {}), ...(each.args ?? [])],
    message: { uuid: randomUUID(), content: each.prompt },
    expectSession: sessionId,
    files: { stream: join(root, 'stream'), stderr: join(root, 'stderr') },
    limits: { attemptTimeoutMs: 50_000, silenceTimeoutMs: 40_000, ...each.limits },
  });
  if (each.signal !== undefined) await signalCli(api, marker, each.signal);
  return running;
}

async function signalCli(
  api: ScriptedApi,
  marker: { name: string; value: string },
  signal: NodeJS.Signals,
): Promise<void> {
  await api.waitFor(({ stepTaken }) => stepTaken !== null, 20_000);
  process.kill(findMarked(marker.name, marker.value)[0]?.pid ?? 0, signal);
}

const how = ({ prompt, env, auth, args, limits, signal }: FaultCase): object => ({
  prompt: prompt.slice(0, 200),
  ...{ env, auth, args, limits, signal },
});

/** Without what differs from run to run and from machine to machine. */
function fitToKeep(evidence: Evidence): unknown {
  const text = JSON.stringify(evidence)
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:1')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '00000000-0000-4000-8000-000000000000');
  return JSON.parse(text);
}

/** What the classifier leans on. */
const shape = (evidence: Evidence | undefined): unknown =>
  evidence && {
    ...{ ended: evidence.ended, exitCode: evidence.exitCode, signal: evidence.signal, error: evidence.assistantError },
    result: evidence.result && [
      evidence.result.subtype,
      evidence.result.isError,
      evidence.result.terminalReason,
      evidence.result.apiErrorStatus,
    ],
    ...{ rateLimit: evidence.rateLimit?.status, retried: evidence.apiRetry?.attempt },
  };
