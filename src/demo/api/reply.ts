// One answer of the Messages API on the wire, as an event stream or as one JSON body. Owns the wire format and
// back-pressure; knows nothing of scripts. Every call is safe after the client has left.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ApiFailure } from './failures.js';

export interface Usage {
  inputTokens: number;
  outputTokens: number;
}
export type StopReason = 'end_turn' | 'tool_use';

export interface Reply {
  begin(usage: Usage): void;
  text(text: string): Promise<void>;
  toolUse(id: string, name: string, input: Record<string, unknown>): void;
  ping(): void;
  end(stopReason: StopReason, usage: Usage): void;
  fail(failure: ApiFailure): void;
  drop(): void;
}

const CHUNK_CHARACTERS = 64 * 1024;

export function replyTo(response: ServerResponse, streams: boolean, id: string, model: string): Reply {
  return streams ? eventStream(response, id, model) : wholeJson(response, id, model);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function eventStream(response: ServerResponse, id: string, model: string): Reply {
  let index = 0;
  const send = (type: string, data: object): boolean =>
    response.destroyed || response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  return {
    begin(usage) {
      if (response.headersSent || response.destroyed) return;
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      send('message_start', {
        message: { ...envelope(id, model), content: [], stop_reason: null, usage: onWire(usage) },
      });
    },
    async text(text) {
      send('content_block_start', { index, content_block: { type: 'text', text: '' } });
      for (let at = 0; at < text.length && !response.destroyed; at += CHUNK_CHARACTERS) {
        const delta = { type: 'text_delta', text: text.slice(at, at + CHUNK_CHARACTERS) };
        if (!send('content_block_delta', { index, delta })) await drained(response);
      }
      send('content_block_stop', { index });
      index += 1;
    },
    toolUse(toolId, name, input) {
      send('content_block_start', { index, content_block: { type: 'tool_use', id: toolId, name, input: {} } });
      send('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) } });
      send('content_block_stop', { index });
      index += 1;
    },
    ping: () => void send('ping', {}),
    end(stopReason, usage) {
      const delta = { stop_reason: stopReason, stop_sequence: null };
      send('message_delta', { delta, usage: { output_tokens: usage.outputTokens } });
      send('message_stop', {});
      response.end();
    },
    fail(failure) {
      if (!response.headersSent) return sendJson(response, failure.status, failure.body, failure.headers);
      send('error', failure.body);
      response.end();
    },
    drop: () => void response.destroy(),
  };
}

function wholeJson(response: ServerResponse, id: string, model: string): Reply {
  const content: object[] = [];
  return {
    begin: () => undefined,
    async text(text) {
      content.push({ type: 'text', text });
    },
    toolUse: (toolId, name, input) => void content.push({ type: 'tool_use', id: toolId, name, input }),
    ping: () => undefined,
    end: (stopReason, usage) =>
      sendJson(response, 200, { ...envelope(id, model), content, stop_reason: stopReason, usage: onWire(usage) }),
    fail: (failure) => sendJson(response, failure.status, failure.body, failure.headers),
    drop: () => void response.destroy(),
  };
}

function envelope(id: string, model: string): object {
  return { id, type: 'message', role: 'assistant', model, stop_sequence: null };
}

function onWire(usage: Usage): object {
  return { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens };
}

async function drained(response: ServerResponse): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]).finally(() =>
    settled.abort(),
  );
}
