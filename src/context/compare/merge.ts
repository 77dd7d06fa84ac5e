// Merges the workspace files of two moments, three ways, without touching any workspace: the outcome is a tree in the
// store. Nothing runs but git itself; no driver, attribute or setting of a workspace or a store has a say.
import { GitFailure, git } from '../git.js';
import { type KeptPath, pathBytes } from '../moment.js';
import { EMPTY_TREE } from '../store/read.js';
import type { Store } from '../store/store.js';
import { type Change, changesBetween } from './changes.js';
import { conflictsOf, type MergeConflict, pathsInConflict, type Sides } from './conflicts.js';
import { parseMergeOutput } from './merge-output.js';
import { mergeReport } from './merge-report.js';
import { type Omitted, type Three, withoutOmitted } from './omitted.js';
import { withScratch } from './scratch-repository.js';
import { shownText } from './shown.js';
import { workspaceTrees } from './trees.js';

export type { MergeConflict } from './conflicts.js';
export { mergeBase } from './merge-base.js';

export type Merged = {
  /** Of workspace files. Files in conflict hold conflict markers; one that is not text is that of `ours`. */
  tree: string;
  clean: boolean;
  conflicts: MergeConflict[];
  /** What came over from `theirs`, files in conflict aside. */
  taken: Change[];
  /** As in `ours` whatever the other side says, for one of the two moments leaves it out. */
  left: KeptPath[];
  /** For a person: at most 1,500 characters, fit for a terminal. */
  says: string;
};

export interface MergeInput {
  /** undefined: the two have nothing in common, and what both have differs everywhere. */
  base: string | undefined;
  ours: string;
  theirs: string;
  oursLabel: string;
  theirsLabel: string;
  /** What the two moments leave out although it is in their workspaces: no deletion. Default: nothing. */
  omitted?: Omitted;
}

const LABEL_CHARS = 60;

/** The ids are moments, or trees of workspace files. @throws UnknownMoment */
export async function mergeFiles(store: Store, input: MergeInput): Promise<Merged> {
  const [base = '', ours = '', theirs = ''] = await workspaceTrees(store, [
    input.base ?? EMPTY_TREE,
    input.ours,
    input.theirs,
  ]);
  const { trees, left } = await withoutOmitted(
    store,
    { base, ours, theirs },
    input.omitted ?? { ours: [], theirs: [] },
  );
  const { output, clean } = await mergeTrees(store, trees, branchNames(input));
  const merged = parseMergeOutput(output);
  const sides: Sides = {
    ours: shownText(input.oursLabel, LABEL_CHARS),
    theirs: shownText(input.theirsLabel, LABEL_CHARS),
  };
  const conflicts = clean ? [] : conflictsOf(merged, sides);
  const disputed = pathsInConflict(merged);
  const { changes } = await changesBetween(store, ours, merged.tree);
  const taken = changes.filter((change) => !disputed.has(pathBytes(change.path).toString('latin1')));
  return { tree: merged.tree, clean, conflicts, taken, left, says: mergeReport({ taken, conflicts, left }, sides) };
}

/** git wants commits with a common ancestor: three are made up. 1 as the exit code means that there are conflicts. */
async function mergeTrees(store: Store, trees: Three, names: Sides): Promise<{ output: Buffer; clean: boolean }> {
  return withScratch(store, async (scratch) => {
    const base = await scratch.commit(trees.base, []);
    const commits = await Promise.all([scratch.commit(trees.ours, [base]), scratch.commit(trees.theirs, [base])]);
    await scratch.branch(names.ours, commits[0]);
    await scratch.branch(names.theirs, commits[1]);
    const args = ['merge-tree', '--write-tree', '-z', '--messages', names.ours, names.theirs];
    try {
      return { output: await git(scratch.run(args)), clean: true };
    } catch (error) {
      if (!(error instanceof GitFailure) || error.exitCode !== 1) throw error;
      return { output: error.stdout, clean: false };
    }
  });
}

/** Branches carry the labels: git writes their names into the conflict markers, and behind a file that has to step aside. */
function branchNames(input: MergeInput): Sides {
  const ours = branchName(input.oursLabel, 'ours');
  const theirs = branchName(input.theirsLabel, 'theirs');
  return { ours, theirs: theirs === ours ? `${theirs}-2` : theirs };
}

/** A label as a branch's name. One that git would take for an id or a file of its own gets a word before it. */
function branchName(label: string, otherwise: string): string {
  const plain = label
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+/, '')
    .slice(0, LABEL_CHARS)
    .replace(/-+$|[\ud800-\udbff]$/g, '');
  if (plain === '') return otherwise;
  return /-/.test(plain) ? plain : `by-${plain}`;
}
