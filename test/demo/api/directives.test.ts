import { expect, test } from 'vitest';
import { parseDirectives } from '../../../src/demo/api/directives.js';

const acts = (text: string) => parseDirectives(text).map(({ source: _source, ...act }) => act);

test('reads every directive, in order, out of the words around them', () => {
  const text =
    'Do [[say hello there]] then [[sleep 1.5s]], [[recall]] [[big 2KB]] [[tokens 10 20]] [[hang]] [[drop x2]] ' +
    '[[error 529]] [[error 400 prompt is too long x*]] [[limit 1h]]';
  expect(acts(text)).toEqual([
    { do: 'say', text: 'hello there' },
    { do: 'sleep', ms: 1500, times: 'untilNudged' },
    { do: 'recall' },
    { do: 'big', bytes: 2048 },
    { do: 'tokens', input: 10, output: 20 },
    { do: 'hang', times: 'untilNudged' },
    { do: 'drop', times: 2 },
    { do: 'error', status: 529, message: '', times: 'untilNudged' },
    { do: 'error', status: 400, message: 'prompt is too long', times: 'always' },
    { do: 'limit', seconds: 3600, times: 'untilNudged' },
  ]);
});

test('a tool input may hold the closing brackets, and directives of its own', () => {
  const input = { list: [[1]], prompt: '[[say inner]]' };
  expect(acts(`[[tool Task ${JSON.stringify(input)}]] [[say outer]]`)).toEqual([
    { do: 'tool', name: 'Task', input },
    { do: 'say', text: 'outer' },
  ]);
});

test.each(['plain words', 'bash: [[ -f x ]] && echo', 'matrix [[1, 2], [3]]', '[["json"]]'])(
  '%s holds no directive',
  (text) => {
    expect(acts(text)).toEqual([]);
  },
);

test.each([
  '[[slepe 3s]]',
  '[[sleep soon]]',
  '[[say]]',
  '[[error teapot]]',
  '[[tool Bash {"command":]]',
  '[[recall',
  '[[limit 3 days]]',
])('%s is refused, never ignored', (text) => {
  expect(acts(text)).toMatchObject([{ do: 'invalid' }]);
});
