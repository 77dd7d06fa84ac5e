// The nearest known name: near enough to be meant, or none.
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/contract/names.js';
import { nearest } from '../../src/contract/nearest.js';

test.each([
  ['updaet', 'update'],
  ['Update', 'update'],
  ['resum', 'resume'],
  ['contniue', 'continue'],
  ['finnish', 'finish'],
  ['st-op', 'stop'],
  ['launch', undefined],
  ['', undefined],
  ['x'.repeat(1e6), undefined],
])('%j', (name, near) => {
  expect(nearest(name.slice(0, 200), COMMANDS)).toBe(near);
});

test('the nearest wins, not the first', () => {
  expect(nearest('abce', ['abxx', 'abcd'])).toBe('abcd');
});
