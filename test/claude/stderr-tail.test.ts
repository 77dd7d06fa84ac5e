import { expect, test } from 'vitest';
import { StderrTail, TAIL_BYTES } from '../../src/claude/stderr-tail.js';

function tailOf(chunks: (string | Buffer)[], environment: Record<string, string> = {}): string {
  const tail = new StderrTail(environment);
  for (const chunk of chunks) tail.push(Buffer.from(chunk));
  return tail.text();
}

test('is the end of what was written, in at most 2 KB of whole characters', () => {
  const text = tailOf(Array.from({ length: 5_000 }, (_, index) => `ü line ${index}\n`));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(TAIL_BYTES);
  expect(text).toMatch(/line 4999$/);
  expect(text).not.toContain('�');
  expect(tailOf(['x'.repeat(1_000_000)])).toBe('x'.repeat(TAIL_BYTES));
});

test('is printable: no colours, no cursor, no control characters; lines stay', () => {
  expect(tailOf(['\u001b[31mError:\u001b[0m bad\r\n', '\u001b]0;title\u0007second\u0000\u0008 line\n'])).toBe(
    'Error: bad\nsecond line',
  );
});

test('does not repeat a secret of the environment, cut across chunks or not', () => {
  const environment = { ANTHROPIC_API_KEY: 'sk-ant-api03-abcdef', PATH: '/usr/bin/longer', SHORT_KEY: 'on' };
  const text = tailOf(['key sk-ant-ap', 'i03-abcdef refused in /usr/bin/longer, on'], environment);
  expect(text).toBe('key [ANTHROPIC_API_KEY] refused in /usr/bin/longer, on');
});

test('is empty when nothing was written', () => {
  expect(tailOf([])).toBe('');
});
