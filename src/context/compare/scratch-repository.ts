// A throw-away repository in which two trees of the store are merged: its own settings, attributes and names, so that
// nothing in the store or in a workspace can have a say, and nothing but the outcome reaches the store.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitRun } from '../git.js';
import { plainCommit } from '../plain-commit.js';
import type { Store } from '../store/store.js';

export interface Scratch {
  /** A run that reads from both, and writes into the store. */
  run(args: readonly string[]): GitRun;
  /** A commit of this tree that only the scratch repository knows. */
  commit(tree: string, parents: readonly string[]): Promise<string>;
  branch(name: string, commit: string): Promise<void>;
}

/** A folder renamed on one side does not draw along what the other side made in it: too clever for a surprise. */
const CONFIG = `[core]
\trepositoryformatversion = 0
\tbare = true
[merge]
\tconflictStyle = merge
\tdirectoryRenames = false
\trenames = true
\trenameLimit = 2000
`;
/** Undoes what any file of attributes says. */
const ATTRIBUTES = '* -text -eol -ident -filter -working-tree-encoding !merge !diff !conflict-marker-size\n';
const MERGE_TIMEOUT_MS = 120_000;

export async function withScratch<T>(store: Store, use: (scratch: Scratch) => Promise<T>): Promise<T> {
  const gitDir = await mkdtemp(join(tmpdir(), 'taskrun-merge-'));
  try {
    await fill(gitDir);
    return await use(scratchIn(gitDir, join(store.gitDir, 'objects')));
  } finally {
    await rm(gitDir, { recursive: true, force: true });
  }
}

async function fill(gitDir: string): Promise<void> {
  for (const folder of ['objects', 'info', 'refs/heads']) await mkdir(join(gitDir, folder), { recursive: true });
  await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(join(gitDir, 'config'), CONFIG);
  await writeFile(join(gitDir, 'info', 'attributes'), ATTRIBUTES);
}

function scratchIn(gitDir: string, storeObjects: string): Scratch {
  const own = join(gitDir, 'objects');
  return {
    run: (args) => ({
      gitDir,
      args,
      objectDirectory: storeObjects,
      alternates: [own],
      timeoutMs: MERGE_TIMEOUT_MS,
    }),
    commit: (tree, parents) =>
      plainCommit({ gitDir, alternates: [storeObjects] }, { tree, parents, atMs: 0, message: 'taskrun\n' }),
    branch: (name, commit) => writeFile(join(gitDir, 'refs', 'heads', name), `${commit}\n`),
  };
}
