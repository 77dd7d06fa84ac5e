// Owns one promise: a file written here is found whole, the old or the new one, whenever the power goes.
// Knows nothing of what the file says.
import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from './system-error.js';

const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Replaces `path` by `content`. Throws the system's error (ENOSPC, EACCES …) and then leaves the old file as it was. */
export async function writeAtomically(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await throughDraft(path, content, mode, (draft) => rename(draft, path));
}

/** Creates `path`, or throws EEXIST and leaves the file that is there. */
export async function createExclusively(path: string, content: string, mode = 0o600): Promise<void> {
  await throughDraft(path, content, mode, async (draft) => {
    try {
      await link(draft, path);
    } catch (error) {
      if (!NO_LINKS.has(errorCode(error) ?? '')) throw error;
      await createDirectly(path, content, mode);
    }
    await rm(draft, { force: true });
  });
}

async function throughDraft(
  path: string,
  content: string | Uint8Array,
  mode: number,
  publish: (draft: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const draft = join(folder, `.${basename(path).slice(0, 200)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeSynced(draft, content, mode);
    await publish(draft);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Where the filesystem has no hard links: a crash in the middle leaves a file cut short, an error (a full disk) none. */
async function createDirectly(path: string, content: string, mode: number): Promise<void> {
  try {
    await writeSynced(path, content, mode);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') await rm(path, { force: true });
    throw error;
  }
}

async function writeSynced(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A new name is safe from a power cut only when its folder was synced too. Some network filesystems refuse that: theirs is another promise. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'EINVAL' && code !== 'ENOTSUP' && code !== 'EPERM') throw error;
  } finally {
    await handle.close();
  }
}
