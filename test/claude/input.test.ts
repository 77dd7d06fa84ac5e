// The line itself; that it arrives whole and in its own time is tested in run.test.ts.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { messageLine } from '../../src/claude/input.js';

const shape = z.strictObject({
  type: z.literal('user'),
  uuid: z.literal('u'),
  message: z.strictObject({ role: z.literal('user'), content: z.string() }),
});

const contentOf = (content: string): unknown => {
  const line = messageLine({ uuid: 'u', content });
  expect(line.endsWith('\n')).toBe(true);
  expect(line.slice(0, -1)).not.toContain('\n');
  const parsed = shape.parse(JSON.parse(line));
  return parsed.message.content;
};

test.each(['hello', 'two\nlines\r\n', '"quoted" \\ \u2028 ü 😀', '-p', '--help', '{"type":"user"}', ' /clear'])(
  'the content %j is handed over as it is, on one line',
  (content) => {
    expect(contentOf(content)).toBe(content);
  },
);

test.each(['/clear', '/', '/etc/hosts is wrong'])('%j is made text, not a command of the CLI', (content) => {
  expect(contentOf(content)).toBe(` ${content}`);
});
