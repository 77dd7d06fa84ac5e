// The user's own directory, in place, and the task documents that are put into a workspace.
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TaskFile } from '../../contract/fields.js';
import { attemptProblem } from './failure.js';

const DOCUMENTS = '.taskrun';

/** @throws AttemptProblem of class `workspace` */
export async function mustBeDirectory(dir: string): Promise<void> {
  const found = await stat(dir).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    const why = found.code === 'ENOENT' ? 'does not exist on this host' : `can't be used: ${found.message}`;
    throw attemptProblem(
      'workspace',
      `source.dir: ${dir} ${why}.`,
      "make the directory on the worker's host, then continue",
    );
  }
  if (!found.isDirectory())
    throw attemptProblem('workspace', `source.dir: ${dir} is not a directory.`, 'put a directory there, then continue');
}

/** Task documents lie in `.taskrun/`, out of sight of the user's git. */
export async function placeFiles(workspace: string, files: readonly TaskFile[]): Promise<void> {
  if (files.length === 0) return;
  const folder = join(workspace, DOCUMENTS);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.gitignore'), '*\n');
  for (const { name, content } of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}
