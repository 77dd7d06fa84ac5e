// The directory in which Claude works: the task's own under TASKRUN_HOME, or the user's, in place.
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AttemptRequest } from '../../contract/attempt.js';
import type { TaskFile } from '../../contract/fields.js';
import type { TaskPlace } from '../../host/task-place.js';
import { attemptProblem } from './failure.js';

const DOCUMENTS = '.taskrun';

export async function openWorkspace(request: AttemptRequest, place: TaskPlace): Promise<string> {
  if (request.workspaceDir === undefined) {
    await mkdir(place.workspace, { recursive: true, mode: 0o700 });
    return place.workspace;
  }
  await mustBeDirectory(request.workspaceDir);
  return request.workspaceDir;
}

async function mustBeDirectory(dir: string): Promise<void> {
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
