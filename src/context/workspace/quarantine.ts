// A folder beside the store's objects where new ones wait: what is taken in while it is not yet known to be free of
// secrets never becomes part of the store.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export type Quarantine = { objects: string; store: string };

export const QUARANTINE = 'tmp_objdir-taskrun-';

export async function openQuarantine(gitDir: string): Promise<Quarantine> {
  const store = join(gitDir, 'objects');
  const objects = join(store, `${QUARANTINE}${randomBytes(8).toString('hex')}`);
  await mkdir(objects, { recursive: true });
  return { objects, store };
}

/** A pack counts from the moment its index is there, so that goes last. */
export async function release(quarantine: Quarantine): Promise<void> {
  for (const folder of await readdir(quarantine.objects)) {
    const from = join(quarantine.objects, folder);
    const names = (await readdir(from)).filter((name) => !name.startsWith('tmp_'));
    if (names.length === 0) continue;
    const into = join(quarantine.store, folder);
    await mkdir(into, { recursive: true });
    for (const name of names.sort(indexLast)) await rename(join(from, name), join(into, name));
  }
  await discard(quarantine);
}

export const discard = (quarantine: Quarantine): Promise<void> =>
  rm(quarantine.objects, { recursive: true, force: true });

const indexLast = (one: string, other: string): number => Number(one.endsWith('.idx')) - Number(other.endsWith('.idx'));
