// What a transcript says of an instruction, case by case as 2.1.330 leaves them behind.
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasUuid, readDelivery } from '../../src/claude/delivery.js';
import { tempDir } from '../support/temp.js';
import { heldMiB } from './memory.js';

const X = '11111111-1111-4111-8111-111111111111';
const N = '22222222-2222-4222-8222-222222222222';

type Line = Record<string, unknown>;
const user = (uuid: string, content: unknown = 'do it', more: Line = {}): Line => ({
  type: 'user',
  uuid,
  isSidechain: false,
  message: {
    role: 'user',
    content,
  },
  ...more,
});
const claude = (stop: string | null, block: Line, more: Line = {}): Line => ({
  type: 'assistant',
  isSidechain: false,
  message: {
    model: 'opus',
    stop_reason: stop,
    content: [block],
  },
  ...more,
});
const text = (said: string): Line => ({ type: 'text', text: said });
const tool: Line = { type: 'tool_use', id: 't', name: 'Bash', input: {} };
const toolResult = user('r', [{ type: 'tool_result', tool_use_id: 't', content: 'ok' }]);
const synthetic = (said: string, more: Line = {}): Line => ({
  type: 'assistant',
  message: {
    model: '<synthetic>',
    stop_reason: 'stop_sequence',
    content: [text(said)],
  },
  ...more,
});
const queued = { type: 'queue-operation', operation: 'enqueue', content: 'do it', uuid: X };
const blob = { type: 'api-request-blob', message: { role: 'user', content: X }, shape: '"type":"assistant"' };
const done = claude('end_turn', text('all done'));
const noResponse = synthetic('No response requested.');

async function written(lines: (Line | string)[]): Promise<string> {
  const path = join(await tempDir('delivery'), 'session.jsonl');
  await writeFile(path, lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join(''));
  return path;
}

const read = async (...lines: (Line | string)[]) => readDelivery(await written(lines), X);

describe('absent', () => {
  test.each<[string, (Line | string)[]]>([
    ['an empty file', []],
    ['another instruction only', [user(N), done]],
    [
      'the uuid in a queue line, in a request, in somebody’s words',
      [queued, blob, user(N, `see ${X}`), claude('end_turn', text(X))],
    ],
    ['the uuid on an assistant line', [{ ...done, uuid: X }]],
    ['its line torn by a kill', [JSON.stringify(user(X)).slice(0, -20)]],
  ])('%s', async (_name, lines) => {
    expect(await read(...lines)).toEqual({ delivery: 'absent' });
  });

  test('a file that does not exist', async () => {
    expect(await readDelivery('/nowhere/session.jsonl', X)).toEqual({ delivery: 'absent' });
  });
});

describe('unfinished', () => {
  test.each<[string, (Line | string)[], string?]>([
    ['killed in mid-stream', [user(X)]],
    ['killed in mid-tool', [user(X), claude('tool_use', text('I run it')), claude('tool_use', tool)], 'I run it'],
    ['killed after the tool', [user(X), claude('tool_use', tool), toolResult]],
    [
      'interrupted by SIGINT',
      [user(X), claude(null, text('partly')), user('i', [text('[Request interrupted by user]')])],
      'partly',
    ],
    ['cut off partway through a text', [user(X), claude(null, text('partly'))], 'partly'],
    ['an API error', [user(X), synthetic('API Error: 529', { isApiErrorMessage: true })]],
    [
      'an API error under a model’s name',
      [user(X), claude('stop_sequence', text('Credit'), { isApiErrorMessage: true })],
    ],
    ['taken up again and killed at once', [user(X), noResponse, user(N, 'go on')]],
    ['only its first, wordless line on disk', [user(X), claude('end_turn', { type: 'thinking', thinking: '…' })]],
    [
      'a dropped stream noted by the CLI',
      [user(X), done, user('m', 'cut off mid-stream', { isMeta: true })],
      'all done',
    ],
    ['a background task came back', [user(X), done, user('b', '<task-notification>')], 'all done'],
    ['its last words torn', [user(X), JSON.stringify(done).slice(0, -30)]],
    ['paused by the API', [user(X), claude('pause_turn', text('searching'))], 'searching'],
  ])('%s', async (_name, lines, lastSaid) => {
    expect(await read(queued, ...lines)).toEqual({ delivery: 'unfinished', ...(lastSaid && { lastSaid }) });
  });
});

describe('finished', () => {
  test.each<[string, (Line | string)[]]>([
    ['a plain answer', [user(X), done]],
    ['a tool loop', [user(X), claude('tool_use', tool), toolResult, done]],
    ['thinking first', [user(X), claude('end_turn', { type: 'thinking', thinking: '…' }), done]],
    ['a nudge finished it', [user(X), claude('tool_use', tool), noResponse, user(N, 'go on'), done]],
    ['cut at the model’s limit', [user(X), claude('max_tokens', text('all done'))]],
    [
      'what the CLI notes afterwards',
      [user(X), done, { type: 'cost-state' }, { type: 'last-prompt', lastPrompt: 'do it' }],
    ],
    ['a subagent’s lines after it', [user(X), done, { ...toolResult, isSidechain: true }]],
    ['a summary after it', [user(X), done, user('s', 'This session is being continued', { isCompactSummary: true })]],
    [
      'compaction on the way',
      [user(X), { type: 'system', subtype: 'compact_boundary' }, user('s', '…', { isCompactSummary: true }), done],
    ],
    ['a torn line on the way', [user(X), `${JSON.stringify(toolResult).slice(0, -9)}\n`, done]],
    ['lines that are no objects on the way', [user(X), 'null\n[]\n"type":"user"\n', done]],
    ['delivered twice under the same uuid', [user(X), claude('tool_use', tool), user(X), done]],
  ])('%s', async (_name, lines) => {
    expect(await read(...lines)).toEqual({ delivery: 'finished', lastSaid: 'all done' });
  });
});

test('hasUuid looks at user lines only', async () => {
  const path = await written([queued, blob, user(N, X), user(X, 'long '.repeat(100_000)), done]);
  expect(await hasUuid(path, X)).toBe(true);
  expect(await hasUuid(await written([queued, blob, user(N, X)]), X)).toBe(false);
  expect(await hasUuid('/nowhere', X)).toBe(false);
});

test('a transcript of 200 MB is read in constant memory', async () => {
  const path = await written([user(X)]);
  const file = await open(path, 'a');
  const line = `${JSON.stringify({ ...toolResult, toolUseResult: 'x'.repeat(1024 * 1024) })}\n`;
  for (let megabytes = 0; megabytes < 200; megabytes += 1) await file.write(line);
  await file.write(`${JSON.stringify(done)}\n`);
  await file.close();
  const before = heldMiB();
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, heldMiB())), 1);
  const found = await readDelivery(path, X);
  clearInterval(watch);
  expect(found).toEqual({ delivery: 'finished', lastSaid: 'all done' });
  expect(most - before).toBeLessThan(120);
});
