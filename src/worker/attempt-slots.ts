// The slots in which attempts work: one supplier for all the queues of a worker, so that two queues don't double
// the load of a host. Knows nothing of attempts.
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit, SlotReserveContext } from '@temporalio/worker';

export class AttemptSlots implements CustomSlotSupplier<ActivitySlotInfo> {
  readonly type = 'custom';
  #free: number;
  readonly #waiting: ((permit: SlotPermit) => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  /** Rejects with an AbortError where the SDK gives up waiting, as its contract asks. */
  reserveSlot(_context: SlotReserveContext, abort: AbortSignal): Promise<SlotPermit> {
    if (abort.aborted) return Promise.reject(abort.reason);
    const permit = this.tryReserveSlot();
    if (permit !== null) return Promise.resolve(permit);
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      abort.addEventListener('abort', () => {
        const at = this.#waiting.indexOf(resolve);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(abort.reason);
      });
    });
  }

  tryReserveSlot(): SlotPermit | null {
    if (this.#free === 0) return null;
    this.#free -= 1;
    return {};
  }

  markSlotUsed(): void {}

  releaseSlot(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next({});
  }
}
