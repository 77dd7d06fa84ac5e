// What makes a command one command.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { commandIdOfUpdate, idOf, rememberedKey } from '../../src/contract/command-id.js';
import { jsonBytes } from '../../src/contract/text.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe("an Update's id", () => {
  test('is the command id up to 64 characters, its SHA-256 above', () => {
    expect(commandIdOfUpdate('u')).toBe('u');
    expect(commandIdOfUpdate('x'.repeat(64))).toBe('x'.repeat(64));
    expect(commandIdOfUpdate('x'.repeat(65))).toBe(sha256('x'.repeat(65)));
    expect(commandIdOfUpdate('漢'.repeat(65))).toBe(sha256('漢'.repeat(65)));
  });
});

describe("a payload's id", () => {
  test.each([
    [{ id: 'a' }, 'a'],
    [{ id: 'x'.repeat(64) }, 'x'.repeat(64)],
    [{ id: 'x'.repeat(65) }, undefined],
    [{ id: '' }, undefined],
    [{ id: 7 }, undefined],
    [{ id: null }, undefined],
    [{ id: ['a'] }, undefined],
    [{}, undefined],
    [Object.create({ id: 'inherited' }), undefined],
    [JSON.parse('{"__proto__":{"id":"hidden"}}'), undefined],
    [null, undefined],
    [undefined, undefined],
    ['id', undefined],
    [7, undefined],
    [[], undefined],
  ])('of %j', (payload, id) => {
    expect(idOf(payload)).toBe(id);
  });
});

describe('a remembered id', () => {
  const IDS = [
    'c-1',
    '0b6f6d3e-38a5-4b6c-9f0b-0d6f3f0a9f11',
    'x'.repeat(64),
    `${'x'.repeat(63)}y`,
    '漢'.repeat(64),
    '😀'.repeat(32),
    '\u0000'.repeat(64),
    '"\\'.repeat(32),
    'a b',
    'a b ',
    'a  b',
    '#abc',
    sha256('x').slice(0, 32),
  ];

  test('differs for different ids, and is the same for the same one', () => {
    expect(new Set(IDS.map(rememberedKey)).size).toBe(IDS.length);
    for (const id of IDS) expect(rememberedKey(id)).toBe(rememberedKey(id));
  });

  test('is never mistaken for the key of another id', () => {
    for (const id of IDS)
      if (rememberedKey(id) !== id) expect(rememberedKey(rememberedKey(id))).not.toBe(rememberedKey(id));
  });

  test('takes at most 48 bytes of JSON, whatever characters it holds', () => {
    for (const id of IDS) expect(jsonBytes(rememberedKey(id))).toBeLessThanOrEqual(48);
  });
});
