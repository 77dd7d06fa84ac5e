// Waiting for a condition instead of for time: the only way tests wait.
import { setTimeout as delay } from 'node:timers/promises';

interface UntilOptions {
  timeoutMs?: number;
  everyMs?: number;
  /** What is waited for, as the failure names it. */
  what: string;
}

type Falsy = undefined | null | false | 0 | '';

/** The condition's first truthy answer; a condition that throws has not come true yet, and its error is shown at the end. */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 60_000, everyMs = 25, what }: UntilOptions,
): Promise<Exclude<T, Falsy>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const answer = await condition();
      if (isTruthy(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await delay(everyMs);
  } while (Date.now() < deadline);
  throw new Error(`${what}: not so within ${timeoutMs} ms; last answer: ${String(last)}`, { cause: last });
}

const isTruthy = <T>(answer: T): answer is Exclude<T, Falsy> => Boolean(answer);
