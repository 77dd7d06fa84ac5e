// The slots in which attempts work: never more than their number, whatever queue asks; who waits gets the next one.
import type { SlotReserveContext } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { AttemptSlots } from '../../src/worker/attempt-slots.js';

const context = {
  slotType: 'activity',
  taskQueue: 'q',
  workerIdentity: 'w',
  isSticky: false,
} as unknown as SlotReserveContext;
const never = new AbortController().signal;

/** Whether a promise is settled by now. */
const isSettled = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    promise.then(() => true),
    Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => false),
  ]);

test('grants as many as there are, and no more', async () => {
  const slots = new AttemptSlots(2);
  await slots.reserveSlot(context, never);
  expect(slots.tryReserveSlot()).not.toBeNull();
  expect(slots.tryReserveSlot()).toBeNull();
  expect(await isSettled(slots.reserveSlot(context, never))).toBe(false);
});

test('a slot that is released goes to the one that waited longest', async () => {
  const slots = new AttemptSlots(1);
  await slots.reserveSlot(context, never);
  const [first, second] = [slots.reserveSlot(context, never), slots.reserveSlot(context, never)];
  slots.releaseSlot();
  await first;
  expect(await isSettled(second)).toBe(false);
  expect(slots.tryReserveSlot()).toBeNull();
  slots.releaseSlot();
  await second;
});

test('one who gives up waiting takes no slot', async () => {
  const slots = new AttemptSlots(1);
  await slots.reserveSlot(context, never);
  const patience = new AbortController();
  const waiting = slots.reserveSlot(context, patience.signal);
  patience.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  slots.releaseSlot();
  expect(slots.tryReserveSlot()).not.toBeNull();
  expect(slots.tryReserveSlot()).toBeNull();
});

test('one who gave up after being served changes nothing', async () => {
  const slots = new AttemptSlots(1);
  await slots.reserveSlot(context, never);
  const patience = new AbortController();
  const waiting = slots.reserveSlot(context, patience.signal);
  slots.releaseSlot();
  await waiting;
  patience.abort();
  expect(slots.tryReserveSlot()).toBeNull();
});
