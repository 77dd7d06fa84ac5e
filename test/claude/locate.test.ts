import { chmod, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { locateClaude } from '../../src/claude/locate.js';
import { judge, MINIMUM_VERSION } from '../../src/claude/version.js';
import { pinnedClaude } from '../support/claude.js';
import { tempDir } from '../support/temp.js';

/** A program that answers every call with `answer`. */
async function program(path: string, answer: string, mode = 0o755): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${answer}\n`);
  await chmod(path, mode);
  return path;
}

const echo = (version: string) => `echo '${version} (Claude Code)'`;
const nowhere = pathToFileURL('/nowhere/module.js').href;

describe('the configured CLI', () => {
  test('is used by its path, the real one with its version', async () => {
    expect(await locateClaude({ configured: pinnedClaude(), path: '' })).toEqual({
      ok: true,
      path: pinnedClaude(),
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });

  test('may be a name on PATH', async () => {
    const dir = await tempDir('path');
    const path = await program(join(dir, 'claude-next'), echo('9.0.0'));
    expect(await locateClaude({ configured: 'claude-next', path: dir })).toEqual({ ok: true, path, version: '9.0.0' });
    expect(await locateClaude({ configured: 'claude-last', path: dir })).toMatchObject({
      ok: false,
      class: 'cliMissing',
      says: 'TASKRUN_CLAUDE: no program "claude-last" is on PATH.',
    });
  });

  test.each<[string, string, RegExp]>([
    ['missing', 'missing', /^TASKRUN_CLAUDE: \S+missing does not exist\.$/],
    ['a directory', '.', /is a directory, not a program\.$/],
    ['not executable', 'plain', /may not be executed by this user/],
    ['another program', 'other', /is not the Claude CLI: it answers --version with "ls \(GNU coreutils\) 9\.1"\.$/],
    ['a program that says nothing', 'mute', /it answers --version with ""\.$/],
    ['no program at all', 'garbage', /can't be started \(ENOEXEC\)|is not the Claude CLI/],
  ])('that is %s is refused with a sentence, and PATH is not searched instead', async (_name, name, says) => {
    const dir = await tempDir('configured');
    await program(join(dir, 'claude'), echo('9.0.0'));
    await program(join(dir, 'plain'), echo('9.0.0'), 0o644);
    await program(join(dir, 'other'), 'echo "ls (GNU coreutils) 9.1"');
    await program(join(dir, 'mute'), 'exit 3');
    await writeFile(join(dir, 'garbage'), Buffer.alloc(64, 7), { mode: 0o755 });
    const found = await locateClaude({ configured: join(dir, name), path: dir });
    expect(found).toMatchObject({ ok: false, class: 'cliMissing', says: expect.stringMatching(says) });
    expect(found).toMatchObject({ remedy: expect.stringContaining('TASKRUN_CLAUDE') });
  });

  test('that is too old is refused with both versions', async () => {
    const path = await program(join(await tempDir('old'), 'claude'), echo('2.1.197'));
    expect(await locateClaude({ configured: path })).toMatchObject({
      ok: false,
      class: 'cliTooOld',
      says: `TASKRUN_CLAUDE: ${path} is Claude Code 2.1.197; at least ${MINIMUM_VERSION} is needed.`,
    });
  });

  test('counts as not configured when it is empty', async () => {
    const dir = await tempDir('empty');
    const path = await program(join(dir, 'claude'), echo('9.0.0'));
    expect(await locateClaude({ configured: '', path: dir, from: nowhere })).toMatchObject({ ok: true, path });
  });
});

describe('without configuration', () => {
  test('the first executable `claude` on PATH is used; what is none, and relative entries, are passed over', async () => {
    const dir = await tempDir('path');
    await program(join(dir, 'a', 'claude'), echo('9.0.0'), 0o644);
    await mkdir(join(dir, 'b', 'claude'), { recursive: true });
    const real = await program(join(dir, 'real'), echo('9.1.0'));
    await mkdir(join(dir, 'c'));
    await symlink(real, join(dir, 'c', 'claude'));
    const path = ['', 'bin', '.', ...['a', 'b', 'c'].map((name) => join(dir, name))].join(':');
    expect(await locateClaude({ path, from: nowhere })).toEqual({
      ok: true,
      path: join(dir, 'c', 'claude'),
      version: '9.1.0',
    });
  });

  test('else the one installed beside us, also where the one on PATH is too old', async () => {
    const dir = await tempDir('path');
    await program(join(dir, 'claude'), echo('1.0.0'));
    expect(await locateClaude({ path: '' })).toMatchObject({ ok: true, path: pinnedClaude() });
    expect(await locateClaude({ path: dir })).toMatchObject({ ok: true, path: pinnedClaude() });
    expect(await locateClaude({ path: dir, from: nowhere })).toMatchObject({ ok: false, class: 'cliTooOld' });
  });

  test('else a sentence with its remedy', async () => {
    expect(await locateClaude({ path: '/nowhere', from: nowhere })).toEqual({
      ok: false,
      class: 'cliMissing',
      says: 'No `claude` is on PATH, and none is installed beside taskrun.',
      remedy: expect.stringContaining('npm install -g @anthropic-ai/claude-code'),
    });
  });
});

test('the version is asked once, and again when the file has changed', async () => {
  const dir = await tempDir('cache');
  const path = await program(join(dir, 'claude'), `echo x >> ${dir}/asked; ${echo('9.0.0')}`);
  const configured = path;
  await locateClaude({ configured });
  await locateClaude({ configured });
  await program(path, echo('9.9.9'));
  await utimes(path, 1_000, 1_000);
  expect(await locateClaude({ configured })).toMatchObject({ version: '9.9.9' });
  expect(await import('node:fs').then(({ readFileSync }) => readFileSync(join(dir, 'asked'), 'utf8'))).toBe('x\n');
});

test.each([
  ['2.1.330 (Claude Code)', true],
  [`${MINIMUM_VERSION} (Claude Code)\n`, true],
  ['2.1.299 (Claude Code)', false],
  ['2.0.999 (Claude Code)', false],
  ['2.10.0 (Claude Code)', true],
  ['10.0.0 (Claude Code)', true],
  ['2.2.0-beta.1 (Claude Code)', true],
  ['2.1.330', false],
  ['Claude Code 2.1.330', false],
])('"%s" is good enough: %s', (answer, good) => {
  expect(judge('/claude', answer).ok).toBe(good);
});
