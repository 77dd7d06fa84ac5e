// The table of answers to faults: class → what the task does next. Pure and REPLAY-SENSITIVE.
// First cut: what passes by itself is retried with back-off; everything else waits for the operator.
import type { FaultClass } from '../../contract/fault.js';

export type FaultAnswer =
  | { then: 'retry'; firstWaitMs: number; longestWaitMs: number }
  | { then: 'operator'; remedy: string };

const retry = (firstWaitMs: number, longestWaitMs: number): FaultAnswer => ({
  then: 'retry',
  firstWaitMs,
  longestWaitMs,
});
const operator = (remedy: string): FaultAnswer => ({ then: 'operator', remedy });

const MINUTE_MS = 60_000;

export const FAULT_ANSWERS: Record<FaultClass, FaultAnswer> = {
  lost: retry(1_000, MINUTE_MS),
  timedOut: retry(1_000, MINUTE_MS),
  silent: retry(5_000, 5 * MINUTE_MS),
  network: retry(5_000, 5 * MINUTE_MS),
  overloaded: retry(15_000, 10 * MINUTE_MS),
  rateLimit: operator('wait until the API takes requests again, then continue'),
  usageLimit: operator('wait until the limit resets, then continue'),
  contextFull: operator(
    'the conversation is full: send an update with newSession and when "interrupt" that says what is left to do',
  ),
  poisoned: operator(
    'the API refuses this conversation: send an update with newSession and when "interrupt" that says what is left to do',
  ),
  transcriptLost: operator(
    'put the session\'s transcript back and continue, or send an update with newSession and when "interrupt"',
  ),
  credential: operator(
    "mend the worker's credential (ANTHROPIC_API_KEY, CLAUDE_CODE_OAUTH_TOKEN or a login), then continue",
  ),
  credit: operator('add credit to the account, then continue'),
  model: operator(
    'the model of this task is not to be had: make it available to the account, then continue, or finish and start with another `claude.model`',
  ),
  policy: operator(
    'a rule of the worker or of the API forbids this; change the rule and continue, or send another update',
  ),
  budget: operator('continue grants this instruction another go, finish ends the task'),
  cliMissing: operator("install Claude Code on the worker's host or set TASKRUN_CLAUDE, then continue"),
  cliTooOld: operator("upgrade Claude Code on the worker's host, then continue"),
  workspace: operator("mend the directory on the worker's host, then continue"),
  setup: operator('mend what the setup command needs, then continue'),
  store: retry(5_000, 5 * MINUTE_MS),
  checkpoint: operator('drop the command, or resume another moment; taskrun log lists them'),
  disk: operator("free space on the worker's host, then continue"),
  wrongSession: operator('see the log; continue tries again'),
  twoWriters: operator('end the other process that works for this task, then continue'),
  unknown: operator('see the log; continue tries again'),
};

/** Back-off before the next attempt after `failures` in a row (1 = the first): doubled each time, bounded. */
export function backoffMs(answer: Extract<FaultAnswer, { then: 'retry' }>, failures: number): number {
  return Math.min(answer.firstWaitMs * 2 ** Math.min(failures - 1, 20), answer.longestWaitMs);
}
