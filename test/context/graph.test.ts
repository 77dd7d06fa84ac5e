import { expect, test } from 'vitest';
import { logMoments } from '../../src/context/graph.js';
import { taskRefs } from '../../src/context/store/task-ref.js';
import { describedMoment, plainStore, TASK } from './support/compare-store.js';

const refs = taskRefs(TASK);

test('the line, what lies aside and the milestones come in the order of the attempts, each once', async () => {
  const store = await plainStore();
  const first = await store.moment({ a: '1' }, { token: 10 });
  const marked = await store.moment({ a: '2' }, { token: 15, during: true }, refs.mark('before lunch'));
  const stray = await store.moment({ a: '3' }, { token: 20 }, refs.side('thawed', 1));
  const newest = await store.moment({ a: '4' }, { token: 30 }, refs.head);
  await store.git(['update-ref', refs.mark('done\u001b[2J'), newest.id]);
  const logged = await logMoments(store, TASK, ['done\u001b[2J', 'before lunch']);
  expect(logged.map(({ id, where, refs: names }) => [id, where, names])).toEqual([
    [first.id, 'line', []],
    [marked.id, 'milestone', ['milestone before lunch']],
    [stray.id, 'side', ['side']],
    [newest.id, 'line', ['head', 'milestone done\\e[2J']],
  ]);
});

test("hosts' clocks do not change the order of attempts", async () => {
  const store = await plainStore();
  const later = await store.moment({}, { token: 2, at: '2020-01-01T00:00:00.000Z' });
  const earlier = await store.moment({}, { token: 1, at: '2030-01-01T00:00:00.000Z' });
  expect((await logMoments(store, TASK)).map(({ id }) => id)).toEqual([earlier.id, later.id]);
});

test('a claim is shown as the checkpoint it stands for; a first claim as nothing', async () => {
  const store = await plainStore();
  const before = await store.moment({ a: '1' });
  await store.moment({ a: '1' }, { kind: 'claim', previous: before.id }, refs.head);
  expect((await logMoments(store, TASK)).map(({ id, refs: names }) => [id, names])).toEqual([[before.id, ['head']]]);
  await store.git(['update-ref', '-d', refs.moment(before.moment.attempt.id)]);
  await store.moment({}, { kind: 'claim' }, refs.head);
  expect(await logMoments(store, TASK)).toEqual([]);
});

test('without an incarnation all tasks of this id are listed, and no other one', async () => {
  const store = await plainStore();
  const again = { ...TASK, incarnation: '99999999-7d1e-4a42-9d63-0c7a1e8f2b11' };
  const one = await store.moment({});
  const two = await store.moment({}, { task: again });
  await store.moment({}, { task: { ...TASK, taskId: 'compare-2' } });
  expect((await logMoments(store, TASK)).map(({ id }) => id)).toEqual([one.id]);
  const { namespace, taskId } = TASK;
  expect((await logMoments(store, { namespace, taskId })).map(({ id }) => id)).toEqual([one.id, two.id]);
});

test('refs that hold something else, or are of a kind unknown here, are left out', async () => {
  const store = await plainStore();
  const known = await store.moment({});
  await store.git(['update-ref', `${refs.root}future/x`, known.id]);
  await store.git(['update-ref', refs.side('x', 1), await store.git(['commit-tree', '-m', 'x', await store.tree({})])]);
  expect(await logMoments(store, TASK)).toEqual([{ ...known, refs: [], where: 'line' }]);
  expect(describedMoment({}).kind).toBe('checkpoint');
});
