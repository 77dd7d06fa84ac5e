// A Messages API on loopback that plays what prompts ask for: the demo needs no account, tests need no mocks.
// Owns HTTP and the log; what is answered is decided in script.ts and played in perform.ts.
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isSideRequest, type MessagesRequest, messagesRequest, readConversation, userTexts } from './conversation.js';
import { failure } from './failures.js';
import { type ObstacleMemory, type Outcome, perform } from './perform.js';
import { replyTo, sendJson } from './reply.js';
import { type LoggedRequest, RequestLog } from './request-log.js';
import { standing } from './script.js';

export interface ScriptedApi {
  url: string;
  port: number;
  /** Newest last, the newest 10,000; entries change while their answer runs. */
  requests: readonly LoggedRequest[];
  waitFor(matches: (request: LoggedRequest) => boolean, timeoutMs: number): Promise<LoggedRequest>;
  close(): Promise<void>;
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  path: string;
  signal: AbortSignal;
}

export async function startScriptedApi({ port = 0 }: { port?: number } = {}): Promise<ScriptedApi> {
  const log = new RequestLog();
  const memory: ObstacleMemory = new Map();
  const closing = new AbortController();
  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const signal = AbortSignal.any([gone.signal, closing.signal]);
    answer({ request, response, path, signal }, log, memory).catch((error: unknown) => {
      sendJson(response, 500, failure(500, String(error)).body);
    });
  });
  // An answer may sleep for as long as its script says.
  server.requestTimeout = 0;
  const bound = await listen(server, port);
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    requests: log.requests,
    waitFor: (matches, timeoutMs) => log.waitFor(matches, timeoutMs),
    async close() {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the scripted API has no TCP address');
  return address.port;
}

async function answer(exchange: Exchange, log: RequestLog, memory: ObstacleMemory): Promise<void> {
  const { request, response, path } = exchange;
  const body = await readBody(request);
  if (request.method === 'GET' && path === '/__log') return sendJson(response, 200, log.requests);
  const counts = path === '/v1/messages/count_tokens';
  if (request.method !== 'POST' || !(counts || path === '/v1/messages'))
    return sendJson(response, 404, failure(404).body);
  const parsed = messagesRequest.safeParse(asJson(body));
  if (!parsed.success) return sendJson(response, 400, failure(400, parsed.error.message).body);
  const entry = log.add(entryOf(exchange, parsed.data, counts));
  const outcome = counts ? countTokens(response, body) : await converse(exchange, parsed.data, entry, log, memory);
  log.update(entry, { ...outcome, endedAt: Date.now() });
}

function countTokens(response: ServerResponse, body: string): Outcome {
  sendJson(response, 200, { input_tokens: Math.ceil(body.length / 4) });
  return { outcome: 'answered', status: 200 };
}

async function converse(
  { response, signal }: Exchange,
  request: MessagesRequest,
  entry: LoggedRequest,
  log: RequestLog,
  memory: ObstacleMemory,
): Promise<Outcome> {
  const reply = replyTo(response, request.stream, `msg_${entry.id}`, request.model);
  const happenings = readConversation(request);
  const { instruction, ahead } = entry.side ? sideAnswer : standing(happenings);
  const conversation = createHash('sha256').update(`${entry.sessionId}\n${instruction}`).digest('hex');
  return perform(ahead, reply, {
    conversation,
    happenings,
    memory,
    signal,
    unique: entry.id,
    onStep: ({ source }) =>
      log.update(entry, { stepTaken: entry.stepTaken === null ? source : `${entry.stepTaken} ${source}` }),
  });
}

const sideAnswer: ReturnType<typeof standing> = {
  instruction: '',
  ahead: [{ index: 0, step: { do: 'say', text: '{"title":"scripted"}', source: '(side)' } }],
};

function entryOf({ request, path }: Exchange, body: MessagesRequest, counts: boolean): LoggedRequest {
  return {
    id: randomUUID().replaceAll('-', ''),
    at: Date.now(),
    side: counts || isSideRequest(body),
    path,
    model: body.model,
    sessionId: header(request, 'x-claude-code-session-id'),
    auth: header(request, 'x-api-key') !== null ? 'key' : header(request, 'authorization') !== null ? 'oauth' : 'none',
    userTexts: userTexts(readConversation(body)),
    messages: body.messages.length,
    stepTaken: null,
  };
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
