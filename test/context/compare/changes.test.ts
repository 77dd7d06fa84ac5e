import { execa } from 'execa';
import { expect, test } from 'vitest';
import { changesBetween, diffText } from '../../../src/context/compare/changes.js';
import { shownPath } from '../../../src/context/compare/shown.js';
import { UnknownMoment } from '../../../src/context/compare/trees.js';
import { existsNot, HOSTILE, setTrap } from '../support/compare-hostile.js';
import { plainStore } from '../support/compare-store.js';

const LONG = Array.from({ length: 40 }, (_, line) => `line ${line}\n`).join('');

test('every way in which files differ is told, with the former name and whether it is text', async () => {
  const store = await plainStore();
  const a = await store.moment({
    'gone.txt': 'x',
    'same.txt': 'same',
    'edit.txt': 'a\n',
    'old name.txt': LONG,
    'run.sh': 'echo',
    'pic.bin': Buffer.from([0, 1, 2]),
    becomes: 'a file',
  });
  const b = await store.moment({
    'new.txt': 'n',
    'same.txt': 'same',
    'edit.txt': 'b\n',
    'sub/new name.txt': `${LONG}more\n`,
    'run.sh': { content: 'echo', mode: 0o755 },
    'pic.bin': Buffer.from([0, 1, 3]),
    becomes: { link: 'edit.txt' },
  });
  expect(await changesBetween(store, a.id, b.id)).toEqual({
    total: 7,
    changes: [
      { path: 'becomes', how: 'modified', binary: false },
      { path: 'edit.txt', how: 'modified', binary: false },
      { path: 'gone.txt', how: 'deleted', binary: false },
      { path: 'new.txt', how: 'added', binary: false },
      { path: 'pic.bin', how: 'modified', binary: true },
      { path: 'run.sh', how: 'mode', binary: false },
      { path: 'sub/new name.txt', how: 'renamed', from: 'old name.txt', binary: false },
    ],
  });
});

test('a limit shortens the list, never the total', async () => {
  const store = await plainStore();
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}`, `${at}`]));
  const found = await changesBetween(store, (await store.moment({})).id, (await store.moment(files)).id, { limit: 3 });
  expect(found.total).toBe(30);
  expect(found.changes).toHaveLength(3);
});

test('a tree of files stands for itself, also when it holds a folder named workspace', async () => {
  const store = await plainStore();
  const before = await store.tree({ 'workspace/a': '1', 'checkpoint.json': '{}' });
  const after = await store.tree({ 'workspace/a': '2', 'checkpoint.json': '{}' });
  expect((await changesBetween(store, before, after)).changes.map((change) => change.path)).toEqual(['workspace/a']);
});

test.each([
  ['a\nb.txt', 'a\\nb.txt'],
  ['red\u001b[31m.txt', 'red\\e[31m.txt'],
  ['exe\u202Etxt.js', 'exe\\u202etxt.js'],
  ['-rf', '-rf'],
  [':(top)x', ':(top)x'],
  ['qu"ote\\', 'qu"ote\\'],
  ['tab\there', 'tab\\there'],
  ['next\u0085line', 'next\\x85line'],
  ['grün-日本', 'grün-日本'],
])('a file named %j is told exactly, and shown as %j', async (name, shown) => {
  const store = await plainStore();
  const a = await store.moment({ [name]: '1\n' });
  const b = await store.moment({ [name]: '2\n', other: '' });
  const change = (await changesBetween(store, a.id, b.id)).changes.find((found) => found.how === 'modified');
  expect(change?.path).toBe(name);
  expect(shownPath(change?.path ?? '')).toBe(shown);
  const text = (await diffText(store, a.id, b.id, { terminal: true, paths: [name] })).toString();
  expect(text).toContain('+2');
  expect(text).not.toContain('other');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('a name that is no UTF-8 comes as base64, and is shown with its bytes', async () => {
  const store = await plainStore();
  const blob = await store.git(['hash-object', '-w', '--stdin'], 'x');
  const entry = Buffer.concat([Buffer.from(`100644 blob ${blob}\tcaf`), Buffer.from([0xe9]), Buffer.from('\0')]);
  const made = await execa('git', ['mktree', '-z'], { input: entry, env: { GIT_DIR: store.gitDir } });
  const { changes } = await changesBetween(store, await store.tree({}), made.stdout);
  expect(changes).toEqual([
    { path: `base64:${entry.subarray(-5, -1).toString('base64')}`, how: 'added', binary: false },
  ]);
  expect(shownPath(changes[0]?.path ?? '')).toBe('caf\\xe9');
});

test('a long path is shortened in its middle, its end stays', () => {
  const shown = shownPath(`${'deep/'.repeat(200)}end.ts`, 50);
  expect(shown.length).toBeLessThanOrEqual(50);
  expect(shown).toMatch(/^deep\/.*….*\/end\.ts$/);
});

test('the raw text of a diff can be applied; the one for a terminal obeys nothing that files say', async () => {
  const store = await plainStore();
  const evil = 'a\u001b]0;title\u0007\u001b[2J\tb\n';
  const a = await store.moment({ 'f.txt': 'old\n' });
  const b = await store.moment({ 'f.txt': evil });
  const raw = await diffText(store, a.id, b.id);
  expect(raw.toString()).toContain(`+${evil}`);
  const shown = (await diffText(store, a.id, b.id, { color: true })).toString();
  expect(shown).toContain('\u001b[31m-old\u001b[m');
  expect(shown).toContain('\u001b[32m+a\\e]0;title\\x07\\e[2J\tb\u001b[m');
  expect(shown).not.toContain('\u001b]0;');
});

test('a file of more than 16 MB is not compared by lines', async () => {
  const store = await plainStore();
  const big = 'line\n'.repeat(3_500_000);
  const [a, b] = [await store.tree({ big, small: 'x\n' }), await store.tree({ big: `${big}more\n`, small: 'y\n' })];
  expect((await changesBetween(store, a, b)).changes.map(({ path, binary }) => [path, binary])).toEqual([
    ['big', true],
    ['small', false],
  ]);
  expect((await diffText(store, a, b)).length).toBeLessThan(1_000);
});

test('a summary has a line for each file', async () => {
  const store = await plainStore();
  const text = await diffText(store, (await store.moment({ a: '1\n' })).id, (await store.moment({ b: '2\n' })).id, {
    stat: true,
  });
  expect(text.toString()).toMatch(/ a \| 1 -\n b \| 1 \+\n 2 files changed/);
});

test.each([
  ['HEAD', 'is no checkpoint: one has 40 hexadecimal digits'],
  ['--output=/tmp/owned', 'is no checkpoint: one has 40 hexadecimal digits'],
  [`x\u001b[31m${'y'.repeat(300)}`, 'is no checkpoint: one has 40 hexadecimal digits'],
  ['0123456789012345678901234567890123456789', 'is not in the store'],
])('%j is refused by name', async (id, why) => {
  const store = await plainStore();
  const there = await store.tree({});
  const refused = await changesBetween(store, there, id).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UnknownMoment);
  expect((refused as UnknownMoment).message).toContain(why);
  expect((refused as UnknownMoment).message).not.toContain('\u001b');
  expect((refused as UnknownMoment).message.length).toBeLessThan(250);
});

test('a commit of the store that is none of our moments is refused', async () => {
  const store = await plainStore();
  const foreign = await store.git(['commit-tree', '-m', 'x', await store.tree({ 'workspace/a': '1' })]);
  await expect(diffText(store, foreign, foreign)).rejects.toThrow('is no checkpoint of taskrun');
});

test('comparing hostile trees runs nothing, whatever attributes and settings they bring', async () => {
  const store = await plainStore();
  const a = await store.moment({ ...HOSTILE, 'x.txt': 'a\n', 'x.bin': Buffer.from([0, 1]) });
  const b = await store.moment({ ...HOSTILE, 'x.txt': 'b\n', 'x.bin': Buffer.from([0, 2]) });
  const trap = await setTrap(store);
  expect((await changesBetween(store, a.id, b.id)).total).toBe(2);
  expect((await diffText(store, a.id, b.id)).toString()).toContain('+b');
  expect((await diffText(store, a.id, b.id, { stat: true })).toString()).toContain('x.txt');
  expect(await existsNot(trap.marker)).toBe(true);
  await trap.springsIn(['diff', '--textconv', '--ext-diff', a.id, b.id]);
});
