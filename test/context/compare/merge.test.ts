import { expect, test } from 'vitest';
import { changesBetween } from '../../../src/context/compare/changes.js';
import { mergeFiles } from '../../../src/context/compare/merge.js';
import { existsNot, HOSTILE, setTrap } from '../support/compare-hostile.js';
import { type Files, type PlainStore, plainStore } from '../support/compare-store.js';

const TEN = Array.from({ length: 10 }, (_, line) => `line ${line}\n`).join('');
const NUMBERS = Array.from({ length: 20 }, (_, line) => `number ${line}\n`).join('');
const LABELS = { oursLabel: "today's files", theirsLabel: 'session 1 (attempt 3)' };

async function merged(store: PlainStore, base: Files | undefined, ours: Files, theirs: Files) {
  const commits = { ours: (await store.moment(ours)).id, theirs: (await store.moment(theirs)).id };
  const input = { base: base === undefined ? undefined : (await store.moment(base)).id, ...commits, ...LABELS };
  return { ...(await mergeFiles(store, input)), ...commits };
}

test('changes in different places come together, and what came over is listed', async () => {
  const store = await plainStore();
  const outcome = await merged(
    store,
    { 'a.txt': TEN, 'b.txt': 'b', 'c.txt': 'c', 'd.txt': NUMBERS, 'e.sh': 'e' },
    { 'a.txt': TEN.replace('line 0', 'ours'), 'b.txt': 'b', 'c.txt': 'c', 'd.txt': NUMBERS, 'e.sh': 'e', mine: '' },
    {
      'a.txt': TEN.replace('line 9', 'theirs'),
      'c.txt': 'c2',
      'sub/d.txt': NUMBERS,
      'e.sh': { content: 'e', mode: 0o755 },
      'new.bin': Buffer.from([0, 1]),
    },
  );
  expect(outcome.clean).toBe(true);
  expect(outcome.conflicts).toEqual([]);
  expect(await store.content(outcome.tree, 'a.txt')).toBe(
    TEN.replace('line 0', 'ours').replace('line 9', 'theirs').trimEnd(),
  );
  expect(outcome.taken).toEqual([
    { path: 'a.txt', how: 'modified', binary: false },
    { path: 'b.txt', how: 'deleted', binary: false },
    { path: 'c.txt', how: 'modified', binary: false },
    { path: 'e.sh', how: 'mode', binary: false },
    { path: 'new.bin', how: 'added', binary: true },
    { path: 'sub/d.txt', how: 'renamed', from: 'd.txt', binary: false },
  ]);
  expect(outcome.says).toBe(
    "Merging session 1 (attempt 3) into today's files: 6 files came over, no conflict.\n" +
      'Came over (1 added, 1 deleted, 2 changed, 1 renamed, 1 with another mode): a.txt, b.txt, c.txt, e.sh, new.bin and 1 more',
  );
});

test('nothing new on the other side says so', async () => {
  const store = await plainStore();
  const outcome = await merged(store, { a: '1' }, { a: '2' }, { a: '1' });
  expect(outcome.says).toBe("Merging session 1 (attempt 3) into today's files changes nothing.");
  expect((await changesBetween(store, outcome.ours, outcome.tree)).total).toBe(0);
});

type Case = {
  name: string;
  path: string;
  how: string;
  base?: Files;
  ours: Files;
  theirs: Files;
  says: string;
  left: Record<string, string>;
};

const CASES: Case[] = [
  {
    name: 'both changed the same lines',
    path: 'f',
    how: 'bothChanged',
    base: { f: 'base\n' },
    ours: { f: 'mine\n' },
    theirs: { f: 'yours\n' },
    says: 'f: changed in the same places on both sides; the places are marked with <<<<<<< and >>>>>>>',
    left: { f: '<<<<<<< today-s-files\nmine\n=======\nyours\n>>>>>>> session-1-attempt-3' },
  },
  {
    name: 'deleted here, changed there',
    path: 'f',
    how: 'deletedHere',
    base: { f: 'base\n', k: '' },
    ours: { k: '' },
    theirs: { f: 'yours\n', k: '' },
    says: "f: deleted in today's files, changed in session 1 (attempt 3); the changed file is back",
    left: { f: 'yours' },
  },
  {
    name: 'changed here, deleted there',
    path: 'f',
    how: 'deletedThere',
    base: { f: 'base\n', k: '' },
    ours: { f: 'mine\n', k: '' },
    theirs: { k: '' },
    says: "f: changed in today's files, deleted in session 1 (attempt 3); the changed file stays",
    left: { f: 'mine' },
  },
  {
    name: 'binary',
    path: 'f.png',
    how: 'binary',
    base: { 'f.png': 'a\0' },
    ours: { 'f.png': 'b\0' },
    theirs: { 'f.png': 'c\0' },
    says: "f.png: not text, and changed on both sides; that of today's files stays",
    left: { 'f.png': 'b\0' },
  },
  {
    name: 'renamed to two names',
    path: 'old',
    how: 'renamed',
    base: { old: NUMBERS },
    ours: { mine: NUMBERS },
    theirs: { yours: NUMBERS },
    says: "old: renamed to mine in today's files and to yours in session 1 (attempt 3); both are there",
    left: { mine: NUMBERS.trimEnd(), yours: NUMBERS.trimEnd() },
  },
  {
    name: 'renamed there, deleted here',
    path: 'yours',
    how: 'renamed',
    base: { old: NUMBERS, k: '' },
    ours: { k: '' },
    theirs: { yours: NUMBERS, k: '' },
    says: "yours: renamed from old in session 1 (attempt 3), deleted in today's files; it stays",
    left: { yours: NUMBERS.trimEnd() },
  },
  {
    name: 'renamed here, deleted there',
    path: 'mine',
    how: 'renamed',
    base: { old: NUMBERS, k: '' },
    ours: { mine: NUMBERS, k: '' },
    theirs: { k: '' },
    says: "mine: renamed from old in today's files, deleted in session 1 (attempt 3); it stays",
    left: { mine: NUMBERS.trimEnd() },
  },
  {
    name: 'made on both sides',
    path: 'f',
    how: 'addedInBoth',
    base: {},
    ours: { f: 'mine\n' },
    theirs: { f: 'yours\n' },
    says: 'f: made on both sides, with different content; the places are marked with <<<<<<< and >>>>>>>',
    left: { f: '<<<<<<< today-s-files\nmine\n=======\nyours\n>>>>>>> session-1-attempt-3' },
  },
  {
    name: 'nothing in common',
    path: 'f',
    how: 'addedInBoth',
    ours: { f: 'mine\n', same: '1' },
    theirs: { f: 'yours\n', same: '1', more: '' },
    says: 'f: made on both sides, with different content; the places are marked with <<<<<<< and >>>>>>>',
    left: { same: '1', more: '' },
  },
  {
    name: 'a link that points elsewhere on both sides',
    path: 'l',
    how: 'symlink',
    base: { l: { link: 'x' } },
    ours: { l: { link: '/etc/mine' } },
    theirs: { l: { link: '/etc/yours' } },
    says: "l: a link that points elsewhere on both sides; that of today's files stays",
    left: { l: '/etc/mine' },
  },
  {
    name: 'a link on one side, a changed file on the other',
    path: 'l',
    how: 'symlink',
    base: { l: 'file\n' },
    ours: { l: { link: 'x' } },
    theirs: { l: 'file\nmore\n' },
    says: 'l: a different kind of thing on each side; the other one is l~session-1-attempt-3',
    left: { l: 'x', 'l~session-1-attempt-3': 'file\nmore' },
  },
  {
    name: 'a folder on one side, a file on the other',
    path: 'f~session-1-attempt-3',
    how: 'other',
    base: { k: '' },
    ours: { 'f/in': '1', k: '' },
    theirs: { f: '2', k: '' },
    says: 'f~session-1-attempt-3: a folder on one side bears the name f; the file now has this one',
    left: { 'f/in': '1', 'f~session-1-attempt-3': '2' },
  },
  {
    name: 'a name that a terminal would obey',
    path: '\u001b[2J\nx',
    how: 'bothChanged',
    base: { '\u001b[2J\nx': '0\n' },
    ours: { '\u001b[2J\nx': '1\n' },
    theirs: { '\u001b[2J\nx': '2\n' },
    says: '\\e[2J\\nx: changed in the same places on both sides; the places are marked with <<<<<<< and >>>>>>>',
    left: {},
  },
];

test.each(CASES)('conflict: $name', async ({ path, how, base, ours, theirs, says, left }) => {
  const store = await plainStore();
  const outcome = await merged(store, base, ours, theirs);
  expect(outcome.clean).toBe(false);
  expect(outcome.conflicts).toEqual([{ path, how, says }]);
  expect(outcome.says).toContain(`To decide:\n- ${says}`);
  expect(outcome.taken.map((change) => change.path)).not.toContain(path);
  for (const [file, content] of Object.entries(left)) expect(await store.content(outcome.tree, file)).toBe(content);
});

test('the report of a thousand conflicts stays within 1,500 characters and says how many it leaves out', async () => {
  const store = await plainStore();
  const files = (content: string): Files =>
    Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`${'long/'.repeat(30)}${at}`, content]));
  const outcome = await merged(store, files('0\n'), files('1\n'), files('2\n'));
  expect(outcome.conflicts).toHaveLength(1_000);
  expect(outcome.says.length).toBeLessThanOrEqual(1_500);
  expect(outcome.says).toMatch(/- and 99\d more$/);
});

test.each(['HEAD', 'config', '../../x', '-p', '', '\u001b[31m', '@{-1}', 'x'.repeat(5_000), 'a'.repeat(40), '日本 語'])(
  'the label %j is a label, never anything else',
  async (label) => {
    const store = await plainStore();
    const [base, ours, theirs] = [{ f: '0\n' }, { f: '1\n' }, { f: '2\n' }];
    const input = { base: await store.tree(base), ours: await store.tree(ours), theirs: await store.tree(theirs) };
    const outcome = await mergeFiles(store, { ...input, oursLabel: label, theirsLabel: label });
    const lines = (await store.content(outcome.tree, 'f')).split('\n');
    expect([lines[1], lines[3]]).toEqual(['1', '2']);
    expect(lines[0]).toMatch(/^<<<<<<< [\p{L}\p{N}-]{1,70}$/u);
    expect(lines[0]?.slice(8)).not.toBe(lines[4]?.slice(8));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(outcome.says).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(outcome.says.length).toBeLessThan(500);
  },
);

test('merging hostile trees runs nothing, and their attributes have no say', async () => {
  const store = await plainStore();
  const files = (content: string): Files => ({ ...HOSTILE, 'f.txt': content, 'sub/g.txt': content });
  const [base, ours, theirs] = [
    await store.moment(files('0\n')),
    await store.moment(files('1\n')),
    await store.moment(files('2\n')),
  ];
  const trap = await setTrap(store);
  const outcome = await mergeFiles(store, { base: base.id, ours: ours.id, theirs: theirs.id, ...LABELS });
  expect(await existsNot(trap.marker)).toBe(true);
  expect(outcome.conflicts.map(({ path, how }) => [path, how])).toEqual([
    ['f.txt', 'bothChanged'],
    ['sub/g.txt', 'bothChanged'],
  ]);
  expect(await store.content(outcome.tree, 'f.txt')).toContain('<<<<<<<');
  await trap.springsIn(['merge-tree', '--write-tree', '--allow-unrelated-histories', ours.id, theirs.id]);
});

test('a merge leaves nothing in the store but its files: no ref, no commit', async () => {
  const store = await plainStore();
  const outcome = await merged(store, { f: '0\n' }, { f: '1\n' }, { f: '2\n' });
  const refs = await store.git(['for-each-ref', '--format=%(refname)']);
  expect(refs).not.toMatch(/heads|scratch/);
  const commits = (await store.git(['cat-file', '--batch-check', '--batch-all-objects'])).match(/ commit /g);
  expect(commits).toHaveLength(4);
  expect(await store.git(['cat-file', '-t', outcome.tree])).toBe('tree');
});

test('what a moment leaves out is not deleted by a merge, and not overwritten', async () => {
  const store = await plainStore();
  const base = { 'f.txt': '0\n', big: 'small', 'many/a': 'a', 'many/b': 'b', locked: 'l', really: 'gone' };
  const ours = { 'f.txt': '1\n', big: 'small', 'many/a': 'changed', locked: 'l', really: 'gone', 'many/b': 'b' };
  // Grown too large over there, too many, unreadable; and one that was deleted indeed.
  const theirs = { 'f.txt': '0\n', new: 'n' };
  const [one, two, three] = [await store.moment(base), await store.moment(ours), await store.moment(theirs)];
  const sides = { base: one.id, ours: two.id, theirs: three.id, ...LABELS };
  const there = await mergeFiles(store, { ...sides, omitted: { ours: [], theirs: ['big', 'many', 'locked'] } });
  expect(await store.git(['ls-tree', '-r', '--name-only', there.tree])).toBe('big\nf.txt\nlocked\nmany/a\nmany/b\nnew');
  expect(await store.content(there.tree, 'many/a')).toBe('changed');
  expect(there).toMatchObject({ clean: true, left: ['big', 'locked', 'many'] });
  expect(there.says).toContain("Left as in today's files, for a checkpoint lacks it: big, locked, many");
  // The other way about: today's large file stays on disk, whatever the other side made of the small one.
  const swapped = { ...sides, ours: three.id, theirs: two.id };
  const here = await mergeFiles(store, { ...swapped, omitted: { ours: ['big', 'many', 'locked'], theirs: [] } });
  expect(await store.git(['ls-tree', '-r', '--name-only', here.tree])).toBe('f.txt\nnew');
  expect(here.clean).toBe(true);
  const without = await mergeFiles(store, sides);
  expect(without.clean).toBe(false);
});
