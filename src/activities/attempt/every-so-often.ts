// Does something again and again beside an attempt, one at a time; stopping waits for the one under way.

export function everySoOften(everyMs: number, work: () => Promise<unknown>): { stop(): Promise<void> } {
  if (everyMs === 0) return { stop: () => Promise.resolve() };
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<unknown> = Promise.resolve();
  const later = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      // What goes wrong here is met again, and told, when the attempt ends.
      underWay = work()
        .catch(() => undefined)
        .finally(later);
    }, everyMs);
  };
  later();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}

/** Resolves when the signal is given. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
