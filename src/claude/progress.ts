// What is known of a run so far: a pure fold over stream events. The heartbeat, the report and the classification of
// a fault all read this one value; where events come from is not known here.
import { assertNever } from '../contract/assert-never.js';
import { excerpt } from '../contract/text.js';
import type { AssistantWords } from './said-lines.js';
import type { ApiRetry, RateLimit, StreamEvent, TurnResult } from './stream.js';

export const LAST_WORDS_CHARS = 300;

/** How far the CLI took our message, in its own order; it never steps back. */
const STATES = ['queued', 'started', 'replayed', 'cancelled', 'completed'];

export interface Progress {
  /** The uuid under which this run's message is sent. */
  messageUuid: string;
  sessionId?: string | undefined;
  model?: string | undefined;
  cliVersion?: string | undefined;
  /** The CLI took our message in; whether it stands in the transcript, only the transcript says. */
  accepted: boolean;
  messageState?: string | undefined;
  /** Claude's own count. */
  turns: number;
  tool?: { id: string; name: string } | undefined;
  /** Background commands and agents under way: the CLI waits for them after its result, then takes another turn. */
  backgroundTasks: number;
  /** One line of at most 300 characters. */
  lastWords?: string | undefined;
  /** The session's total as the CLI counts it, earlier launches included; known when a result came. */
  sessionCostUsd?: number | undefined;
  /** The last result counts. Absent while a turn runs, also one that began after an earlier result. */
  result?: TurnResult | undefined;
  /** The CLI's own retries of the request under way; absent once an answer came. */
  apiRetry?: ApiRetry | undefined;
  rateLimit?: RateLimit | undefined;
  /** The class of an API failure as the CLI names it, for example `rate_limit`. */
  assistantError?: string | undefined;
  lastMessageId?: string | undefined;
  /** Of stdout so far; these two are the reader's to count. */
  bytes: number;
  lines: number;
  unknownLines: number;
  nonJsonLines: number;
  /** Lines too long to be read. */
  oversizedLines: number;
}

export const noProgress = (messageUuid: string): Progress => ({
  messageUuid,
  sessionId: undefined,
  model: undefined,
  cliVersion: undefined,
  accepted: false,
  messageState: undefined,
  turns: 0,
  tool: undefined,
  backgroundTasks: 0,
  lastWords: undefined,
  sessionCostUsd: undefined,
  result: undefined,
  apiRetry: undefined,
  rateLimit: undefined,
  assistantError: undefined,
  lastMessageId: undefined,
  bytes: 0,
  lines: 0,
  unknownLines: 0,
  nonJsonLines: 0,
  oversizedLines: 0,
});

export function fold(before: Progress, event: StreamEvent): Progress {
  const progress = { ...before };
  advance(progress, event);
  return progress;
}

/** The same on a draft of the reader's own: a copy for each line of a long stream costs as much as parsing it. */
export function advance(draft: Progress, event: StreamEvent): void {
  switch (event.kind) {
    case 'init':
      draft.sessionId = event.sessionId;
      draft.model = event.model;
      draft.cliVersion = event.cliVersion;
      draft.result = undefined;
      return;
    case 'message':
      return takeMessage(draft, event);
    case 'assistant':
      return takeWords(draft, event.words);
    case 'toolResults':
      if (draft.tool !== undefined && event.ids.includes(draft.tool.id)) draft.tool = undefined;
      return;
    case 'background':
      draft.backgroundTasks = event.tasks;
      return;
    case 'apiRetry':
      draft.apiRetry = event.retry;
      return;
    case 'rateLimit':
      draft.rateLimit = event.limit;
      return;
    case 'result':
      return takeResult(draft, event.result);
    case 'unknown':
      draft.unknownLines += 1;
      return;
    case 'notJson':
      draft.nonJsonLines += 1;
      return;
    case 'other':
      return;
    default:
      assertNever(event);
  }
}

// The CLI names the session here first, before anything has gone to the API.
function takeMessage(draft: Progress, event: Extract<StreamEvent, { kind: 'message' }>): void {
  draft.sessionId = event.sessionId ?? draft.sessionId;
  if (event.uuid !== draft.messageUuid) return;
  draft.accepted = true;
  if (STATES.indexOf(event.state) > STATES.indexOf(draft.messageState ?? '')) draft.messageState = event.state;
}

function takeWords(draft: Progress, words: AssistantWords): void {
  const isFirstLine = words.messageId === undefined || words.messageId !== draft.lastMessageId;
  if (isFirstLine && words.error === undefined) draft.turns += 1;
  draft.lastMessageId = words.messageId;
  if (words.text !== undefined) draft.lastWords = excerpt(words.text, LAST_WORDS_CHARS);
  if (words.tool !== undefined) draft.tool = words.tool;
  draft.assistantError = words.error;
  // The error that the retries end in is no answer: how far they got is part of what it says.
  if (words.error === undefined) draft.apiRetry = undefined;
  draft.result = undefined;
}

function takeResult(draft: Progress, result: TurnResult): void {
  draft.result = result;
  draft.tool = undefined;
  draft.turns = Math.max(draft.turns, result.turns);
  draft.sessionCostUsd = result.sessionCostUsd ?? draft.sessionCostUsd;
}
