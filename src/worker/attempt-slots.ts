// The slots in which attempts work: one supplier for all the queues of a worker, so that two queues don't double the
// load of a host. Knows nothing of attempts.
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit, SlotReserveContext } from '@temporalio/worker';

/**
 * A queue reserves a slot before it asks the server, and would hold it while it waits for work that another queue has:
 * only the slots in use count, and each queue may ask while one is free. So two queues may be given the last one; the
 * later finds the worker full and hands its attempt back (activities/attempt.ts).
 */
export class AttemptSlots implements CustomSlotSupplier<ActivitySlotInfo> {
  readonly type = 'custom';
  readonly #used = new Set<SlotPermit>();
  readonly #waiting = new Set<(permit: SlotPermit) => void>();

  constructor(private readonly size: number) {}

  /** Rejects with an AbortError where the SDK gives up waiting, as its contract asks. */
  reserveSlot(_context: SlotReserveContext, abort: AbortSignal): Promise<SlotPermit> {
    if (abort.aborted) return Promise.reject(abort.reason);
    const permit = this.tryReserveSlot();
    if (permit !== null) return Promise.resolve(permit);
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve);
      abort.addEventListener('abort', () => {
        if (this.#waiting.delete(resolve)) reject(abort.reason);
      });
    });
  }

  tryReserveSlot(): SlotPermit | null {
    return this.#used.size < this.size ? {} : null;
  }

  markSlotUsed({ permit }: { permit: SlotPermit }): void {
    this.#used.add(permit);
  }

  releaseSlot({ permit }: { permit: SlotPermit }): void {
    this.#used.delete(permit);
    if (this.#used.size >= this.size) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve({});
  }
}
