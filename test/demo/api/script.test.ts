import { expect, test } from 'vitest';
import type { Happening } from '../../../src/demo/api/conversation.js';
import { standing, toolUseId } from '../../../src/demo/api/script.js';

const told = (text: string): Happening => ({ kind: 'told', by: 'user', text });
const toldByCli = (text: string): Happening => ({ kind: 'told', by: 'cli', text });
const said = (text: string): Happening => ({ kind: 'said', text });
const called = (index: number): Happening => ({ kind: 'called', id: toolUseId(index, 'x') });
const returned = (cutOff = false): Happening => ({ kind: 'returned', id: 'x', cutOff });

const ahead = (...happenings: Happening[]): string[] => standing(happenings).ahead.map(({ step }) => step.source);

test('a new instruction stands at its first step', () => {
  expect(ahead(told('[[say a]] [[sleep 1s]] [[say b]]'))).toEqual(['[[say a]]', '[[sleep 1s]]', '[[say b]]']);
});

test('a script that does not end in words gets some', () => {
  expect(ahead(told('[[sleep 1s]]'))).toEqual(['[[sleep 1s]]', '(end)']);
});

test('a tool result goes on behind its call', () => {
  expect(ahead(told('[[tool A {}]] [[tool B {}]] [[say c]]'), called(0), returned())).toEqual([
    '[[tool B {}]]',
    '[[say c]]',
  ]);
});

test('what was said is behind it, what was not delivered is said again', () => {
  expect(
    ahead(told('[[say a]] [[sleep 1s]] [[say b]]'), said('a'), toldByCli('[Request interrupted by user]')),
  ).toEqual(['[[sleep 1s]]', '[[say b]]']);
  expect(ahead(told('[[say a]] [[sleep 1s]] [[say b]]'), said('No response requested.'), told('go on'))).toEqual([
    '[[say a]]',
    '[[say b]]',
  ]);
});

test('each nudge passes one obstacle', () => {
  const script = told('[[sleep 1s]] [[error 529]] [[say late]]');
  expect(ahead(script, told('go on'))).toEqual(['[[error 529]]', '[[say late]]']);
  expect(ahead(script, told('go on'), told('and on'))).toEqual(['[[say late]]']);
});

test("the CLI's own nudge counts alone, not beside another", () => {
  const script = told('[[sleep 1s]] [[error 529]] [[say late]]');
  const own = toldByCli('Continue from where you left off.');
  expect(ahead(script, own)).toEqual(['[[error 529]]', '[[say late]]']);
  expect(ahead(script, own, told('go on'))).toEqual(['[[error 529]]', '[[say late]]']);
});

test('a nudge after a tool call that was cut off passes nothing: no obstacle was met', () => {
  expect(ahead(told('[[tool A {}]] [[sleep 1s]] [[say b]]'), called(0), returned(true), told('go on'))).toEqual([
    '[[sleep 1s]]',
    '[[say b]]',
  ]);
});

test.each(['[[error 529 x*]]', '[[error 529 x3]]', '[[limit 10s]]'])('no nudge passes %s', (obstacle) => {
  expect(ahead(told(`${obstacle} [[say b]]`), told('go on'))).toEqual([obstacle, '[[say b]]']);
});

test('after the end a text without directives is answered plainly, and a new script begins', () => {
  expect(standing([told('[[say a]]'), said('a'), told('thanks')]).ahead[0]?.step).toMatchObject({
    do: 'say',
    text: 'ok: thanks',
  });
  expect(ahead(told('[[say a]]'), said('a'), told('[[say b]]'))).toEqual(['[[say b]]']);
});

test('asked again after its end without anybody having spoken, it ends again', () => {
  expect(ahead(told('[[say a]]'), said('a'))).toEqual(['(end)']);
});
