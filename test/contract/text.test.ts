// Sizes and excerpts agree with real UTF-8 and never break a character.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, cutBytes, excerpt, jsonBytes, utf8Bytes } from '../../src/contract/text.js';

const anyText = fc.string({ unit: 'grapheme', maxLength: 60 });
const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units));
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

describe('utf8Bytes', () => {
  test.each([
    ['', 0],
    ['a', 1],
    ['é', 2],
    ['漢', 3],
    ['😀', 4],
    ['\ud83d', 3],
    ['\ude00', 3],
    ['\ude00\ud83d', 6],
    ['\ud83d\ud83d\ude00', 7],
  ])('%j is %i bytes', (text, bytes) => {
    expect(utf8Bytes(text)).toBe(bytes);
  });

  test('counts as the encoder does, whatever the code units', () => {
    fc.assert(fc.property(anyUnits, (text) => utf8Bytes(text) === new TextEncoder().encode(text).length));
  });

  test('jsonBytes counts what goes over the wire', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => jsonBytes(value) === Buffer.byteLength(JSON.stringify(value))));
    expect(jsonBytes(undefined)).toBe(0);
    expect(jsonBytes('\u0001')).toBe(8);
  });
});

describe('cut', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly10!', 10, 'exactly10!'],
    ['eleven char', 10, 'eleven ch…'],
    ['ab😀cd', 5, 'ab😀…'],
    ['ab😀cd', 4, 'ab…'],
    ['a\nb', 10, 'a\nb'],
  ])('%j to %i', (text, chars, said) => {
    expect(cut(text, chars)).toBe(said);
  });
});

describe('excerpt', () => {
  test.each([
    ['  a \n\t b  ', 20, 'a b'],
    ['one two three', 8, 'one two…'],
    [`${' '.repeat(5_000)}late`, 20, 'late'],
    ['a\u001b[31mred\u0007', 20, 'a [31mred'],
  ])('%j to %i', (text, chars, said) => {
    expect(excerpt(text, chars)).toBe(said);
  });

  test('says so where text was left out, also behind white space', () => {
    expect(excerpt(`a${' '.repeat(1_000)}b`, 20)).toMatch(/…$|^a b$/);
  });

  test('a cut never leaves half a character, wherever it falls', () => {
    for (let chars = 4; chars <= 12; chars++)
      for (let lead = 0; lead <= 60; lead++) {
        for (const filler of ['x', ' ']) {
          const said = excerpt(`a${filler.repeat(lead)}${'😀'.repeat(40)}`, chars);
          expect(said).not.toMatch(loneSurrogate);
          expect(said.length).toBeLessThanOrEqual(chars);
        }
      }
  });

  test('is one line within its length, whatever comes', () => {
    fc.assert(
      fc.property(anyUnits, fc.integer({ min: 2, max: 20 }), (text, chars) => {
        const said = excerpt(text, chars);
        return said.length <= chars && !/[\n\r\t\u001b]/.test(said);
      }),
    );
  });
});

describe('cutBytes', () => {
  test('keeps the longest start that fits, in whole characters', () => {
    expect(cutBytes('漢漢漢', 7)).toBe('漢漢');
    expect(cutBytes('😀', 3)).toBe('');
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 80 }), (text, bytes) => {
        const kept = cutBytes(text, bytes);
        const next = [...text][[...kept].length];
        return (
          text.startsWith(kept) &&
          utf8Bytes(kept) <= bytes &&
          (next === undefined || utf8Bytes(kept + next) > bytes || kept === text)
        );
      }),
    );
  });
});
