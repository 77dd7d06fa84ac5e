import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ScriptedApi, startScriptedApi } from '../../../src/demo/api/scripted-api.js';

let api: ScriptedApi;
beforeAll(async () => {
  api = await startScriptedApi();
});
afterAll(() => api.close());

interface Asked {
  prompt?: string;
  session?: string;
  stream?: boolean;
  body?: Record<string, unknown>;
  signal?: AbortSignal;
}

function ask({ prompt = '', session = prompt, stream = false, body = {}, signal }: Asked): Promise<Response> {
  const messages = [{ role: 'user', content: prompt }];
  return fetch(`${api.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'k', 'x-claude-code-session-id': session },
    body: JSON.stringify({ model: 'm', stream, messages, tools: [{ name: 'Bash' }], ...body }),
    ...(signal && { signal }),
  });
}

const logged = (session: string) => api.requests.filter((request) => request.sessionId === session);

test('answers as JSON or as an event stream, each text a block of its own', async () => {
  const prompt = '[[say one]] [[say two]]';
  expect(await (await ask({ prompt })).json()).toMatchObject({
    content: [
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ],
    stop_reason: 'end_turn',
  });
  const events = (await (await ask({ prompt, stream: true })).text()).match(/^event: .*$/gm);
  const block = ['event: content_block_start', 'event: content_block_delta', 'event: content_block_stop'];
  expect(events).toEqual(['event: message_start', ...block, ...block, 'event: message_delta', 'event: message_stop']);
});

test('stops at a tool call, whose id names its step', async () => {
  const answer = await ask({ prompt: '[[say first]] [[tool Bash {"command":"ls"}]] [[say after]]' });
  expect(await answer.json()).toMatchObject({
    content: [
      { text: 'first' },
      { type: 'tool_use', id: expect.stringMatching(/^toolu_step1_/), input: { command: 'ls' } },
    ],
    stop_reason: 'tool_use',
  });
});

test('recalls what users said: no reminders, no tool results, nothing of the CLI', async () => {
  const messages = [
    {
      role: 'user',
      content: [
        { type: 'text', text: '<system-reminder>noise</system-reminder>' },
        { type: 'text', text: 'first' },
      ],
    },
    { role: 'assistant', content: 'said' },
    { role: 'user', content: '[Request interrupted by user]' },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'not a text' }] },
    { role: 'user', content: 'now [[recall]]' },
  ];
  const answer = await ask({ session: 'recalls', body: { messages } });
  expect(await answer.json()).toMatchObject({ content: [{ text: 'recall: ["first","now [[recall]]"]' }] });
  expect(logged('recalls')).toMatchObject([
    { userTexts: ['first', 'now [[recall]]'], messages: 5, side: false, auth: 'key', outcome: 'answered' },
  ]);
});

test('fails the first N requests of a conversation, and of each conversation', async () => {
  const prompt = '[[error 529 x2]] [[say ok]]';
  for (const session of ['count-a', 'count-b']) {
    const statuses = [];
    for (let turn = 0; turn < 3; turn += 1) statuses.push((await ask({ prompt, session })).status);
    expect(statuses).toEqual([529, 529, 200]);
  }
});

test('a usage limit carries the unified headers and ends when its time is over', async () => {
  const asked = { prompt: '[[limit 1s]] [[say free]]', session: 'limit' };
  const rejected = await ask(asked);
  expect(rejected.status).toBe(429);
  expect(rejected.headers.get('anthropic-ratelimit-unified-status')).toBe('rejected');
  const resetMs = Number(rejected.headers.get('anthropic-ratelimit-unified-reset')) * 1000;
  await expect.poll(async () => (await ask(asked)).status, { timeout: 5000 }).toBe(200);
  expect(Date.now()).toBeGreaterThanOrEqual(resetMs);
});

test('a sleep holds the stream open and ends at once when the client leaves', async () => {
  const client = new AbortController();
  const answer = await ask({
    prompt: '[[say early]] [[sleep 1h]]',
    session: 'sleeper',
    stream: true,
    signal: client.signal,
  });
  expect(answer.status).toBe(200);
  const open = await api.waitFor(
    (request) => request.sessionId === 'sleeper' && request.stepTaken === '[[say early]] [[sleep 1h]]',
    5000,
  );
  expect(open.outcome).toBeUndefined();
  client.abort();
  const left = await api.waitFor((request) => request.sessionId === 'sleeper' && request.outcome !== undefined, 5000);
  expect(left.outcome).toBe('aborted');
});

test('a drop breaks the stream, an error within it is an event', async () => {
  const dropped = await ask({ prompt: '[[say early]] [[drop]]', session: 'drop', stream: true });
  await expect(dropped.text()).rejects.toThrow();
  expect(logged('drop')).toMatchObject([{ outcome: 'dropped' }]);
  const broken = await ask({ prompt: '[[say early]] [[error 529]]', stream: true });
  expect(await broken.text()).toContain('event: error');
});

test('side requests are answered harmlessly and marked', async () => {
  const answer = await ask({ prompt: 'Title for: [[error 500]]', session: 'side', body: { tools: [] } });
  expect(answer.status).toBe(200);
  const counted = await fetch(`${api.url}/v1/messages/count_tokens`, {
    method: 'POST',
    headers: { authorization: 'Bearer t', 'x-claude-code-session-id': 'side' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'x' }] }),
  });
  expect(await counted.json()).toMatchObject({ input_tokens: expect.any(Number) });
  expect(logged('side')).toMatchObject([
    { side: true, auth: 'key' },
    { side: true, auth: 'oauth' },
  ]);
});

test('what it does not know is refused in the words of the API', async () => {
  for (const [path, status, type] of [
    ['/v1/nothing', 404, 'not_found_error'],
    ['/v1/messages', 400, 'invalid_request_error'],
  ] as const) {
    const answer = await fetch(api.url + path, { method: 'POST', body: 'not json' });
    expect([answer.status, await answer.json()]).toMatchObject([status, { type: 'error', error: { type } }]);
  }
  expect(await (await ask({ prompt: '[[slepe 3s]]' })).json()).toMatchObject({
    error: { message: expect.stringContaining('[[slepe]]') },
  });
});

test('the log can be read over HTTP, and waiting in vain says what was seen', async () => {
  await ask({ prompt: 'hello log', session: 'log' });
  const answer = await fetch(`${api.url}/__log`);
  expect(await answer.json()).toContainEqual(
    expect.objectContaining({ sessionId: 'log', userTexts: ['hello log'], status: 200 }),
  );
  await expect(api.waitFor(() => false, 10)).rejects.toThrow('hello log');
});

test('closing it ends every open answer', async () => {
  const other = await startScriptedApi();
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: '[[hang]]' }], tools: [{}] });
  const open = fetch(`${other.url}/v1/messages`, { method: 'POST', body });
  const failed = expect(open).rejects.toThrow();
  await other.waitFor((request) => request.stepTaken === '[[hang]]', 5000);
  await other.close();
  await failed;
  expect(other.requests).toMatchObject([{ outcome: 'aborted' }]);
});
