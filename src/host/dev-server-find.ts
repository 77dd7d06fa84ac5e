// Owns whether a home's recorded dev server still serves, and waiting where that can't be told at once.
// Never starts or ends a server.
import { setTimeout as sleep } from 'node:timers/promises';
import { readRecord, recordAgeMs, type ServerRecord, STALE_AFTER_MS } from './dev-server-record.js';
import { aliveness } from './process-identity.js';
import { probeTemporal } from './temporal-probe.js';

export type FoundServer =
  | { is: 'serving'; record: ServerRecord }
  /** It lives, or may live in another container: a second one must not be started. */
  | { is: 'mute'; says: string }
  | { is: 'gone'; record?: ServerRecord };

const LOOK_EVERY_MS = 100;

/**
 * A dead server is gone. A living one gets `answerWithinMs` to answer. One that can't be judged from here (another
 * container, or the one before this container's restart) is gone when its record is no longer kept fresh.
 */
export async function findServing(dir: string, log: string, answerWithinMs: number): Promise<FoundServer> {
  const record = await readRecord(dir);
  if (record === undefined) return { is: 'gone' };
  for (const since = performance.now(); ; await sleep(LOOK_EVERY_MS)) {
    const state = aliveness(record.identity);
    if (state === 'dead') return { is: 'gone', record };
    if ((await probeTemporal(record.address)).is === 'temporal') return { is: 'serving', record };
    if (state === 'unknown' && (await recordAgeMs(dir)) > STALE_AFTER_MS) return { is: 'gone', record };
    const waited = performance.now() - since;
    if (state === 'alive' && waited > answerWithinMs) return { is: 'mute', says: sayMute(record, dir, log) };
    if (state === 'unknown' && waited > 2 * STALE_AFTER_MS) return { is: 'mute', says: sayElsewhere(record, dir) };
  }
}

function sayMute({ identity, address }: ServerRecord, dir: string, log: string): string {
  return `The dev server of ${dir} (pid ${identity.pid}) runs but does not answer at ${address}. See ${log}; end it (kill -9 ${identity.pid}), then try again: its data stays.`;
}

function sayElsewhere({ address }: ServerRecord, dir: string): string {
  return `A dev server in another container serves ${dir} (at ${address} there). Two on one database would ruin it: give that one's address (TEMPORAL_ADDRESS), or end it.`;
}
