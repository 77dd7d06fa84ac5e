import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { collectGarbage } from '../../src/context/retention.js';
import { keepForRewind } from '../../src/context/store/fence.js';
import { readMoment } from '../../src/context/store/read.js';
import { openStore } from '../../src/context/store/store.js';
import { taskRefs } from '../../src/context/store/task-ref.js';
import { type PlainStore, plainEnv, plainStore, TASK } from './support/compare-store.js';

const refs = taskRefs(TASK);
const DAY_MS = 24 * 60 * 60_000;
const OTHER_SESSION = '22222222-2222-4222-8222-222222222222';

const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();
const keepDays = (days: number, dryRun = false) => ({ olderThanMs: days * DAY_MS, nowMs: Date.now(), dryRun });
/** A day and more passes: what was young then is not any more. */
const longAfter = { olderThanMs: 1e15, nowMs: Date.now() + 3 * DAY_MS, dryRun: false };
const allRefs = async (store: PlainStore): Promise<string[]> =>
  (await store.git(['for-each-ref', '--format=%(refname)', 'refs/taskrun'])).split('\n').sort();

test('old moments of the line and of the side go; head, milestones and young ones stay', async () => {
  const store = await plainStore();
  const old = await store.moment({ a: 'old' }, { at: daysAgo(40) });
  const young = await store.moment({ a: 'young' }, { at: daysAgo(3) });
  const side = await store.moment({ a: 'side' }, { at: daysAgo(50) }, refs.side('x', 1));
  const marked = await store.moment({ a: 'marked' }, { at: daysAgo(90) });
  await store.git(['update-ref', refs.mark('keep me'), marked.id]);
  await store.moment({ a: 'head' }, { at: daysAgo(35) }, refs.head);
  const expected = [
    { ref: refs.moment(old.moment.attempt.id), id: old.id, at: old.moment.at },
    { ref: refs.side('x', 1), id: side.id, at: side.moment.at },
  ];
  const before = await allRefs(store);
  expect(await collectGarbage(store, keepDays(30, true))).toEqual({ removed: expected, kept: 4 });
  expect(await allRefs(store)).toEqual(before);
  const done = await collectGarbage(store, keepDays(30));
  expect(done).toMatchObject({ removed: expected, kept: 4 });
  expect(await allRefs(store)).toEqual(
    [refs.head, refs.mark('keep me'), ...[young, marked].map((one) => refs.moment(one.moment.attempt.id))].sort(),
  );
});

test('the newest moment of every session stays, of the line rather than of the side', async () => {
  const store = await plainStore();
  const sessionId = OTHER_SESSION;
  const older = await store.moment({ a: '1' }, { sessionId, at: daysAgo(90), token: 1 });
  const newest = await store.moment({ a: '2' }, { sessionId, at: daysAgo(80), token: 2 });
  const aside = await store.moment({ a: '3' }, { sessionId, at: daysAgo(70), token: 3 }, refs.side('x', 1));
  const onlyAside = await store.moment(
    { a: '4' },
    { sessionId: '33333333-3333-4333-8333-333333333333', at: daysAgo(70) },
    refs.side('y', 1),
  );
  await store.moment({}, {}, refs.head);
  const { removed } = await collectGarbage(store, keepDays(30));
  expect(removed.map(({ id }) => id).sort()).toEqual([older.id, aside.id].sort());
  expect(await readMoment(store, newest.id)).toBeDefined();
  expect(await readMoment(store, onlyAside.id)).toBeDefined();
});

test("the checkpoint that a head's claim stands for stays, however old, also after going back to it", async () => {
  const store = await plainStore();
  const before = await store.moment({ a: '1' }, { at: daysAgo(400), token: 1 });
  const between = await store.moment({ a: '2' }, { at: daysAgo(395), token: 2 });
  await store.moment({ a: '3' }, { at: daysAgo(390), token: 3 });
  await store.moment({ a: '1' }, { kind: 'claim', previous: before.id, at: daysAgo(380), token: 4 }, refs.head);
  const { removed } = await collectGarbage(store, keepDays(30));
  expect(removed.map(({ id }) => id)).toEqual([between.id]);
});

test('a moment that the task was taken back to stays, though no attempt has begun there yet', async () => {
  const store = await plainStore();
  const target = await store.moment({ a: '1' }, { at: daysAgo(400), token: 1 });
  const between = await store.moment({ a: '2' }, { at: daysAgo(395), token: 2 });
  const after = await store.moment({ a: '3' }, { at: daysAgo(390), token: 3 });
  await store.moment({ a: '4' }, { at: daysAgo(380), token: 4 }, refs.head);
  await keepForRewind(store, target.id);
  const { removed } = await collectGarbage(store, keepDays(30));
  expect(removed.map(({ id }) => id).sort()).toEqual([between.id, after.id].sort());
});

test('each task is judged by itself: a closed one keeps its head', async () => {
  const store = await plainStore();
  const closed = { ...TASK, incarnation: '99999999-7d1e-4a42-9d63-0c7a1e8f2b11' };
  await store.moment({ a: '1' }, { task: closed, at: daysAgo(400) }, taskRefs(closed).head);
  await store.moment({ a: '2' }, {}, refs.head);
  expect(await collectGarbage(store, keepDays(30))).toMatchObject({ removed: [], kept: 2 });
});

test('what can not be read is not judged', async () => {
  const store = await plainStore();
  const foreign = await store.git(['commit-tree', '-m', 'x', await store.tree({})]);
  await store.git(['update-ref', refs.side('x', 1), foreign]);
  await store.moment({ a: '1' }, { at: 'no date' }, refs.side('x', 2));
  await store.moment({ a: '2' }, {}, refs.head);
  expect((await collectGarbage(store, keepDays(0))).removed).toEqual([]);
});

test('what nothing names is freed after a day, not before: it may be part of a checkpoint being written', async () => {
  const store = await plainStore();
  await store.moment({ a: '1' }, {}, refs.head);
  const blob = await store.git(['hash-object', '-w', '--stdin'], 'x'.repeat(500_000) + Math.random());
  const scratch = await store.moment({ b: '1' }, {}, 'refs/taskrun-scratch/killed');
  await collectGarbage(store, keepDays(0));
  expect(await store.git(['cat-file', '-t', blob])).toBe('blob');
  expect(await readMoment(store, scratch.id)).toBeDefined();
  const { freedBytes } = await collectGarbage(store, longAfter);
  await expect(store.git(['cat-file', '-t', blob])).rejects.toThrow();
  expect(await readMoment(store, scratch.id)).toBeUndefined();
  expect(freedBytes).toBeGreaterThan(0);
  await store.git(['fsck', '--strict']);
});

test('what killed processes left goes when it is old', async () => {
  const store = await plainStore();
  await store.moment({ a: '1' }, {}, refs.head);
  const packs = join(store.gitDir, 'objects', 'pack');
  const left = [join(store.gitDir, 'fast_import_crash_1'), join(packs, 'tmp_pack_x'), join(packs, 'pack-1.keep')];
  const theirs = join(packs, 'pack-2.keep');
  for (const path of left) await writeFile(path, 'fast-import');
  await writeFile(theirs, 'by hand');
  await collectGarbage(store, keepDays(30));
  expect(await there(store.gitDir, packs)).toEqual(['fast_import_crash_1', 'pack-1.keep', 'pack-2.keep', 'tmp_pack_x']);
  const weekAgo = new Date(Date.now() - 7 * DAY_MS);
  for (const path of [...left, theirs]) await utimes(path, weekAgo, weekAgo);
  await collectGarbage(store, keepDays(30));
  expect(await there(store.gitDir, packs)).toEqual(['pack-2.keep']);
});

const there = async (...dirs: string[]): Promise<string[]> =>
  (await Promise.all(dirs.map((dir) => readdir(dir))))
    .flat()
    .filter((name) => /crash|keep|tmp/.test(name))
    .sort();

test('objects that a killed look had not let in go when they are old, those of one under way stay', async () => {
  const store = await plainStore();
  await store.moment({ a: '1' }, {}, refs.head);
  const [old, young] = ['old', 'young'].map((name) => join(store.gitDir, 'objects', `tmp_objdir-taskrun-${name}`));
  for (const folder of [old ?? '', young ?? '']) {
    await mkdir(join(folder, 'ab'), { recursive: true });
    await writeFile(join(folder, 'ab', 'cd'), 'object');
  }
  const twoDaysAgo = new Date(Date.now() - 2 * DAY_MS);
  await utimes(old ?? '', twoDaysAgo, twoDaysAgo);
  await collectGarbage(store, keepDays(30));
  expect(await there(join(store.gitDir, 'objects'))).toEqual(['tmp_objdir-taskrun-young']);
});

test('what waits to be pushed stays, however old', async () => {
  const store = await plainStore();
  const waiting = await store.moment({ only: 'here' }, { at: daysAgo(400) }, 'refs/taskrun-pending/somewhere/head');
  await store.moment({ a: '1' }, {}, refs.head);
  await collectGarbage(store, { ...longAfter, nowMs: Date.now() + 900 * DAY_MS });
  expect(await store.content(waiting.id, 'workspace/only')).toBe('here');
  expect(await store.git(['rev-parse', 'refs/taskrun-pending/somewhere/head'])).toBe(waiting.id);
});

test('of a remote store the refs go on both sides', async () => {
  const remote = await plainStore();
  await remote.moment({ a: '1' }, { at: daysAgo(90), token: 1 });
  await remote.moment({ a: '2' }, { token: 2 }, refs.head);
  const mirror = await openStore({ configured: `file://${remote.gitDir}`, home: join(remote.dir, 'home') });
  expect((await collectGarbage(mirror, keepDays(30))).removed).toHaveLength(1);
  expect(await allRefs(remote)).toEqual([refs.head]);
  const here = await execa('git', ['for-each-ref', '--format=%(refname)', 'refs/taskrun'], {
    env: { ...plainEnv(), GIT_DIR: mirror.gitDir },
    extendEnv: false,
  });
  expect(here.stdout).toBe(refs.head);
});
