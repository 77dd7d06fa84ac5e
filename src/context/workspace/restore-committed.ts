// Files that are withheld by their name although a repository has committed them: they come back as they were
// committed. Without them the next commit would delete them. What is on disk already is never touched.
import { writeFile } from 'node:fs/promises';
import { git } from '../git.js';
import type { Moment } from '../moment.js';
import { readFrom } from './git-objects.js';
import type { IndexEntry } from './named-objects.js';
import { readEntries } from './named-objects.js';
import type { RawPath } from './raw-path.js';
import { isUnder, joined, onDisk, parentOf, rawKept } from './raw-path.js';
import { isRealFolder, makeRealFolder } from './real-folder.js';

export async function restoreCommitted(input: { gitDir: string; workspace: string; moment: Moment }): Promise<void> {
  const withheld = input.moment.withheld.map(rawKept);
  if (withheld.length === 0) return;
  for (const notes of input.moment.repositories) {
    const folder = rawKept(notes.path);
    const own = withheld.filter((path) => isUnder(folder, path)).map((path) => inside(folder, path));
    if (own.length > 0 && notes.anchor !== undefined) await bringBack(input, folder, own);
  }
}

const inside = (folder: RawPath, path: RawPath): RawPath => (folder === '.' ? path : path.slice(folder.length + 1));

async function bringBack(
  input: { gitDir: string; workspace: string },
  folder: RawPath,
  own: readonly RawPath[],
): Promise<void> {
  const dotGit = joined(folder, '.git');
  if (!(await isRealFolder(input.workspace, `${dotGit}/objects`))) return;
  const place = (name: string): string => onDisk(input.workspace, dotGit, name).toString('utf8');
  const run = { gitDir: input.gitDir, indexFile: place('index'), objectDirectory: place('objects') };
  const listed = await git({ ...run, args: ['ls-files', '-s', '-z'] }).catch(() => Buffer.alloc(0));
  const isOurs = ({ path, stage, mode }: IndexEntry): boolean =>
    stage === 0 && mode.startsWith('100') && own.some((one) => one === path || isUnder(one, path));
  const entries = readEntries(listed).filter(isOurs);
  const contents = await readFrom(run, { contents: [...new Set(entries.map(({ id }) => id))], info: [] });
  for (const entry of entries) {
    const content = contents.get(entry.id)?.content;
    if (content !== undefined)
      await write(input.workspace, joined(folder, entry.path), content, entry.mode === '100755');
  }
}

async function write(workspace: string, path: RawPath, content: Buffer, executable: boolean): Promise<void> {
  if (path.split('/').some((part) => part === '..' || part.toLowerCase() === '.git')) return;
  if (!(await makeRealFolder(workspace, parentOf(path)))) return;
  const mode = executable ? 0o777 : 0o666;
  await writeFile(onDisk(workspace, path), content, { flag: 'wx', mode }).catch(() => undefined);
}
