// Asks git which of some paths the rules of a workspace ignore. Changes nothing.
import { GitFailure, git } from '../git.js';
import type { RawPath } from './raw-path.js';
import { joinZ, splitZ } from './raw-path.js';

export type Rules = { gitDir: string; workspace: string; excludesFile: string; signal?: AbortSignal };

/** Whether git already has a file plays no part. */
export async function ignoredOf(rules: Rules, paths: Iterable<RawPath>): Promise<ReadonlySet<RawPath>> {
  const asked = [...new Set(paths)].filter((path) => path !== '.');
  if (asked.length === 0) return new Set();
  const args = ['-c', `core.excludesFile=${rules.excludesFile}`];
  try {
    const output = await git({
      gitDir: rules.gitDir,
      workTree: rules.workspace,
      args: [...args, 'check-ignore', '--no-index', '-z', '--stdin'],
      // A name may begin as a pattern does.
      input: joinZ(asked.map((path) => `./${path}`)),
      ...(rules.signal === undefined ? {} : { signal: rules.signal }),
    });
    return new Set(splitZ(output).map((path) => path.slice('./'.length)));
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return new Set();
    throw error;
  }
}
