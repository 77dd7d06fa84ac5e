// One attempt in a process of its own, to be stopped or killed at will. Told on one line of stdin what to run; says what
// it knows in JSON lines. SIGTERM ends the attempt gently; at `halt.at` it signals itself or its CLI there and then, as
// no test from outside could.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { AttemptHost } from '../../../../src/activities/attempt/host.js';
import { runAttempt } from '../../../../src/activities/attempt/run-attempt.js';
import { ATTEMPT_MARKER } from '../../../../src/claude/environment.js';
import type { AttemptProgress, AttemptReport, AttemptRequest } from '../../../../src/contract/attempt.js';
import { findMarked } from '../../../../src/host/process-tree.js';

/** before the claim · claimed, about to launch · launched, about to tell · the session answers · the result is there */
export type Moment = 'claiming' | 'launching' | 'telling' | 'answering' | 'reporting';

export interface Told {
  request: AttemptRequest;
  host: AttemptHost;
  token: number;
  halt?: { at: Moment; with: 'SIGSTOP' | 'SIGKILL'; whom?: 'cli' };
}

export type Said = { progress: AttemptProgress } | { report: AttemptReport };

const say = (line: Said): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const [line] = (await once(createInterface({ input: process.stdin }), 'line')) as [string];
const { request, host, token, halt } = JSON.parse(line) as Told;

let passed = false;

function passing(moment: Moment): void {
  if (passed || halt?.at !== moment) return;
  passed = true;
  const cli = findMarked(ATTEMPT_MARKER, request.attemptId).map(({ pid }) => pid);
  for (const pid of halt.whom === 'cli' ? cli : [process.pid]) process.kill(pid, halt.with);
}

function momentOf(progress: AttemptProgress): Moment | undefined {
  if (progress.sent === undefined) return 'claiming';
  if (progress.sessionCostUsd !== undefined) return 'reporting';
  return progress.sessionId === undefined ? 'launching' : 'answering';
}

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());

const report = await runAttempt(request, host, {
  token,
  signal: stop.signal,
  endedAs: () => 'handedOver',
  isPending: async () => {
    passing('telling');
    return true;
  },
  onProgress(progress) {
    say({ progress });
    const moment = momentOf(progress);
    if (moment !== undefined) passing(moment);
  },
});
say({ report });
process.stdin.destroy();
