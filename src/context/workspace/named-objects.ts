// Which objects a repository's state speaks of: whatever id stands in a text file of its `.git` (branches, tags, logs,
// stashes, a rebase under way), and what its index holds beyond the last commit.
import type { RawPath } from './raw-path.js';

const ID = /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/g;
const ZERO = '0'.repeat(40);
const SPEAKS_OF_NONE =
  /^(?:index$|lfs\/|info\/(?!grafts)|config|description|modules\/.*\/index$|worktrees\/[^/]*\/index$|sharedindex)/;

export function namedIn(files: ReadonlyMap<RawPath, Buffer>): Set<string> {
  const ids = new Set<string>();
  for (const [path, content] of files) {
    if (SPEAKS_OF_NONE.test(path)) continue;
    for (const [id] of content.toString('latin1').matchAll(ID)) ids.add(id);
  }
  ids.delete(ZERO);
  return ids;
}

/** Ids that a branch or tag itself names: of these a missing one is a loss. */
export function refIds(files: ReadonlyMap<RawPath, Buffer>): Map<string, string> {
  const named = new Map<string, string>();
  for (const [path, content] of files) {
    if (!/^(?:refs\/|HEAD$|packed-refs$)/.test(path)) continue;
    for (const [id] of content.toString('latin1').matchAll(ID)) named.set(id, path);
  }
  return named;
}

/** The commit that HEAD stands on; undefined on a branch without one. */
export function headCommit(files: ReadonlyMap<RawPath, Buffer>, at = ''): string | undefined {
  const text = (path: string): string =>
    files
      .get(at + path)
      ?.toString('latin1')
      .trim() ?? '';
  const head = text('HEAD');
  const branch = /^ref: (.+)$/.exec(head)?.[1];
  if (branch === undefined) return /^[0-9a-f]{40}$/.exec(head)?.[0];
  const loose = text(branch);
  if (/^[0-9a-f]{40}$/.test(loose)) return loose;
  const packed = text('packed-refs')
    .split('\n')
    .find((line) => line.slice(41) === branch);
  return packed?.slice(0, 40);
}

export type IndexEntry = { mode: string; id: string; stage: number; path: RawPath };

/** `ls-files -s -z`. */
export function readEntries(output: Buffer): IndexEntry[] {
  return output
    .toString('latin1')
    .split('\0')
    .slice(0, -1)
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', id = '', stage = '0'] = line.slice(0, tab).split(' ');
      return { mode, id, stage: Number(stage), path: line.slice(tab + 1) };
    });
}

/** `diff-index --cached --raw -z --no-renames`: what is staged and stands in no commit. */
export function readStaged(output: Buffer): { id: string; path: RawPath }[] {
  const parts = output.toString('latin1').split('\0');
  const staged: { id: string; path: RawPath }[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = '', , id = ''] = (parts[at] ?? '').split(' ');
    const path = parts[at + 1] ?? '';
    if (id !== ZERO && mode !== '160000') staged.push({ id, path });
  }
  return staged;
}
