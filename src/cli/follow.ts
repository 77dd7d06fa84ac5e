// Following a task until it comes to rest: told at each change, through times in which server or worker are away.
import { setTimeout as sleep } from 'node:timers/promises';
import { NoWorkerError } from '../client/errors.js';
import type { Snapshot, TaskHandle } from '../client.js';
import { isUnavailable } from './failure.js';

/** `parked`: the task waits for a person; `idle`: nothing is left to do, it stays open for the next update. */
export type Rest = { how: 'closed' | 'parked' | 'idle'; seen: Snapshot } | { how: 'left' };

export type Following = {
  /** Ends the following; the task goes on. */
  signal?: AbortSignal;
  /** `closed`: wait on when the task is idle or waits for a person. */
  until: 'at rest' | 'closed';
  onSeen(seen: Snapshot): void;
  onSilence(): void;
};

/** How long a server may be away: it may be starting again. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 500;

export async function follow(task: TaskHandle, following: Following): Promise<Rest> {
  let silentSinceMs: number | undefined;
  for (;;) {
    try {
      for await (const seen of task.follow(signalOf(following))) {
        silentSinceMs = undefined;
        following.onSeen(seen);
        const how = restOf(seen);
        if (how === 'closed' || (how !== undefined && following.until === 'at rest')) return { how, seen };
      }
      return { how: 'left' };
    } catch (error) {
      if (!isUnavailable(error) && !(error instanceof NoWorkerError)) throw error;
      if (silentSinceMs === undefined) following.onSilence();
      silentSinceMs ??= Date.now();
      if (Date.now() - silentSinceMs > PATIENCE_MS) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

const signalOf = ({ signal }: Following): { signal?: AbortSignal } => (signal === undefined ? {} : { signal });

/** Waits that end by themselves are none for a person. */
const TIMED: readonly string[] = ['backoff', 'rateLimit'];

/** Undefined while it works, or as long as no worker tells. */
export function restOf(seen: Snapshot): 'closed' | 'parked' | 'idle' | undefined {
  if (seen.status !== 'RUNNING') return 'closed';
  if (seen.view === undefined) return undefined;
  if (seen.view.phase === 'waiting' && !TIMED.includes(seen.view.waiting?.for ?? '')) return 'parked';
  return seen.view.phase === 'idle' ? 'idle' : undefined;
}

/** A failure in the words of the workflow, for a task that closed without a result. */
export async function closingWords(task: TaskHandle, seen: Snapshot): Promise<string> {
  try {
    await task.result();
    return '';
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `Task ${seen.taskId} ${seen.status.toLowerCase()}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
