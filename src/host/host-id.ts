// Owns the id of this home: it names the queue on which attempts are offered to the host that has their workspace.
// Workers that share a home share its id, as they share the workspaces in it.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createExclusively } from './atomic-file.js';
import { errorCode } from './system-error.js';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Made on first use, once, however many workers start at the same time. @throws where the file holds something else */
export async function hostId(home: string): Promise<string> {
  const path = join(home, 'host-id');
  const found = await readId(path);
  if (found !== undefined) return found;
  try {
    await createExclusively(path, randomUUID());
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const made = await readId(path);
  if (made === undefined) throw new Error(`${path} vanished while it was made`);
  return made;
}

async function readId(path: string): Promise<string | undefined> {
  try {
    const id = (await readFile(path, 'utf8')).trim();
    if (ID.test(id)) return id;
    throw new Error(`${path} holds no id of a host: remove it, and the worker makes a new one`);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
