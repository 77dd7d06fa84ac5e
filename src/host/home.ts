// Owns TASKRUN_HOME as a directory: making it, proving that it can be written, and the sentence for each reason why not.
// Does not read the environment (the path is given) and does not know what tasks keep inside (task-place.ts).
import { randomBytes } from 'node:crypto';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { fullDiskSentence } from './disk.js';
import { errorCode, errorMessage } from './system-error.js';

export interface Home {
  path: string;
  /** One directory per task. */
  tasks: string;
  /** Programs fetched for this home. */
  bin: string;
  /** Data, record and log of the embedded Temporal dev server. */
  temporal: string;
}

export type OpenedHome = { ok: true; home: Home } | { ok: false; says: string };

/** Makes the home (readable by its owner alone) and proves that a file can be written there. */
export async function openHome(path: string): Promise<OpenedHome> {
  if (!isAbsolute(path))
    return refused(`must be an absolute path, and '${path}' is not one`, 'Give the whole path, from / on');
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (!(await stat(path)).isDirectory()) return notDirectory(path);
    await proveWritable(path);
  } catch (error) {
    return { ok: false, says: await sayWhy(error, path) };
  }
  return { ok: true, home: homeAt(path) };
}

function homeAt(path: string): Home {
  return { path, tasks: join(path, 'tasks'), bin: join(path, 'bin'), temporal: join(path, 'temporal') };
}

/** Permission bits prove little (root, ACLs, read-only mounts, quotas): only a written and synced file does. */
async function proveWritable(path: string): Promise<void> {
  const probe = join(path, `.write-probe-${randomBytes(6).toString('hex')}`);
  const file = await open(probe, 'wx', 0o600);
  try {
    await file.writeFile(Buffer.alloc(4096, 32));
    await file.sync();
  } finally {
    await file.close();
    await rm(probe, { force: true });
  }
}

async function sayWhy(error: unknown, path: string): Promise<string> {
  const full = await fullDiskSentence(error, path);
  if (full !== undefined) return full;
  return sentence(...reasonAndRemedy(errorCode(error) ?? '', errorMessage(error), path));
}

function reasonAndRemedy(code: string, message: string, path: string): [why: string, remedy: string] {
  const elsewhere = 'set TASKRUN_HOME to another directory';
  switch (code) {
    case 'EEXIST':
      return [`${path} is not a directory`, `Move what lies there away, or ${elsewhere}`];
    case 'ENOTDIR':
      return [`a part of ${path} is a file, not a directory`, `Move that file away, or ${elsewhere}`];
    case 'EACCES':
    case 'EPERM':
      return [
        `this user may not write in ${path} (${code})`,
        `Give this user the directory (chown, chmod u+rwx), or ${elsewhere}`,
      ];
    case 'EROFS':
      return [`${path} lies on a read-only filesystem`, `Mount it writable, or ${elsewhere}`];
    case 'ENAMETOOLONG':
      return [`the path ${path.slice(0, 60)}… is too long (${path.length} characters)`, `Use a shorter one`];
    default:
      return [`${path} can't be used (${message})`, `Mend that, or ${elsewhere}`];
  }
}

function notDirectory(path: string): OpenedHome {
  return refused(...reasonAndRemedy('EEXIST', '', path));
}

function refused(why: string, remedy: string): OpenedHome {
  return { ok: false, says: sentence(why, remedy) };
}

function sentence(why: string, remedy: string): string {
  return `TASKRUN_HOME: ${why}. ${remedy}.`;
}
