// Owns server.json: what this home knows of the dev server on its data, so that a second `taskrun` finds the first
// one's. Knows nothing of starting servers.
import { readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from './atomic-file.js';
import { processIdentitySchema } from './process-identity.js';

const recordSchema = z.object({
  identity: processIdentitySchema,
  address: z.string(),
  uiUrl: z.string().optional(),
  /** ISO 8601 */
  startedAt: z.string(),
});

export type ServerRecord = z.infer<typeof recordSchema>;

const FRESHEN_EVERY_MS = 5_000;
/** A record untouched for so long is that of a server whose starter is gone. */
export const STALE_AFTER_MS = 3 * FRESHEN_EVERY_MS;

export async function readRecord(dir: string): Promise<ServerRecord | undefined> {
  const text = await readFile(fileIn(dir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export async function writeRecord(dir: string, record: ServerRecord): Promise<void> {
  await writeAtomically(fileIn(dir), JSON.stringify(record, null, 2));
}

/** Removes the record if it still is that of this server. */
export async function removeRecord(dir: string, { identity }: Pick<ServerRecord, 'identity'>): Promise<void> {
  const found = await readRecord(dir);
  if (found?.identity.pid === identity.pid && found.identity.startTime === identity.startTime)
    await rm(fileIn(dir), { force: true });
}

/** How long ago the record was last touched; Infinity when there is none. */
export async function recordAgeMs(dir: string): Promise<number> {
  const found = await stat(fileIn(dir)).catch(() => undefined);
  return found === undefined ? Number.POSITIVE_INFINITY : Date.now() - found.mtimeMs;
}

/** Touches the record while this process lives: to another container on the same disk nothing else shows that. */
export function keepFresh(dir: string): () => void {
  const touch = () => void utimes(fileIn(dir), new Date(), new Date()).catch(() => undefined);
  const timer = setInterval(touch, FRESHEN_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function fileIn(dir: string): string {
  return join(dir, 'server.json');
}
