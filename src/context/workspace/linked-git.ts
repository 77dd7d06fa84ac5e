// A `.git` that is a file: a submodule's, or a further work tree's. Kept when what it points to is kept, that is inside
// another `.git` of the workspace; the path is made relative, since another host has the workspace elsewhere.
import { isAbsolute, posix } from 'node:path';
import { readGitFile } from './git-folder.js';
import { writeLooseObject, writeTree } from './loose-object.js';
import type { RawPath } from './raw-path.js';
import { rawOf } from './raw-path.js';

/** The only file of the state of such a one. */
export const GIT_FILE = 'gitfile';

/** Where it points, from its own folder; undefined: out of the workspace, or nowhere. */
export async function linkTarget(workspace: string, folder: RawPath): Promise<string | undefined> {
  const target = await readGitFile(workspace, folder).catch(() => undefined);
  if (target === undefined) return undefined;
  const root = rawOf(Buffer.from(workspace));
  const inside = posix.relative(root, isAbsolute(target) ? target : posix.join(root, folder, target));
  return isKeptGit(inside) ? posix.relative(folder, inside) : undefined;
}

export async function writeLink(gitDir: string, target: string): Promise<string> {
  const objects = `${gitDir}/objects`;
  const id = await writeLooseObject(objects, 'blob', Buffer.from(`gitdir: ${target}\n`, 'latin1'));
  return writeTree(objects, new Map([[GIT_FILE, { mode: '100644', name: GIT_FILE, id }]]));
}

/** `.git/modules/x` or `a/b/.git/worktrees/y`, never the outside. */
export const isKeptGit = (path: string): boolean =>
  !path.startsWith('..') && /(?:^|\/)\.git\/(?:modules|worktrees)\//.test(path);
