// Owns a claim as a file: its name (which alone decides the order), what it says, and reading one that may be cut short.
// Knows nothing of who wins (claims.ts).
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { processIdentitySchema } from './process-identity.js';
import { errorCode } from './system-error.js';

const contentSchema = z.object({
  holder: processIdentitySchema,
  hostname: z.string(),
  /** ISO 8601 */
  at: z.string(),
  releasedAt: z.string().optional(),
});

export type ClaimContent = z.infer<typeof contentSchema>;

/** One claim as found on disk. `content` is absent when the file was cut short (a crash where there are no hard links): such a claim is unreleased, its holder unknown. */
export interface ClaimFile {
  dir: string;
  /** The file's name; names sort as claims do. */
  name: string;
  token: number;
  attemptId: string;
  content?: ClaimContent;
}

/** Zero-padded to the digits of the largest safe integer, so that names sort as numbers do. */
const TOKEN_DIGITS = 16;
const NAME = /^(\d{16})-([A-Za-z0-9-]{1,64})\.json$/;

export function claimName(token: number, attemptId: string): string {
  if (!Number.isSafeInteger(token) || token < 0)
    throw new RangeError(`a claim's token is a time in whole milliseconds, not ${token}`);
  const name = `${String(token).padStart(TOKEN_DIGITS, '0')}-${attemptId}.json`;
  if (!NAME.test(name)) throw new RangeError(`an attempt's id is a uuid, not ${JSON.stringify(attemptId)}`);
  return name;
}

/** The names of all claims in the directory, oldest first; a directory that is gone holds none. */
export async function claimNames(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => NAME.test(name)).toSorted();
}

/** Undefined when there is no such file (a newer claim's release removed it). */
export async function readClaim(dir: string, name: string): Promise<ClaimFile | undefined> {
  const [, token, attemptId] = NAME.exec(name) ?? [];
  if (token === undefined || attemptId === undefined) throw new RangeError(`${name} is not a claim's name`);
  const claim = { dir, name, token: Number(token), attemptId };
  try {
    const content = contentSchema.safeParse(JSON.parse(await readFile(join(dir, name), 'utf8')));
    return content.success ? { ...claim, content: content.data } : claim;
  } catch (error) {
    if (error instanceof SyntaxError) return claim;
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
