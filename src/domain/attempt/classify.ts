// Evidence → outcome. One table, on the host; what it says is recorded in the report and answered in the workflow.
// An unknown shape is its own class and goes to the operator with the evidence: nothing is guessed.
import type { FaultClass, Problem } from '../../contract/fault.js';
import { BOUNDS } from '../../contract/limits.js';
import { cut } from '../../contract/text.js';
import type { Evidence, ResultLine } from './evidence.js';

export type Verdict =
  | { outcome: 'done' }
  | { outcome: 'ended' }
  | { outcome: 'timedOut'; problem: Problem }
  | { outcome: 'fault'; problem: Problem };

/** `limits` only lend their words to the sentences. */
export function classify(evidence: Evidence, limits: { attemptTimeout: string; silenceTimeout: string }): Verdict {
  const { result } = evidence;
  // A turn that came to its end counts, however the process was brought to its own; another conversation's never does.
  const isOurs = evidence.ended !== 'wrongSession' && evidence.ended !== 'fenced';
  if (isOurs && result !== undefined && !result.isError && result.subtype === 'success' && !isInterrupted(result))
    return { outcome: 'done' };
  switch (evidence.ended) {
    case 'aborted':
      return { outcome: 'ended' };
    case 'timedOut':
      return {
        outcome: 'timedOut',
        problem: {
          class: 'timedOut',
          says: `The attempt took longer than its ${limits.attemptTimeout} and was ended.`,
        },
      };
    case 'silent':
      return fault('silent', `Claude said nothing for ${limits.silenceTimeout} and was ended.${sayRetry(evidence)}`);
    case 'wrongSession':
      return fault(
        'wrongSession',
        'Claude opened another session than the intended one and was ended before it could work.',
      );
    case 'fenced':
      return fault('twoWriters', 'A newer attempt of this task took over before this one began.');
    case 'spawnFailed':
      return notStarted(evidence.hostProblem ?? 'Claude could not be started.');
    case 'exited':
      return { outcome: 'fault', problem: problemOf(evidence) };
  }
}

const fault = (faultClass: FaultClass, says: string): Verdict => ({
  outcome: 'fault',
  problem: { class: faultClass, says },
});

/** A host short of processes or memory may have some in a while; any other reason is the program's. */
const notStarted = (says: string): Verdict =>
  fault(/EAGAIN|ENOMEM|EMFILE|ENFILE/.test(says) ? 'lost' : 'cliMissing', says);

/** The CLI's own words for an interrupted turn, which it ends with code 0. */
const isInterrupted = (result: ResultLine): boolean => result.terminalReason?.startsWith('aborted') === true;

function problemOf(evidence: Evidence): Problem {
  const faultClass = ROWS.find(([, matches]) => matches(evidence))?.[0] ?? 'unknown';
  return {
    class: faultClass,
    says: cut(sayWhat(evidence), BOUNDS.problemChars),
    ...(faultClass === 'usageLimit' ? resetOf(evidence) : {}),
  };
}

/** Nothing where the number is no time: it comes from outside. */
function resetOf({ rateLimit }: Evidence): { resetsAt?: string } {
  const at = new Date((rateLimit?.resetsAtS ?? Number.NaN) * 1_000);
  return Number.isNaN(at.getTime()) ? {} : { resetsAt: at.toISOString() };
}

const says = (evidence: Evidence, pattern: RegExp): boolean =>
  pattern.test(`${evidence.result?.text ?? ''}\n${evidence.result?.errors.join('\n') ?? ''}\n${evidence.stderrTail}`);
/** Of the result alone: on stderr a tool server may complain of a key of its own. */
const answers = ({ result }: Evidence, pattern: RegExp): boolean => pattern.test(result?.text ?? '');
const status = (evidence: Evidence): number | undefined => evidence.result?.apiErrorStatus;
const ofApi = (evidence: Evidence): boolean => evidence.result?.terminalReason === 'api_error';

/** The first row that matches names the class. */
const ROWS: [FaultClass, (evidence: Evidence) => boolean][] = [
  ['usageLimit', (seen) => status(seen) === 429 && seen.rateLimit?.status === 'rejected'],
  ['rateLimit', (seen) => status(seen) === 429],
  // By the API's word, or by the CLI's own before it asks.
  ['contextFull', (seen) => ['prompt_too_long', 'blocking_limit'].includes(seen.result?.terminalReason ?? '')],
  ['credit', (seen) => seen.assistantError === 'billing_error'],
  [
    'credential',
    (seen) => seen.assistantError === 'authentication_failed' || answers(seen, /Please run \/login|Invalid API key/),
  ],
  ['model', (seen) => seen.assistantError === 'model_not_found'],
  ['poisoned', (seen) => (status(seen) === 400 || status(seen) === 413) && seen.result !== undefined],
  [
    'budget',
    (seen) => seen.result?.terminalReason === 'budget_exhausted' || seen.result?.subtype === 'error_max_turns',
  ],
  ['overloaded', (seen) => seen.assistantError === 'overloaded' || (status(seen) ?? 0) >= 500],
  ['transcriptLost', (seen) => says(seen, /No conversation found with session ID/)],
  ['twoWriters', (seen) => says(seen, /Session ID .* is already in use/)],
  ['disk', (seen) => says(seen, DISK_FULL) || DISK_FULL.test(seen.hostProblem ?? '')],
  ['network', (seen) => seen.assistantError === 'server_error' || (ofApi(seen) && status(seen) === undefined)],
  // Ended from outside (the kernel's memory killer, a service manager, a person) or crashed: the session is as usable
  // as after a crash of the host.
  ['lost', (seen) => (seen.result === undefined ? wasSignalled(seen) : isInterrupted(seen.result))],
];
const DISK_FULL = /ENOSPC|no space left on device|disk is full/i;

/** By a signal that it took or that it answered with an exit code of its own (128 + the signal's number). */
const wasSignalled = ({ signal, exitCode }: Evidence): boolean =>
  signal !== undefined || (exitCode !== undefined && exitCode > 128 && exitCode <= 128 + 31);

/** What happened, in the CLI's own words where it spoke. */
function sayWhat(evidence: Evidence): string {
  const parts = [evidence.result?.text, ...(evidence.result?.errors ?? []), evidence.stderrTail.trim()];
  // What goes to stderr often stands in the result too.
  const words = [...new Set(parts.filter((part) => part !== undefined && part !== ''))];
  const exit =
    evidence.signal === undefined ? `exit code ${evidence.exitCode ?? 'unknown'}` : `signal ${evidence.signal}`;
  const kind =
    evidence.result === undefined ? 'no result' : (evidence.result.terminalReason ?? evidence.result.subtype);
  const said = words.length === 0 ? 'Claude ended without a word' : `Claude said: ${words.join(' · ')}`;
  return `${said} (${kind}, ${exit}).${sayRetry(evidence)}`;
}

function sayRetry({ apiRetry }: Evidence): string {
  if (apiRetry === undefined) return '';
  const of = apiRetry.maxRetries === undefined ? '' : ` of ${apiRetry.maxRetries}`;
  return ` Its inner retries got to ${apiRetry.attempt}${of}${apiRetry.error === undefined ? '' : ` (${apiRetry.error})`}.`;
}
