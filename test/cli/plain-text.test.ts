import { describe, expect, it } from 'vitest';
import { jsonLine, plain, plainText } from '../../src/cli/plain-text.js';

describe('foreign text on a terminal', () => {
  it.each([
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['a moved cursor and a cleared screen', 'a\u001b[2J\u001b[1;1Hb', 'ab'],
    ['a window title, ended by BEL', '\u001b]0;owned\u0007text', 'text'],
    ['a hyperlink, ended by ST', '\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['C1 controls', '\u009b31mred\u0085', 'red'],
    ['backspaces and bells', 'ab\b\b\u0007c', 'abc'],
    ['a reversed reading order', 'file\u202etxt.exe\u2066', 'filetxt.exe'],
    ['a lone escape', 'a\u001b', 'a'],
  ])('loses %s', (_, raw, shown) => {
    expect(plainText(raw)).toBe(shown);
  });

  it('keeps its lines and tabs, whatever the line break', () => {
    expect(plainText('a\r\nb\rc\n\td\u2028e')).toBe('a\nb\nc\n\td\ne');
  });

  it('keeps letters of every script, and emoji that are joined of several', () => {
    const text = 'größer 日本語 עברית 👩‍👩‍👧 ✔ …';
    expect(plainText(text)).toBe(text);
  });

  it('is cleaned wherever it stands in a value, names of fields and all', () => {
    const raw = { 'a\u001b[1mb': ['\u0007x', { deep: '\u001b[31my' }], at: new Date(0), none: null, count: 3 };
    expect(plain(raw)).toEqual({ ab: ['x', { deep: 'y' }], at: new Date(0), none: null, count: 3 });
  });
});

describe('foreign text in JSON', () => {
  it('comes back as it was, and brings no byte that a terminal obeys', () => {
    const value = { text: '\u001b[31m\u009b\u202e\u2028\u007f"é' };
    const line = jsonLine(value);
    expect(JSON.parse(line)).toEqual(value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  });
});
