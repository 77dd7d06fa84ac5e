// The generated JSON Schema is well formed, complete, and says what the parser does.
import { describe, expect, test } from 'vitest';
import { CAUSES, OUTCOMES } from '../../src/contract/attempt.js';
import { commandPayloads } from '../../src/contract/commands.js';
import { contractJsonSchema } from '../../src/contract/json-schema.js';
import { COMMANDS, QUERIES } from '../../src/contract/names.js';
import { parseAs } from '../../src/contract/parse.js';
import { taskSpec } from '../../src/contract/spec.js';
import * as views from '../../src/contract/views.js';
import { allows, type Schema } from './support/allows.js';

const document = contractJsonSchema() as { $schema: string; $defs: Record<string, Schema> };
const def = (name: string): Schema => {
  const found = document.$defs[name];
  if (found === undefined) throw new Error(`no ${name} in ${Object.keys(document.$defs).join(', ')}`);
  return found;
};
const at = (name: string, ...path: string[]): Schema =>
  path.reduce<Schema>((schema, key) => (schema as Record<string, unknown>)[key] as Schema, def(name));

describe('the document', () => {
  test('is JSON Schema 2020-12 and plain JSON', () => {
    expect(document.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  test('names the spec, every command, its answer, every query, the result and the memo', () => {
    const names = [
      'taskSpec',
      ...COMMANDS.map((name) => `command.${name}`),
      'commandAnswer',
      ...QUERIES.map((name) => `query.${name}`),
      'taskResult',
      'taskMemo',
    ];
    expect(Object.keys(document.$defs).sort()).toEqual(names.sort());
  });

  test('holds no reference that leads nowhere and no keyword of an older draft', () => {
    const text = JSON.stringify(document);
    expect(text).not.toMatch(/"(definitions|nullable|\$schema":"[^"]*draft-0)/);
    for (const [, reference = ''] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
      const target = reference
        .replace(/^#\/?/, '')
        .split('/')
        .filter((key) => key !== '')
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
      expect(target, reference).toBeDefined();
    }
  });
});

describe('closed enums stand in it', () => {
  test.each([
    ['attempt cause', ['query.attempts', 'items', 'properties', 'cause'], CAUSES],
    ['session status', ['query.sessions', 'items', 'properties', 'status'], views.SESSION_STATUSES],
    ['decided', ['query.attempts', 'items', 'properties', 'decided'], views.DECISIONS],
    ['phase', ['query.task', 'properties', 'phase'], views.PHASES],
    ['phase in the memo', ['taskMemo', 'properties', 'phase'], views.PHASES],
    ['command state', ['query.task', 'properties', 'commands', 'items', 'properties', 'state'], views.COMMAND_STATES],
    ['when', ['command.update', 'properties', 'when'], ['queue', 'interrupt']],
    ['close', ['taskSpec', 'properties', 'close'], ['when-done', 'when-asked']],
  ] as const)('%s', (_, [name, ...path], values) => {
    expect((at(name, ...path) as { enum: string[] }).enum).toEqual([...values]);
  });

  test('outcome, null while an attempt works; waiting, null where nothing is waited for', () => {
    const outcome = at('query.attempts', 'items', 'properties', 'outcome');
    for (const value of [...OUTCOMES, null]) expect(allows(outcome, value, document)).toBe(true);
    expect(allows(outcome, 'failed', document)).toBe(false);
    expect(allows(def('query.waiting'), null, document)).toBe(true);
    for (const reason of views.WAITING_FOR)
      expect(allows(def('query.waiting'), { for: reason, says: 's', answerWith: [] }, document)).toBe(true);
    expect(allows(def('query.waiting'), { for: 'lunch', says: 's', answerWith: [] }, document)).toBe(false);
  });
});

describe('inputs are closed, answers may grow', () => {
  test.each(['taskSpec', ...COMMANDS.map((name) => `command.${name}`)])('%s takes no unknown field', (name) => {
    expect(def(name)).toMatchObject({ type: 'object', additionalProperties: false });
  });

  test('required fields', () => {
    const required = (name: string) => (def(name) as { required?: string[] }).required ?? [];
    expect(required('taskSpec')).toEqual(['prompt']);
    expect(Object.fromEntries(COMMANDS.map((name) => [name, required(`command.${name}`)]))).toEqual({
      update: ['prompt'],
      continue: [],
      resume: [],
      answer: ['pick'],
      stop: [],
      drop: ['command'],
      fork: ['prompt'],
      mark: ['label'],
      finish: [],
    });
  });

  test.each(['query.task', 'taskResult', 'taskMemo'])('%s', (name) => {
    expect((def(name) as { additionalProperties?: unknown }).additionalProperties).not.toBe(false);
  });
});

// What JSON Schema can't say (bytes, "not both", unique names) is left to the parser; all else must agree.
describe('schema and parser agree', () => {
  const INPUTS: [string, unknown][] = [
    ...[undefined, null, 's', 1, [], {}, { prompt: 'p' }, { prompt: 1 }].map(
      (input) => ['spec', input] as [string, unknown],
    ),
    ...Object.entries({
      title: ['t', '', 5, null],
      close: ['when-done', 'when-asked', 'later'],
      priority: [1, 5, 0, 6, 1.5, '1'],
      onFileConflict: ['keep', 'restore', 'merge', 'ask', 'KEEP', 3],
      from: [{ taskId: 't' }, { taskId: 't', sessionId: 's', checkpoint: 'c' }, {}, { taskId: 't', at: 1 }, null, 1],
      ask: [[], ['Bash']],
      deliver: [{}],
      notify: [{ url: 'u' }],
      setupCommand: ['x', '', 1],
      acceptanceCommand: ['x'],
      files: [[], [{ name: 'a', content: 'b' }], [{ name: 'a' }], [{ name: 'a', content: 'b', mode: 1 }], {}, 'a'],
      source: [{ dir: '/d', inPlace: true }, { dir: '/d', inPlace: false }, { git: '/g' }, { nope: 1 }, 'd'],
      limits: [
        { attempts: 1 },
        { attempts: 0 },
        { attempts: 1.5 },
        { attemptTimeout: '2h' },
        { attemptTimeout: 'soon' },
        { attemptTimeout: 5 },
        { costUsd: 1 },
        { expiresAfter: '1d' },
        { nope: 1 },
      ],
      claude: [
        { model: 'm' },
        { model: 1 },
        { permissionMode: 'plan' },
        { permissionMode: 'x' },
        { allowedTools: ['a'] },
        { allowedTools: 'a' },
        { settings: {} },
        { settings: 's' },
        { settings: 1 },
        { maxTurns: 0 },
        { modle: 'm' },
      ],
      sessionID: ['x'],
    }).flatMap(([key, values]) => values.map((value) => ['spec', { prompt: 'p', [key]: value }] as [string, unknown])),
    ...Object.entries({
      update: [
        {},
        { prompt: 'p' },
        { prompt: 'p', when: 'interrupt' },
        { prompt: 'p', when: 'now' },
        { prompt: 'p', newSession: true },
        { prompt: 'p', newSession: 1 },
        { prompt: 'p', sessionID: 's' },
        { prompt: 'p', sessionId: 's' },
        { prompt: 'p', id: '' },
        { prompt: 'p', id: 'x'.repeat(65) },
        { prompt: 'p', onFileConflict: 'restore' },
        { prompt: 'p', onFileConflict: 'x' },
        null,
        [],
      ],
      continue: [{}, { id: 'x' }, { nope: 1 }, null, 'x', []],
      resume: [{}, { sessionId: 's' }, { checkpoint: 'c' }, { checkpoint: '' }, { prompt: 5 }, { prompt: 'p' }],
      answer: [
        {},
        { pick: 1 },
        { pick: '1' },
        { pick: 1.5 },
        { pick: true },
        { pick: 1, allow: true },
        { pick: 1, to: 't' },
        { pick: 1, reason: 'r' },
      ],
      stop: [{}, { reason: 'r' }, { reason: '' }, { reason: 1 }],
      drop: [{}, { command: 'c' }, { command: '' }, { command: 1 }],
      fork: [
        {},
        { prompt: 'p' },
        { prompt: 'p', taskId: 't', sessionId: 's', checkpoint: 'c' },
        { prompt: 'p', costUsd: 1 },
        { prompt: 'p', newSession: true },
      ],
      mark: [{}, { label: 'l' }, { label: '' }, { label: 1 }, { label: 'l', checkpoint: 'c' }],
      finish: [{}, { summary: 's' }, { summary: 1 }, { result: 's' }],
    }).flatMap(([name, values]) => values.map((value) => [name, value] as [string, unknown])),
  ];

  test.each(INPUTS)('%s %j', (what, input) => {
    const schema = what === 'spec' ? taskSpec : commandPayloads[what as keyof typeof commandPayloads];
    const parsed = parseAs(schema, input, what).ok;
    expect(allows(def(what === 'spec' ? 'taskSpec' : `command.${what}`), input, document)).toBe(parsed);
  });

  test('the corpus holds good and bad ones', () => {
    const good = INPUTS.filter(
      ([what, input]) =>
        parseAs(what === 'spec' ? taskSpec : commandPayloads[what as keyof typeof commandPayloads], input, what).ok,
    );
    expect(good.length).toBeGreaterThan(25);
    expect(INPUTS.length - good.length).toBeGreaterThan(45);
  });
});
