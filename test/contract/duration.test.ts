// Durations are strings such as "90s", "2h", "7d"; anything else is none.
import { describe, expect, test } from 'vitest';
import { duration, durationMs, parseDurationMs, sayDuration } from '../../src/contract/duration.js';
import { parseAs } from '../../src/contract/parse.js';

describe('a duration is read', () => {
  test.each([
    ['90s', 90_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1w', 604_800_000],
    ['10m', 600_000],
    ['250ms', 250],
    ['1.5h', 5_400_000],
    ['0.25s', 250],
    ['0s', 0],
  ])('%s', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
    expect(durationMs(text)).toBe(ms);
  });

  test.each([
    '',
    's',
    '90',
    '90 s',
    ' 90s',
    '90s ',
    '-1s',
    '+1s',
    '1h30m',
    '1e3s',
    '.5h',
    '5.h',
    '1H',
    '１s',
    '1y',
    'Infinitys',
    '9999999999s',
  ])('%j is none', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
    expect(() => durationMs(text)).toThrow('not a duration');
  });

  test('the bounds of a field belong to it', () => {
    const field = duration('1s', '1h');
    const parsed = (text: unknown) => parseAs(field, text, 'field').ok;
    expect(['999ms', '1s', '60m', '1h', '61m', 5].map(parsed)).toEqual([false, true, true, true, false, false]);
  });
});

test.each([
  [0, '0ms'],
  [450, '450ms'],
  [1_000, '1s'],
  [90_000, '1m 30s'],
  [7_200_000, '2h'],
  [7_261_000, '2h 1m'],
  [2_592_000_000, '30d'],
  [59_999, '1m'],
])('%i ms is said as %s', (ms, said) => {
  expect(sayDuration(ms)).toBe(said);
});
