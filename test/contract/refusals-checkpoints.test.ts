// Where a workspace may not come from, what moments and milestones are not called: refused by name, with what is allowed.
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

describe('what a workspace may not start from', () => {
  const source = (more: object, extra: object = {}): unknown => spec({ source: more, ...extra });
  test.each([
    ['both', { git: '/srv/a.git', dir: '/srv/a' }, 'spec.source: got an object with 2 fields; allowed: {git, ref?}'],
    ['a ref of a directory', { dir: '/srv/a', ref: 'main' }, 'allowed: `ref` with `git`'],
    ['a repository in place', { git: '/srv/a.git', inPlace: true }, 'allowed: `inPlace` with `dir`'],
    ['a relative directory', { dir: 'here' }, 'spec.source.dir: got "here"; allowed: an absolute path'],
    ['inPlace that is no truth value', { dir: '/a', inPlace: 1 }, 'spec.source.inPlace: got 1; allowed: true or false'],
  ])('%s', (_, given, says) => {
    expect(refusalOf('spec', source(given))).toContain(says);
  });

  test.each([
    'ext::sh -c "touch /tmp/x"',
    'ext::whoami',
    'fd::17',
    'transport::address',
    'javascript:alert(1)',
    'relative/app.git',
    '../app.git',
    '--upload-pack=touch /tmp/x',
    '-u@example.org:app.git',
    'git@-oProxyCommand=x:app.git',
    'ssh://-oProxyCommand=x/app.git',
    'https://example.org/with space.git',
    'git@example.org',
    '',
  ])('git %j', (git) => {
    const says = refusalOf('spec', source({ git }));
    expect(says).toContain('spec.source.git: got ');
    if (git !== '') expect(says).toContain('allowed: a git URL such as "https://example.com/app.git"');
  });

  test.each([
    'https://ana:hunter2@example.org/app.git',
    'https://:hunter2@example.org/app.git',
    'ssh://git:hunter2@example.org/app.git',
    'https://ana:hunter@2@example.org/app.git',
    'https://token-alone@example.org/app.git',
  ])('a password in it: %s', (git) => {
    expect(refusalOf('spec', source({ git }))).toContain('allowed: a git URL without a password');
  });

  test.each(['-x', '--upload-pack=x', 'a b', 'a..b', 'a~1', 'a^', 'a:b', 'a?', 'a*', 'a[b', 'a\\b', 'a\nb', ''])(
    'ref %j',
    (ref) => {
      expect(refusalOf('spec', source({ git: '/srv/a.git', ref }))).toContain(
        `spec.source.ref: got ${JSON.stringify(ref)}; allowed: a`,
      );
    },
  );

  test('another moment, in place', () => {
    const given = source({ dir: '/srv/a', inPlace: true }, { from: { taskId: 't' } });
    expect(refusalOf('spec', given)).toContain('`from` without `source.inPlace`');
  });

  test.each([
    [{}, 'spec.from.taskId: got nothing'],
    [{ taskId: '' }, 'spec.from.taskId: got ""'],
    [{ taskId: 'a\0b' }, 'spec.from.taskId: got "a\\u0000b"; allowed: a string without NUL bytes'],
    [{ taskId: 't', checkpoint: 'x'.repeat(101) }, 'spec.from.checkpoint: got a string of 101 characters'],
  ])('from %j', (from, says) => {
    expect(refusalOf('spec', spec({ from }))).toContain(says);
  });

  test.each(['', 'a\0b', 'x'.repeat(8_193)])('setupCommand %#', (setupCommand) => {
    expect(refusalOf('spec', spec({ setupCommand }))).toContain('spec.setupCommand: got ');
  });
});

describe('what moments and milestones are not called', () => {
  test.each([
    '',
    ' ',
    ' v1',
    'v1 ',
    '-v1',
    '/v1',
    '.v1',
    '..',
    'v1\n',
    'v1\u001b[2J',
    'a\0b',
    'a"b',
    '<b>',
    'a`b`',
    'a|b',
    'a$b',
    '😀',
    '0123abc',
    '0123456789abcdef0123456789abcdef01234567',
    'x'.repeat(101),
  ])('label %j', (label) => {
    expect(refusalOf('mark', { label })).toMatch(/^mark\.label: got .*; allowed: .*1 to 100/);
  });

  test.each(['', 'x'.repeat(101), 7, null])('checkpoint %j', (checkpoint) => {
    expect(refusalOf('resume', { checkpoint })).toContain('resume.checkpoint: got ');
    expect(refusalOf('fork', { prompt: 'p', checkpoint })).toContain('fork.checkpoint: got ');
  });

  test.each(['restored', 'KEEP', '', 3, null])('onFileConflict %j', (onFileConflict) => {
    for (const [what, input] of [
      ['spec', spec({ onFileConflict })],
      ['update', update({ onFileConflict })],
      ['resume', { onFileConflict }],
    ] as const) {
      expect(refusalOf(what, input)).toBe(
        `${what}.onFileConflict: got ${JSON.stringify(onFileConflict)}; allowed: "keep", "restore", "merge" or "ask"`,
      );
    }
  });

  test.each([
    ['empty', ''],
    ['a line break', 'a\nb'],
    ['half a character', 'a\ud800'],
    ['more bytes than the server takes', '漢'.repeat(334)],
    ['more characters than a name has', 'x'.repeat(501)],
  ])("a new task's id: %s", (_, taskId) => {
    expect(refusalOf('fork', { prompt: 'p', taskId })).toContain('fork.taskId: got ');
  });
});
