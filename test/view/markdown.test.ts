// Foreign text on the operator's page stays text, as the Temporal UI's renderer reads it; test/browser shows it rendered.
import { describe, expect, test } from 'vitest';
import { plainText } from '../../src/contract/plain-markdown.js';
import { cell, jsonBlock, table, urlChars } from '../../src/view/markdown.js';

describe('foreign text', () => {
  test.each([
    ['HTML', '<script>x</script>', '\\<script\\>x\\</script\\>'],
    ['a link with a target of its own', '[x](javascript:alert(1))', '\\[x\\](javascript:alert(1))'],
    ['an address, which would become a link', 'see https://a.example', 'see https\\://a.example'],
    ['the end of a table cell', 'a | b', 'a \\| b'],
    ['a fence', '```js', '\\`\\`\\`js'],
    ['a formula', '$HOME and $PATH', '\\$HOME and \\$PATH'],
    ['a flag, whose dashes would become one', 'use --continue', 'use \\--continue'],
    ['a line break, which would end a row or start a block', 'a\n# b', 'a \\# b'],
    ['its own escapes', '\\<b\\>', '\\\\\\<b\\\\\\>'],
    ['plain words', 'Two pages are merged: 50% (a-b).', 'Two pages are merged: 50% (a-b).'],
  ])('%s is plain', (_, foreign, plain) => {
    expect(plainText(foreign)).toBe(plain);
  });

  test('a cell is cut before it is escaped: no escape is left without its character', () => {
    expect(cell('|'.repeat(100), 10)).toBe(`${'\\|'.repeat(9)}…`);
  });
});

test('a table has one line a row and as many cells in each', () => {
  const lines = table(['#', 'asked'], [['1', cell('a|b\nc', 50)]]).split('\n');
  expect(lines.map((line) => line.match(/(?<!\\)\|/g)?.length)).toEqual([3, 3, 3]);
});

test('a block to copy holds the very JSON on one line', () => {
  const payload = { prompt: 'a "b"\n```' };
  const [, json = ''] = jsonBlock(payload).split('\n');
  expect(JSON.parse(json)).toEqual(payload);
});

test.each(['plain words', 'a|b # `c`', '漢字', '😀'.repeat(50), 'é\n\n\u00a0'])(
  '%j weighs what its URL does',
  (text) => {
    expect(urlChars(text)).toBe(encodeURIComponent(text).length);
  },
);
