import { expect, test } from 'vitest';
import { mergeBase } from '../../../src/context/compare/merge.js';
import type { MomentAt } from '../../../src/context/moment.js';
import { type PlainStore, plainStore } from '../support/compare-store.js';

const from = (store: PlainStore, ...before: MomentAt[]): Promise<MomentAt> =>
  store.moment({}, { filesFrom: before.map(({ id }) => id) });

test('the nearest moment that both derive from, however the attempts went', async () => {
  const store = await plainStore();
  const first = await from(store);
  const second = await from(store, first);
  const a = await from(store, await from(store, second));
  const b = await from(store, second);
  expect(await mergeBase(store, a, b)).toBe(second.id);
  expect(await mergeBase(store, b, a)).toBe(second.id);
});

test('one of the two may be it', async () => {
  const store = await plainStore();
  const first = await from(store);
  const later = await from(store, await from(store, first));
  expect(await mergeBase(store, later, first)).toBe(first.id);
  expect(await mergeBase(store, first, first)).toBe(first.id);
});

test('after a merge both of its sides count, and an ancestor of another one is passed over', async () => {
  const store = await plainStore();
  const root = await from(store);
  const left = await from(store, root);
  const right = await from(store, root);
  const merged = await from(store, left, right, root);
  const onward = await from(store, right);
  expect(await mergeBase(store, merged, onward)).toBe(right.id);
});

test('two of different origin have none', async () => {
  const store = await plainStore();
  expect(await mergeBase(store, await from(store), await from(store))).toBeUndefined();
});

test('a moment that is gone from the store ends its line, no more', async () => {
  const store = await plainStore();
  const gone = { ...(await from(store)), id: '0123456789012345678901234567890123456789' };
  const shared = await from(store, gone);
  expect(await mergeBase(store, await from(store, shared, gone), await from(store, shared))).toBe(shared.id);
  expect(await mergeBase(store, await from(store, gone), await from(store, gone))).toBeUndefined();
});

test("the two may be different tasks' moments", async () => {
  const store = await plainStore();
  const parent = await from(store);
  const task = { namespace: 'default', taskId: 'a fork', incarnation: '0a0a0a0a-7d1e-4a42-9d63-0c7a1e8f2b11' };
  const child = await store.moment({}, { task, filesFrom: [parent.id] });
  expect(await mergeBase(store, child, await from(store, parent))).toBe(parent.id);
});
