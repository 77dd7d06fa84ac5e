// What a session has cost, read from its transcript: the newest note counts, and what is none is passed over.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { notedCostUsd } from '../../src/claude/cost-state.js';
import { tempDir } from '../support/temp.js';

const note = (totalCostUSD: unknown): string => JSON.stringify({ type: 'cost-state', totalCostUSD });

async function noted(...lines: string[]): Promise<number | undefined> {
  const path = join(await tempDir('cost'), 't.jsonl');
  await writeFile(path, lines.join('\n'));
  return notedCostUsd(path);
}

test('the newest note counts', async () => {
  expect(await noted(note(0.1), '{"type":"user"}', note(0.3), '{"type":"mode"}')).toBe(0.3);
});

test('a torn line, a foreign shape and words about cost are passed over', async () => {
  const said = JSON.stringify({ type: 'user', message: { content: note(99) } });
  expect(await noted(note(0.2), note('much'), note(-1), said, note(7).slice(0, 30))).toBe(0.2);
});

test('nothing noted, or no file', async () => {
  expect(await noted('{"type":"user"}')).toBeUndefined();
  expect(await notedCostUsd('/nowhere/t.jsonl')).toBeUndefined();
});

test('found at the end of a long transcript', async () => {
  expect(await noted('x'.repeat(3_000_000), note(0.5), '')).toBe(0.5);
});
