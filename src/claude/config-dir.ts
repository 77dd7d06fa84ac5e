// Proves that the CLI's config directory can be written. Asked before a launch: the CLI itself runs on without a word
// and keeps no transcript, so that nothing could ever be continued.
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDiskFull } from '../host/disk.js';
import { errorCode } from '../host/system-error.js';

/** A sentence when transcripts can't be kept there; the directory is made when it is missing. */
export async function configDirTrouble(dir: string): Promise<string | undefined> {
  const projects = join(dir, 'projects');
  const probe = join(projects, `.taskrun-${randomUUID()}`);
  try {
    await makeDirectory(projects);
    await writeFile(probe, Buffer.alloc(4096, 32), { flag: 'wx', mode: 0o600 });
    return undefined;
  } catch (error) {
    const why = isDiskFull(error) ? 'its disk is full' : `it can't be written (${errorCode(error) ?? String(error)})`;
    return `Claude's config directory ${dir} keeps no transcripts: ${why}. Make it writable for this user, then continue.`;
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

// Step by step: Node's own `recursive` never returns below a directory that takes no entries, such as /proc.
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}
