// Whatever comes, parsing answers with a sentence: it never throws, and it never takes long.
import { describe, expect, test } from 'vitest';
import { commandPayloads } from '../../src/contract/commands.js';
import { COMMANDS } from '../../src/contract/names.js';
import { parseAs } from '../../src/contract/parse.js';
import { taskSpec } from '../../src/contract/spec.js';

const SCHEMAS = [...COMMANDS.map((name) => [name, commandPayloads[name]] as const), ['spec', taskSpec] as const];
const nested = (open: string, close: string, levels: number, inner = ''): unknown =>
  JSON.parse(open.repeat(levels) + inner + close.repeat(levels));

/** The processor's time, not the clock's: other work on the machine is no one's fault here. */
function cpuMsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}

const NO_OBJECTS: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a string', 'stop'],
  ['an empty string', ''],
  ['JSON in a string', '{"prompt":"p"}'],
  ['a number', 0],
  ['a boolean', false],
  ['an empty list', []],
  ['a list of an object', [{ prompt: 'p' }]],
];

describe.each(SCHEMAS)('%s', (name, schema) => {
  test.each(NO_OBJECTS)('refuses %s', (_, input) => {
    expect(parseAs(schema, input, name)).toEqual({
      ok: false,
      says: expect.stringMatching(`^${name}: got .*allowed: .*object`),
    });
  });

  test.each([
    ['as a field', '{"prompt":"p","__proto__":{"when":"interrupt"}}'],
    ['as the only field', '{"__proto__":{"prompt":"p","command":"c","pick":1}}'],
  ])('refuses __proto__ %s', (_, json) => {
    expect(parseAs(schema, JSON.parse(json), name)).toEqual({ ok: false, says: expect.stringContaining('__proto__') });
    expect(({} as Record<string, unknown>)['when']).toBeUndefined();
  });

  test.each(['constructor', 'toString', 'hasOwnProperty', 'prototype', 'length', ''])('refuses the field %j', (key) => {
    const parsed = parseAs(schema, JSON.parse(JSON.stringify({ prompt: 'p', pick: 1, command: 'c', [key]: {} })), name);
    expect(parsed).toEqual({ ok: false, says: expect.stringContaining(`${name}.${key}: unknown field`) });
  });

  test.each([
    ['a list nested 200,000 levels', nested('[', ']', 200_000)],
    ['an object nested 200,000 levels', nested('{"a":', '}', 200_000, '1')],
    ['a field nested 200,000 levels', { prompt: nested('{"a":', '}', 200_000, '1'), files: nested('[', ']', 200_000) }],
    ['a million fields', Object.fromEntries(Array.from({ length: 1e6 }, (_, i) => [`k${i}`, 0]))],
    ['a million files', { prompt: 'p', files: Array(1e6).fill(0) }],
    ['a field of 10 MB', { prompt: 'p', ['x'.repeat(10e6)]: 1 }],
    ['a prompt of 10 MB', { prompt: 'x'.repeat(10e6) }],
  ])('refuses %s at once, in one short sentence', (_, input) => {
    const started = process.cpuUsage();
    const parsed = parseAs(schema, input, name);
    expect(cpuMsSince(started)).toBeLessThan(2_000);
    if (parsed.ok) throw new Error('accepted');
    expect(parsed.says.startsWith(name)).toBe(true);
    expect(parsed.says.length).toBeLessThanOrEqual(1_500);
  });
});

describe('JSON documents of a spec (settings, mcpConfig)', () => {
  const withSettings = (settings: unknown) => parseAs(taskSpec, { prompt: 'p', claude: { settings } }, 'spec');

  test('nested as deep as people nest are taken as they are', () => {
    const settings = { a: nested('{"b":[', ']}', 15, '1') };
    expect(withSettings(settings)).toEqual({ ok: true, value: { prompt: 'p', claude: { settings } } });
  });

  test.each([
    ['200 levels', { a: nested('[', ']', 200) }],
    ['3,000 levels', { a: nested('[', ']', 3_000) }],
    ['200,000 levels', { a: nested('{"a":', '}', 200_000, '1') }],
    ['a million fields', Object.fromEntries(Array.from({ length: 1e6 }, (_, i) => [`k${i}`, 0]))],
  ])('%s are refused at once', (_, settings) => {
    const started = process.cpuUsage();
    expect(withSettings(settings)).toEqual({ ok: false, says: expect.stringMatching(/^spec/) });
    expect(cpuMsSince(started)).toBeLessThan(2_000);
  });

  test('a __proto__ inside is refused, not left out in silence', () => {
    expect(withSettings(JSON.parse('{"a":{"__proto__":{"b":1}}}'))).toEqual({
      ok: false,
      says: expect.stringContaining('__proto__'),
    });
  });
});
