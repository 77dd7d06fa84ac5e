// Makes a commit of a tree: under our name whoever runs this, with the time it is told, so that the same content gets
// the same id. Moves no ref, and knows nothing of moments.
import { type GitRun, gitLine } from './git.js';

const WHO = 'taskrun <taskrun@localhost>';

export interface PlainCommit {
  tree: string;
  parents: readonly string[];
  atMs: number;
  message: string;
}

/** The commit's id. @throws GitFailure */
export function plainCommit(where: Omit<GitRun, 'args' | 'input'>, commit: PlainCommit): Promise<string> {
  const when = `${WHO} ${Math.floor(commit.atMs / 1000)} +0000`;
  const parents = commit.parents.map((parent) => `parent ${parent}`);
  const head = [`tree ${commit.tree}`, ...parents, `author ${when}`, `committer ${when}`].join('\n');
  const args = ['hash-object', '-t', 'commit', '-w', '--stdin'];
  return gitLine({ ...where, args, input: `${head}\n\n${commit.message}` });
}
