// Owns "one writer" for one directory of claims: each attempt makes its own file, the highest token owns, and nothing
// is ever taken away from a newer one. No file is a lock, so a crash at any point leaves nothing to clean up.
// A claim proves order, not death: what an earlier holder left running is the caller's to end (`holderState`).
import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createExclusively, writeAtomically } from './atomic-file.js';
import { type ClaimContent, type ClaimFile, claimName, claimNames, readClaim } from './claim-file.js';
import { aliveness, ownIdentity } from './process-identity.js';
import { errorCode } from './system-error.js';

export type { ClaimFile } from './claim-file.js';

export interface Claim {
  dir: string;
  name: string;
  content: ClaimContent;
}

export type Claimed =
  | { held: true; claim: Claim /** Earlier ones, oldest first, that were never released. */; previous: ClaimFile[] }
  | { held: false; by: ClaimFile };

export interface ClaimRequest {
  /** The server's scheduled time of the attempt, in ms: the higher is the newer. Equal ones are ordered by `attemptId`. */
  token: number;
  attemptId: string;
}

/** released: it launches nothing more · dead: its process is gone · alive · elsewhere: can't be judged from here, wait. */
export type HolderState = 'released' | 'dead' | 'alive' | 'elsewhere';

/** Claims the directory. `held: false` when a newer claim is there, or this very attempt was claimed before. */
export async function claim(dir: string, request: ClaimRequest): Promise<Claimed> {
  const name = claimName(request.token, request.attemptId);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const newer = await newestAbove(dir, name);
  if (newer !== undefined) return { held: false, by: newer };
  const content: ClaimContent = { holder: ownIdentity(), hostname: hostname(), at: new Date().toISOString() };
  try {
    await createExclusively(join(dir, name), JSON.stringify(content));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return { held: false, by: (await readClaim(dir, name)) ?? { dir, name, ...request } };
  }
  return settle({ dir, name, content });
}

/** Whether this is still the newest claim. Ask again right before each act that only the owner may do. */
export async function isMine(mine: Claim): Promise<boolean> {
  return (await claimNames(mine.dir)).at(-1) === mine.name;
}

/** Marks the claim released and removes the older ones. The file stays: a stale attempt that comes later still loses to it. */
export async function release(mine: Claim): Promise<void> {
  const names = await claimNames(mine.dir);
  // Removed by a newer claim's release: to write it again would only leave litter.
  if (!names.includes(mine.name)) return;
  const content: ClaimContent = { ...mine.content, releasedAt: new Date().toISOString() };
  await writeAtomically(join(mine.dir, mine.name), JSON.stringify(content));
  for (const name of names) if (name < mine.name) await rm(join(mine.dir, name), { force: true });
}

/** What became of an earlier holder; read anew each time, so that a caller who waits sees it change. */
export async function holderState(previous: ClaimFile): Promise<HolderState> {
  const now = await readClaim(previous.dir, previous.name);
  if (now === undefined || now.content?.releasedAt !== undefined) return 'released';
  if (now.content === undefined) return 'elsewhere';
  const state = aliveness(now.content.holder);
  return state === 'unknown' ? 'elsewhere' : state;
}

/** The newest claim of the directory, released or not. */
export async function newestClaim(dir: string): Promise<ClaimFile | undefined> {
  for (;;) {
    const name = (await claimNames(dir)).at(-1);
    if (name === undefined) return undefined;
    const found = await readClaim(dir, name);
    if (found !== undefined) return found;
  }
}

/** Two who claim at once both make their file before they look: the older one sees the newer and withdraws. */
async function settle(mine: Claim): Promise<Claimed> {
  const newer = await newestAbove(mine.dir, mine.name);
  if (newer !== undefined) {
    await rm(join(mine.dir, mine.name), { force: true });
    return { held: false, by: newer };
  }
  const older = (await claimNames(mine.dir)).filter((name) => name < mine.name);
  const read = await Promise.all(older.map((name) => readClaim(mine.dir, name)));
  const previous = read
    .filter((found) => found !== undefined)
    .filter((found) => found.content?.releasedAt === undefined);
  return { held: true, claim: mine, previous };
}

async function newestAbove(dir: string, name: string): Promise<ClaimFile | undefined> {
  const newest = await newestClaim(dir);
  return newest !== undefined && newest.name > name ? newest : undefined;
}
