// The kept histories: JSON as `temporal workflow show --output json` prints it, one file a run. Append-only: a history
// once recorded stands for tasks that are open somewhere, and is never written again.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';

const DIR = new URL('./histories/', import.meta.url);
const fileOf = (name: string): string => fileURLToPath(new URL(`${name}.json`, DIR));

interface History {
  events: { workflowExecutionStartedEventAttributes?: { workflowId: string } }[];
}

export const historyNames: string[] = readdirSync(DIR)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace(/\.json$/, ''))
  .toSorted();

export function readHistory(name: string): { history: History; taskId: string } {
  const history: History = JSON.parse(readFileSync(fileOf(name), 'utf8'));
  return { history, taskId: history.events[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? name };
}

/** A shape of several runs has a file for each: `<shape>.1`, `<shape>.2`, … */
export const isRecorded = (shape: string): boolean => existsSync(fileOf(shape)) || existsSync(fileOf(`${shape}.1`));

/** Who recorded it and where its files lay is nobody's business, and no part of a replay. */
const OF_THE_MACHINE = new Set(['identity', 'stackTrace']);
/** The queue of one worker's cache: process id, host, uuid. */
const STICKY_QUEUE = /^\d+@.*-[0-9a-f]{32}$/;

export async function keepHistory(name: string, events: temporal.api.history.v1.IHistoryEvent[]): Promise<void> {
  const whole: unknown = JSON.parse(historyToJSON({ events }), (key, value: unknown) => {
    if (OF_THE_MACHINE.has(key)) return undefined;
    return typeof value === 'string' && STICKY_QUEUE.test(value) ? 'sticky' : value;
  });
  await writeFile(fileOf(name), `${JSON.stringify(whole, null, 1)}\n`, { flag: 'wx' });
}
