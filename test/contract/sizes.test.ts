// Bounds are exact, counted in UTF-8 bytes, and told by name where they are passed.
import { describe, expect, test } from 'vitest';
import { commandPayloads } from '../../src/contract/commands.js';
import { BOUNDS } from '../../src/contract/limits.js';
import { parseAs } from '../../src/contract/parse.js';
import { taskSpec } from '../../src/contract/spec.js';

const KIB = 1024;
const spec = (input: object) => parseAs(taskSpec, { prompt: 'p', ...input }, 'spec');

describe('a prompt takes 256 KiB of UTF-8 and not one byte more', () => {
  test.each([
    ['one byte a character', 'a', 1],
    ['two bytes', 'é', 2],
    ['three bytes', '漢', 3],
    ['four bytes', '😀', 4],
  ])('%s', (_, char, bytes) => {
    const fits = char.repeat(Math.floor((256 * KIB) / bytes));
    for (const [schema, what] of [
      [taskSpec, 'spec'],
      [commandPayloads.update, 'update'],
      [commandPayloads.resume, 'resume'],
    ] as const) {
      expect(parseAs(schema, { prompt: fits }, what).ok).toBe(true);
      const more = parseAs(schema, { prompt: fits + char }, what);
      expect(more).toEqual({ ok: false, says: expect.stringContaining(`${what}.prompt: got a string of`) });
      expect(more).toEqual({ ok: false, says: expect.stringContaining('at most 256 KiB') });
    }
  });

  test('a mixed prompt at the bound', () => {
    const fits = 'a'.repeat(256 * KIB - 7) + '漢😀';
    expect(spec({ prompt: fits }).ok).toBe(true);
    expect(spec({ prompt: `${fits}b` }).ok).toBe(false);
  });
});

describe('files', () => {
  test('one file takes 256 KiB, fifty files fit, all of them 512 KiB', () => {
    const file = (name: string, bytes: number) => ({ name, content: 'x'.repeat(bytes) });
    const list = (count: number, bytes: number) => Array.from({ length: count }, (_, i) => file(`f${i}`, bytes));
    expect(spec({ files: list(1, 256 * KIB) }).ok).toBe(true);
    expect(spec({ files: list(1, 256 * KIB + 1) })).toMatchObject({
      says: expect.stringContaining('spec.files.0.content'),
    });
    expect(spec({ files: list(50, 10) }).ok).toBe(true);
    expect(spec({ files: list(51, 10) })).toMatchObject({ says: expect.stringContaining('at most 50 files') });
    expect(spec({ files: list(3, 200 * KIB) })).toMatchObject({ says: expect.stringContaining('512 KiB in all') });
  });
});

describe('a spec must fit what its task carries', () => {
  test('beside its prompt and files it takes 64 KiB', () => {
    expect(spec({ claude: { settings: { a: 'x'.repeat(60 * KIB) } } }).ok).toBe(true);
    expect(spec({ claude: { settings: { a: 'x'.repeat(65 * KIB) } } })).toEqual({
      ok: false,
      says: expect.stringContaining('at most 64 KiB beside its prompt and files'),
    });
  });

  test('a prompt of 256 KiB whose JSON outgrows what open instructions may take is refused at the start', () => {
    const prompt = '\u0001'.repeat(256 * KIB);
    expect(JSON.stringify(prompt).length).toBeGreaterThan(BOUNDS.openBytes);
    expect(spec({ prompt })).toEqual({ ok: false, says: expect.stringContaining('spec: got an object') });
  });
});
