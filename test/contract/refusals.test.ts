// A refusal is one sentence that names the field, what came, what is allowed and the nearest known name.
import { describe, expect, test } from 'vitest';
import { commandPayloads } from '../../src/contract/commands.js';
import type { CommandName } from '../../src/contract/names.js';
import { parseAs } from '../../src/contract/parse.js';
import { taskSpec } from '../../src/contract/spec.js';

function refusalOf(what: CommandName | 'spec', input: unknown): string {
  const parsed = parseAs(what === 'spec' ? taskSpec : commandPayloads[what], input, what);
  if (parsed.ok) throw new Error(`accepted: ${JSON.stringify(parsed.value)}`);
  return parsed.says;
}

const spec = (more: object): unknown => ({ prompt: 'p', ...more });
const update = spec;

describe('a mistyped name is refused with the nearest known one', () => {
  test.each([
    ['update', update({ sessionID: 'x' }), 'update.sessionID', 'sessionId'],
    ['update', update({ session_id: 'x' }), 'update.session_id', 'sessionId'],
    ['update', update({ new_session: true }), 'update.new_session', 'newSession'],
    ['update', update({ wen: 'queue' }), 'update.wen', 'when'],
    ['resume', { sesionId: 'x' }, 'resume.sesionId', 'sessionId'],
    ['answer', { pick: 1, pik: 2 }, 'answer.pik', 'pick'],
    ['drop', { command: 'c', comand: 'd' }, 'drop.comand', 'command'],
    ['resume', { chekpoint: 'c' }, 'resume.chekpoint', 'checkpoint'],
    ['fork', { prompt: 'p', taskID: 't' }, 'fork.taskID', 'taskId'],
    ['mark', { label: 'l', lable: 'm' }, 'mark.lable', 'label'],
    ['spec', spec({ from: { taskId: 't', sessionid: 's' } }), 'spec.from.sessionid', 'sessionId'],
    ['stop', { reson: 'r' }, 'stop.reson', 'reason'],
    ['finish', { sumary: 's' }, 'finish.sumary', 'summary'],
    ['continue', { requestedby: 'me' }, 'continue.requestedby', 'requestedBy'],
    ['spec', { prompt: 'p', promt: 'q' }, 'spec.promt', 'prompt'],
    ['spec', spec({ claude: { modle: 'opus' } }), 'spec.claude.modle', 'model'],
    ['spec', spec({ claude: { permision_mode: 'plan' } }), 'spec.claude.permision_mode', 'permissionMode'],
    ['spec', spec({ limits: { attemptTimeot: '1h' } }), 'spec.limits.attemptTimeot', 'attemptTimeout'],
    ['spec', spec({ source: { dir: '/d', inPlace: true, inplace: true } }), 'spec.source.inplace', 'inPlace'],
    ['spec', spec({ files: [{ name: 'a', content: '', contents: '' }] }), 'spec.files.0.contents', 'content'],
  ] as const)('%s %j', (what, input, field, near) => {
    expect(refusalOf(what, input)).toBe(`${field}: unknown field; did you mean "${near}"?`);
  });

  test('where none is near, those that exist are listed', () => {
    expect(refusalOf('stop', { zebra: 1 })).toBe('stop.zebra: unknown field; allowed: id, requestedBy, reason');
  });

  test('a field that is not served yet is never proposed', () => {
    expect(refusalOf('fork', { prompt: 'p', costusd: 1 })).not.toContain('costUsd"');
    expect(refusalOf('spec', spec({ deliverr: {} }))).not.toMatch(/did you mean|deliver,/);
  });

  test('every unknown field is named, whatever else is wrong', () => {
    const says = refusalOf('update', { promt: 'p', sessionID: 's' });
    expect(says).toContain('update.prompt: got nothing');
    expect(says).toContain('update.promt: unknown field; did you mean "prompt"?');
    expect(says).toContain('update.sessionID: unknown field; did you mean "sessionId"?');
  });
});

describe('a part that is not built yet is refused by its name', () => {
  test.each([
    ['spec', spec({ ask: ['Bash(git push*)'] }), 'ask'],
    ['spec', spec({ ask: [] }), 'ask'],
    ['spec', spec({ deliver: { branch: 'b' } }), 'deliver'],
    ['spec', spec({ notify: { url: 'https://example.org' } }), 'notify'],
    ['spec', spec({ notify: null }), 'notify'],
    ['spec', spec({ acceptanceCommand: 'npm test' }), 'acceptanceCommand'],
    ['spec', spec({ limits: { costUsd: 3 } }), 'limits.costUsd'],
    ['spec', spec({ limits: { expiresAfter: '7d' } }), 'limits.expiresAfter'],
    ['answer', { pick: 1, allow: true }, 'allow'],
    ['answer', { pick: 1, reason: 'no' }, 'reason'],
    ['answer', { pick: 1, to: 'toolu_1' }, 'to'],
    ['fork', { prompt: 'p', costUsd: 3 }, 'costUsd'],
  ] as const)('%s %j', (what, input, field) => {
    const says = refusalOf(what, input);
    expect(says).toContain(`${what}.${field}: got `);
    expect(says).toContain(`\`${field}\` is not built in this version`);
  });
});

describe('a wrong value is told with what came and what is allowed', () => {
  const WRONG: [what: CommandName | 'spec', input: unknown, says: string][] = [
    ['spec', {}, 'spec.prompt: got nothing; allowed: a non-empty string of at most 256 KiB'],
    ['spec', { prompt: 7 }, 'spec.prompt: got 7; allowed: a non-empty string'],
    ['spec', { prompt: '' }, 'spec.prompt: got ""; allowed: a non-empty string'],
    ['spec', { prompt: ' \n\t' }, 'spec.prompt: got " \\n\\t"; allowed: a non-empty string'],
    ['spec', spec({ title: 5 }), 'spec.title: got 5; allowed: a string of 1 to 500 characters'],
    ['spec', spec({ close: 'never' }), 'spec.close: got "never"; allowed: one of "when-done", "when-asked"'],
    ['spec', spec({ priority: 0 }), 'spec.priority: got 0; allowed: a whole number from 1 to 5'],
    ['spec', spec({ priority: 6 }), 'spec.priority: got 6; allowed: a whole number from 1 to 5'],
    ['spec', spec({ priority: 2.5 }), 'spec.priority: got 2.5; allowed: a whole number from 1 to 5'],
    ['spec', spec({ limits: { attempts: 0 } }), 'spec.limits.attempts: got 0; allowed: a whole number from 1 to 1000'],
    [
      'spec',
      spec({ limits: { attemptTimeout: 90 } }),
      'spec.limits.attemptTimeout: got 90; allowed: a duration from "1s" to "30d", such as "90s"',
    ],
    [
      'spec',
      spec({ limits: { silenceTimeout: '0s' } }),
      'spec.limits.silenceTimeout: got "0s"; allowed: a duration from "1s"',
    ],
    [
      'spec',
      spec({ limits: { closeAfterIdle: 'soon' } }),
      'spec.limits.closeAfterIdle: got "soon"; allowed: a duration',
    ],
    ['spec', spec({ limits: [] }), 'spec.limits: got a list of 0; allowed: an object'],
    ['spec', spec({ claude: 'opus' }), 'spec.claude: got "opus"; allowed: an object'],
    [
      'spec',
      spec({ claude: { permissionMode: 'yolo' } }),
      'spec.claude.permissionMode: got "yolo"; allowed: one of "acceptEdits"',
    ],
    [
      'spec',
      spec({ claude: { allowedTools: 'Bash' } }),
      'spec.claude.allowedTools: got "Bash"; allowed: a list of tool rules',
    ],
    [
      'spec',
      spec({ claude: { allowedTools: Array(201).fill('Bash') } }),
      'spec.claude.allowedTools: got a list of 201; allowed: at most 200',
    ],
    [
      'spec',
      spec({ claude: { addDirs: ['relative'] } }),
      'spec.claude.addDirs.0: got "relative"; allowed: an absolute path',
    ],
    ['spec', spec({ claude: { maxTurns: '3' } }), 'spec.claude.maxTurns: got "3"; allowed: a whole number'],
    [
      'spec',
      spec({ claude: { settings: 3 } }),
      'spec.claude.settings: got 3; allowed: an object, its JSON text, or a path',
    ],
    [
      'spec',
      spec({ claude: { model: 'a\0b' } }),
      'spec.claude.model: got "a\\u0000b"; allowed: a string without NUL bytes',
    ],
    [
      'spec',
      spec({ source: { dir: 'here', inPlace: true } }),
      'spec.source.dir: got "here"; allowed: an absolute path',
    ],
    ['spec', spec({ source: {} }), 'spec.source: got an object with 0 fields; allowed: {git, ref?}, {dir}'],
    ['spec', spec({ files: {} }), 'spec.files: got an object with 0 fields; allowed: a list of {name, content}'],
    ['update', update({ when: 'now' }), 'update.when: got "now"; allowed: "queue" (default) or "interrupt"'],
    ['update', update({ newSession: 'yes' }), 'update.newSession: got "yes"; allowed: true or false'],
    [
      'update',
      update({ newSession: true, sessionId: 's' }),
      'allowed: either `sessionId` or `newSession: true`, not both',
    ],
    ['update', update({ sessionId: '' }), 'update.sessionId: got ""; allowed: a string of 1 to 100 characters'],
    ['update', update({ id: 'x'.repeat(65) }), 'update.id: got "xxx'],
    [
      'update',
      update({ requestedBy: ['me'] }),
      'update.requestedBy: got a list of 1; allowed: a string of 1 to 500 characters',
    ],
    ['resume', { prompt: null }, 'resume.prompt: got null; allowed: a non-empty string'],
    ['answer', {}, 'answer.pick: got nothing; allowed: a number from the list, as 2 or "2", a session id, "keep"'],
    ['answer', { pick: 1.5 }, 'answer.pick: got 1.5; allowed: a number from the list'],
    ['answer', { pick: { number: 1 } }, 'answer.pick: got an object with 1 fields; allowed: a number from the list'],
    ['drop', {}, 'drop.command: got nothing; allowed: a string of 1 to 64 characters'],
    [
      'stop',
      { reason: 'r'.repeat(2_001) },
      'stop.reason: got a string of 2001 characters; allowed: a string of 1 to 2000 characters',
    ],
    [
      'finish',
      { summary: 's'.repeat(10_001) },
      'finish.summary: got a string of 10001 characters; allowed: a string of 1 to 10000 characters',
    ],
  ];
  test.each(WRONG.map(([what, input, says]) => [says, what, input] as const))('%s', (says, what, input) => {
    expect(refusalOf(what, input)).toContain(says);
  });

  test.each(['/etc/passwd', '../up', 'a/../b', 'a//b', './a', 'a/.', '', '..'])('file name %j', (name) => {
    const says = refusalOf('update', update({ files: [{ name, content: '' }] }));
    expect(says).toContain(`update.files.0.name: got ${JSON.stringify(name)}; allowed: `);
  });

  test('two files of one name', () => {
    const files = [
      { name: 'a.md', content: '1' },
      { name: 'a.md', content: '2' },
    ];
    expect(refusalOf('update', update({ files }))).toContain(
      'update.files: got a list of 2; allowed: files with distinct names',
    );
  });

  test('the sentence stays short, however much is wrong', () => {
    const input = { ...Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}${'x'.repeat(500)}`, i])) };
    expect(refusalOf('update', input).length).toBeLessThanOrEqual(1_500);
  });

  test('a refused name can not write to a terminal', () => {
    expect(refusalOf('update', update({ 'a\u001b[2Jb\u0007': 1 }))).not.toMatch(/\p{Cc}/u);
  });
});
