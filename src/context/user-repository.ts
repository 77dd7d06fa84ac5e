// The user's own repository as a place for a new branch: found, checked, given the objects it lacks, and the branch last
// of all. Its working tree, index and other refs are never touched.
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CheckoutRefused } from './checkout-refused.js';
import { shownPath, shownText } from './compare/shown.js';
import { GitFailure, git, gitInto, gitLine } from './git.js';

/** Its git directory: of `dir` or of a folder above it, as git itself looks for it. @throws CheckoutRefused */
export async function repositoryAt(dir: string): Promise<string> {
  for (let at = resolve(dir); ; at = dirname(at)) {
    const found = (await gitDirIn(at)) ?? (await asGitDir(at));
    if (found !== undefined) return found;
    if (at === dirname(at))
      throw new CheckoutRefused(`${shownPath(dir)} is in no git repository. Name one, or \`git init\` it.`);
  }
}

/** `.git` is a folder or, in a linked worktree, a file that names one. */
async function gitDirIn(dir: string): Promise<string | undefined> {
  const dotGit = join(dir, '.git');
  const text = await readFile(dotGit, 'utf8').catch(() => undefined);
  const named = /^gitdir: (.+?)\n?$/.exec(text ?? '')?.[1];
  return asGitDir(named === undefined ? dotGit : resolve(dir, named));
}

async function asGitDir(path: string): Promise<string | undefined> {
  const isThere = await stat(join(path, 'HEAD')).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isThere) return undefined;
  return git({ gitDir: path, args: ['rev-parse', '--git-dir'] }).then(
    () => path,
    () => undefined,
  );
}

/** @throws CheckoutRefused */
export async function refuseBranch(gitDir: string, branch: string): Promise<void> {
  const shown = `branch: "${shownText(branch, 100)}"`;
  const ref = `refs/heads/${branch}`;
  const isName = branch !== 'HEAD' && !branch.startsWith('-') && (await says(gitDir, ['check-ref-format', ref]));
  if (!isName) throw new CheckoutRefused(`${shown} is no name for a branch. Use letters, digits, - and /.`);
  if (await says(gitDir, ['rev-parse', '--quiet', '--verify', '--end-of-options', ref])) {
    throw new CheckoutRefused(`${shown} is there already and is never overwritten. Name another one.`);
  }
  const current = await gitLine({ gitDir, args: ['symbolic-ref', '--quiet', 'HEAD'] }).catch(() => '');
  if (current === ref) throw new CheckoutRefused(`${shown} is checked out, without a commit yet. Name another one.`);
}

/** True: git ended with 0. */
const says = (gitDir: string, args: readonly string[]): Promise<boolean> =>
  git({ gitDir, args }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof GitFailure) return false;
      throw error;
    },
  );

export interface Delivery {
  gitDir: string;
  /** Object directories that hold what the repository may lack. */
  from: readonly string[];
  commit: string;
}

/** @throws CheckoutRefused when history is missing in between, as it is where the workspace was a shallow clone */
export async function bringCommit({ gitDir, from, commit }: Delivery): Promise<void> {
  const refs = (await git({ gitDir, args: ['for-each-ref', '--format=^%(objectname)'] })).toString('utf8');
  const args = ['pack-objects', '--revs', '--stdout', '--quiet', '--delta-base-offset'];
  const source = { gitDir, args, alternates: from, input: `${commit}\n${refs}` };
  try {
    await gitInto(source, { gitDir, args: ['index-pack', '--stdin', '--fix-thin'] });
  } catch (error) {
    if (!(error instanceof GitFailure) || error.command !== 'pack-objects') throw error;
    const why = 'part of the history that the branch starts from is neither in the store nor in this repository';
    throw new CheckoutRefused(`repository: ${why} (${shownText(error.message, 200)}). Fetch it there first.`);
  }
}

/** Only where there is none: a branch made since the first look stays as it is. @throws CheckoutRefused */
export async function createBranch(gitDir: string, branch: string, commit: string): Promise<void> {
  const args = ['update-ref', '-m', 'taskrun checkout', `refs/heads/${branch}`, commit, '0'.repeat(40)];
  try {
    await git({ gitDir, args });
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    const said = shownText(error.message, 200);
    throw new CheckoutRefused(`branch: "${shownText(branch, 100)}" can't be made (${said}). Name another one.`);
  }
}
