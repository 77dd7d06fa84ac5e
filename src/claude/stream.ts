// One line of the CLI's stdout → one event, of the few kinds that are used. Never throws: a line that is unknown or
// no JSON is an event of its own, to be counted.
import type { z } from 'zod';
import { type AssistantWords, isFields, readAssistant, readUser } from './said-lines.js';
import { apiRetryLine, backgroundLine, initLine, lifecycleLine, rateLimitLine, resultLine } from './stream-shapes.js';

/** What the CLI says at the end of a turn. API failures too come as `subtype: "success"`: `isError` and what follows decide. */
export interface TurnResult {
  subtype: string;
  isError: boolean;
  text?: string | undefined;
  errors: string[];
  terminalReason?: string | undefined;
  apiErrorStatus?: number | undefined;
  stopReason?: string | undefined;
  turns: number;
  /** Of the whole session, earlier launches included. */
  sessionCostUsd?: number | undefined;
  deferredTool?: { id: string; name: string } | undefined;
}

export interface ApiRetry {
  attempt: number;
  maxRetries?: number | undefined;
  delayMs?: number | undefined;
  errorStatus?: number | undefined;
  error?: string | undefined;
}

export interface RateLimit {
  status: string;
  /** Unix seconds. */
  resetsAtS?: number | undefined;
  type?: string | undefined;
}

export type StreamEvent =
  | { kind: 'init'; sessionId: string; model?: string | undefined; cliVersion?: string | undefined }
  | { kind: 'message'; uuid: string; state: string; sessionId?: string | undefined }
  | { kind: 'assistant'; words: AssistantWords }
  | { kind: 'toolResults'; ids: string[] }
  | { kind: 'background'; tasks: number }
  | { kind: 'apiRetry'; retry: ApiRetry }
  | { kind: 'rateLimit'; limit: RateLimit }
  | { kind: 'result'; result: TurnResult }
  | { kind: 'other' | 'unknown' | 'notJson' };

const OTHER: StreamEvent = { kind: 'other' };
const UNKNOWN: StreamEvent = { kind: 'unknown' };
const NOT_JSON: StreamEvent = { kind: 'notJson' };

export function parseLine(line: Buffer): StreamEvent {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return NOT_JSON;
  }
  if (!isFields(value)) return UNKNOWN;
  switch (value['type']) {
    case 'assistant':
      return assistantEvent(value);
    case 'user':
      return userEvent(value);
    case 'system':
      return systemEvent(value);
    case 'result':
      return read(resultLine, value, resultEvent);
    case 'command_lifecycle':
      return read(lifecycleLine, value, (seen) => ({
        kind: 'message',
        uuid: seen.command_uuid,
        state: seen.state,
        sessionId: seen.session_id,
      }));
    case 'rate_limit_event':
      return read(rateLimitLine, value, ({ rate_limit_info: info }) => ({
        kind: 'rateLimit',
        limit: { status: info.status, resetsAtS: info.resetsAt, type: info.rateLimitType },
      }));
    case 'stream_event':
    case 'tool_progress':
      return OTHER;
    default:
      return UNKNOWN;
  }
}

function read<T extends z.ZodType>(shape: T, value: unknown, make: (seen: z.output<T>) => StreamEvent): StreamEvent {
  const parsed = shape.safeParse(value);
  return parsed.success ? make(parsed.data) : UNKNOWN;
}

function systemEvent(value: Record<string, unknown>): StreamEvent {
  switch (value['subtype']) {
    case 'init':
      return read(initLine, value, (seen) => ({
        kind: 'init',
        sessionId: seen.session_id,
        model: seen.model,
        cliVersion: seen.claude_code_version,
      }));
    case 'background_tasks_changed':
      return read(backgroundLine, value, ({ tasks }) => ({ kind: 'background', tasks: tasks.length }));
    case 'api_retry':
      return read(apiRetryLine, value, (seen) => ({
        kind: 'apiRetry',
        retry: {
          attempt: seen.attempt,
          maxRetries: seen.max_retries,
          delayMs: seen.retry_delay_ms,
          errorStatus: seen.error_status,
          error: seen.error,
        },
      }));
    default:
      return OTHER;
  }
}

function assistantEvent(line: Record<string, unknown>): StreamEvent {
  if (!isFields(line['message'])) return UNKNOWN;
  const words = readAssistant(line);
  return words === undefined ? OTHER : { kind: 'assistant', words };
}

function userEvent(line: Record<string, unknown>): StreamEvent {
  const seen = readUser(line);
  if (seen === undefined) return OTHER;
  if ('replayed' in seen) return { kind: 'message', uuid: seen.replayed, state: 'replayed' };
  return { kind: 'toolResults', ids: seen.returned };
}

function resultEvent(seen: z.output<typeof resultLine>): StreamEvent {
  return {
    kind: 'result',
    result: {
      subtype: seen.subtype ?? '',
      isError: seen.is_error ?? true,
      text: seen.result,
      errors: seen.errors ?? [],
      terminalReason: seen.terminal_reason,
      apiErrorStatus: seen.api_error_status,
      stopReason: seen.stop_reason,
      turns: seen.num_turns ?? 0,
      sessionCostUsd: seen.total_cost_usd,
      deferredTool: seen.deferred_tool_use,
    },
  };
}
