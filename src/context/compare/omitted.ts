// Takes out of a merge what either side's moment leaves out (too large, unreadable, too many): such a file looks deleted
// and isn't. All three trees get there what `ours` has, so that the merge leaves it alone.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git, gitLine } from '../git.js';
import { type KeptPath, pathBytes } from '../moment.js';
import type { Store } from '../store/store.js';

export type Three = { base: string; ours: string; theirs: string };
export type Omitted = { ours: readonly KeptPath[]; theirs: readonly KeptPath[] };

/** @returns the trees to merge, and the paths at which something differed. */
export async function withoutOmitted(
  store: Store,
  trees: Three,
  omitted: Omitted,
): Promise<{ trees: Three; left: KeptPath[] }> {
  const all = [...new Set([...omitted.ours, ...omitted.theirs])].sort();
  if (all.length === 0) return { trees, left: [] };
  const within = new Set(all.map(latin1));
  const [base, ours, theirs] = await Promise.all(
    [trees.base, trees.ours, trees.theirs].map((tree) => entriesAt(store, tree, within)),
  );
  const left = all.filter((path) => differsAt(latin1(path), ours, base) || differsAt(latin1(path), ours, theirs));
  return {
    trees: {
      ours: trees.ours,
      base: await replaced(store, trees.base, base, ours),
      theirs: await replaced(store, trees.theirs, theirs, ours),
    },
    left,
  };
}

const latin1 = (path: KeptPath): string => pathBytes(path).toString('latin1');

/** By their path, one character a byte: `100644 blob <id>`. */
type Entries = ReadonlyMap<string, string>;
const NONE: Entries = new Map();

async function entriesAt(store: Store, tree: string, within: ReadonlySet<string>): Promise<Entries> {
  const listing = await git({ gitDir: store.gitDir, args: ['ls-tree', '-r', '-z', tree] });
  const entries = new Map<string, string>();
  for (const line of listing.toString('latin1').split('\0').slice(0, -1)) {
    const tab = line.indexOf('\t');
    const path = line.slice(tab + 1);
    if (isWithin(path, within)) entries.set(path, line.slice(0, tab));
  }
  return entries;
}

function isWithin(path: string, within: ReadonlySet<string>): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1))
    if (within.has(path.slice(0, end))) return true;
  return false;
}

function differsAt(path: string, one: Entries = NONE, other: Entries = NONE): boolean {
  const of = (entries: Entries): string[] =>
    [...entries].filter(([at]) => at === path || at.startsWith(`${path}/`)).map(String);
  return of(one).join('\0') !== of(other).join('\0');
}

async function replaced(store: Store, tree: string, there: Entries = NONE, ours: Entries = NONE): Promise<string> {
  const gone = [...there.keys()].filter((path) => !ours.has(path)).map((path) => `0 ${'0'.repeat(40)}\t${path}\0`);
  const come = [...ours].filter(([path, entry]) => there.get(path) !== entry);
  if (gone.length + come.length === 0) return tree;
  const folder = await mkdtemp(join(tmpdir(), 'taskrun-merge-'));
  const run = { gitDir: store.gitDir, indexFile: join(folder, 'index') };
  try {
    await git({ ...run, args: ['read-tree', tree] });
    const lines = [...gone, ...come.map(([path, entry]) => `${entry}\t${path}\0`)].join('');
    const args = ['update-index', '--add', '--replace', '-z', '--index-info'];
    await git({ ...run, args, input: Buffer.from(lines, 'latin1') });
    return await gitLine({ ...run, args: ['write-tree'] });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
