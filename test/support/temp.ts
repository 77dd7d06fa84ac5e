// Directories that a test may fill as it likes; gone after it.
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A fresh directory, links resolved, removed when the running test ends. Outside a test use `newTempDir`. */
export async function tempDir(name = 'test'): Promise<string> {
  const { dir, remove } = await newTempDir(name);
  onTestFinished(remove);
  return dir;
}

/** For hooks (beforeAll), which must remove it themselves. */
export async function newTempDir(name = 'test'): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), `taskrun-${name}-`)));
  // A process that was just killed may still be closing files here.
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  return { dir, remove };
}
