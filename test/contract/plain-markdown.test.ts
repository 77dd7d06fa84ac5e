// Foreign text made harmless for Markdown, and back for a terminal.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromPlainText, plainText } from '../../src/contract/plain-markdown.js';

test.each([
  ['fix [[the]] *bold* `code` <b>', 'fix \\[\\[the\\]\\] \\*bold\\* \\`code\\` \\<b\\>'],
  ['see https://example.org', 'see https\\://example.org'],
  ['a -- b', 'a \\-- b'],
])('%s', (text, made) => {
  expect(plainText(text)).toBe(made);
  expect(fromPlainText(made)).toBe(text);
});

test('what was made harmless comes back as it was, line ends aside', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/[\r\n]/.test(text));
      expect(fromPlainText(plainText(text))).toBe(text);
    }),
  );
});
