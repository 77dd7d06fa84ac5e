// Reads a repository's objects for the store without reading its configuration: its object folders are lent to git,
// and everything else of it stays out of sight.
import { lstat, readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { GitRun } from '../git.js';
import { git } from '../git.js';
import type { GitFolder } from './git-folder.js';
import { onDisk } from './raw-path.js';

export type GitObject = { id: string; type: string; content: Buffer };

/** Never taken on trust: they would say what is there without a look. */
const PLAIN = ['-c', 'core.commitGraph=false', '-c', 'core.multiPackIndex=false', '-c', 'pack.useBitmaps=false'];

/** @param asked.info ids of which the type alone is wanted */
export async function readFrom(
  run: Omit<GitRun, 'args' | 'input'>,
  asked: { contents: readonly string[]; info: readonly string[] },
): Promise<Map<string, GitObject>> {
  const lines = [...asked.contents.map((id) => `contents ${id}\n`), ...asked.info.map((id) => `info ${id}\n`)];
  if (lines.length === 0) return new Map();
  const args = [...PLAIN, 'cat-file', '--batch-command', '--buffer'];
  const output = await git({ ...run, args, input: `${lines.join('')}flush\n` });
  return parse(output, new Set(asked.contents));
}

function parse(output: Buffer, withContent: ReadonlySet<string>): Map<string, GitObject> {
  const found = new Map<string, GitObject>();
  const seen = new Set<string>();
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    const [id = '', type = '', size = ''] = output.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (size === '') continue;
    const hasContent = withContent.has(id) && !seen.has(id);
    found.set(id, { id, type, content: hasContent ? output.subarray(at, at + Number(size)) : Buffer.alloc(0) });
    if (hasContent) at += Number(size) + 1;
    seen.add(id);
  }
  return found;
}

/**
 * The object folders that may be read for a repository. A link, or an alternate outside of the workspace, could show
 * git any repository of this host.
 */
export async function objectFolders(
  workspace: string,
  found: GitFolder,
): Promise<{ folders: string[]; foreign: boolean }> {
  const folders: string[] = [];
  let foreign = false;
  for (const holder of found.objectHolders) {
    const folder = onDisk(workspace, found.folder, '.git', holder, 'objects');
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
    if (entries === undefined) continue;
    const escapes =
      (await lstat(folder)).isSymbolicLink() ||
      entries.some((entry) => entry.isSymbolicLink()) ||
      (await borrowsOutside(workspace, folder));
    if (escapes || !isText(folder)) foreign = true;
    else folders.push(folder.toString('utf8'));
  }
  return { folders, foreign };
}

const isText = (path: Buffer): boolean => Buffer.from(path.toString('utf8'), 'utf8').equals(path);

async function borrowsOutside(workspace: string, objects: Buffer): Promise<boolean> {
  const text = await readFile(join(objects.toString('utf8'), 'info', 'alternates'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .some((line) => outside(workspace, resolve(objects.toString('utf8'), line)));
}

function outside(workspace: string, path: string): boolean {
  const inner = relative(workspace, path);
  return inner.startsWith('..') || isAbsolute(inner);
}

export const plainReading = PLAIN;
