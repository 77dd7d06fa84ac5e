// The slots in which attempts work: no queue is asked while all are used, whatever queue it is; a queue that waits for
// work holds back no slot from another one.
import type { SlotMarkUsedContext, SlotPermit, SlotReleaseContext, SlotReserveContext } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { AttemptSlots } from '../../src/worker/attempt-slots.js';

const context = {
  slotType: 'activity',
  taskQueue: 'q',
  workerIdentity: 'w',
  isSticky: false,
} as unknown as SlotReserveContext;
const never = new AbortController().signal;
const of = (permit: SlotPermit) => ({ permit }) as SlotMarkUsedContext<never> & SlotReleaseContext<never>;

/** Whether a promise is settled by now. */
const isSettled = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    promise.then(() => true),
    Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => false),
  ]);

async function used(slots: AttemptSlots): Promise<SlotPermit> {
  const permit = await slots.reserveSlot(context, never);
  slots.markSlotUsed(of(permit));
  return permit;
}

test('grants none while all are used', async () => {
  const slots = new AttemptSlots(2);
  await used(slots);
  expect(slots.tryReserveSlot()).not.toBeNull();
  await used(slots);
  expect(slots.tryReserveSlot()).toBeNull();
  expect(await isSettled(slots.reserveSlot(context, never))).toBe(false);
});

test('a queue that only waits for work leaves the slot to another queue', async () => {
  const slots = new AttemptSlots(1);
  await slots.reserveSlot(context, never);
  expect(await isSettled(slots.reserveSlot(context, never))).toBe(true);
});

test('every queue that waits may ask again when a slot is free', async () => {
  const slots = new AttemptSlots(1);
  const permit = await used(slots);
  const waiting = [slots.reserveSlot(context, never), slots.reserveSlot(context, never)];
  slots.releaseSlot(of(permit));
  await Promise.all(waiting);
});

test('a worker that was given one too many grants none until that many are done', async () => {
  const slots = new AttemptSlots(1);
  const [one, other] = [await slots.reserveSlot(context, never), await slots.reserveSlot(context, never)];
  for (const permit of [one, other]) slots.markSlotUsed(of(permit));
  slots.releaseSlot(of(one));
  expect(slots.tryReserveSlot()).toBeNull();
  slots.releaseSlot(of(other));
  expect(slots.tryReserveSlot()).not.toBeNull();
});

test('a slot that came to no use frees none', async () => {
  const slots = new AttemptSlots(1);
  const unused = await slots.reserveSlot(context, never);
  const permit = await used(slots);
  slots.releaseSlot(of(unused));
  expect(slots.tryReserveSlot()).toBeNull();
  slots.releaseSlot(of(permit));
  expect(slots.tryReserveSlot()).not.toBeNull();
});

test('one who gives up waiting is not served', async () => {
  const slots = new AttemptSlots(1);
  const permit = await used(slots);
  const patience = new AbortController();
  const waiting = slots.reserveSlot(context, patience.signal);
  patience.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  slots.releaseSlot(of(permit));
  expect(slots.tryReserveSlot()).not.toBeNull();
});
