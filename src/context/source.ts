// Fills a task's first workspace from its source: a clone of a git repository, or a copy of a directory. The source is
// the operator's word and reached with the user's own git configuration; nothing of what comes from it runs.
import { mkdir, rename, rm } from 'node:fs/promises';
import { execa } from 'execa';

export type Source = { git?: string | undefined; ref?: string | undefined; dir?: string | undefined };

/** `maybeLater`: the network failed, not the source. */
export type Filled = { ok: true } | { ok: false; says: string; maybeLater: boolean };

/** Fills a directory made anew beside `workspace`, then moves it there: a kill leaves nothing that looks like a workspace. */
export async function makeWhole(workspace: string, fill: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${workspace}.making`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await fill(draft);
  await rename(draft, workspace);
}

export async function fillFromSource(source: Source, draft: string, signal: AbortSignal): Promise<Filled> {
  if (source.git !== undefined) return clone(source.git, source.ref, draft, signal);
  return source.dir === undefined ? { ok: true } : copy(source.dir, draft, signal);
}

const NOTHING_RUNS = ['-c', 'core.hooksPath=/dev/null', '-c', 'protocol.ext.allow=never', '-c', 'core.fsmonitor=false'];
const OF_THE_NETWORK =
  /could not resolve host|connection (timed out|refused|reset)|network is unreachable|operation timed out|HTTP 5\d\d|early EOF/i;
const NO_COMMIT = /not a (commit|tree)|invalid reference|ambiguous argument|pathspec 'HEAD'/i;

async function clone(url: string, ref: string | undefined, cwd: string, cancelSignal: AbortSignal): Promise<Filled> {
  const git = (...args: string[]) =>
    execa('git', [...NOTHING_RUNS, ...args], {
      cwd,
      env: { GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
      reject: false,
      stdin: 'ignore',
      cancelSignal,
    });
  const cloned = await git('clone', '--quiet', '--no-checkout', '--', url, '.');
  if (cloned.failed) return failed(`source.git: ${withoutSecrets(url)} can't be cloned`, cloned.stderr);
  const checkedOut = await git('checkout', '--quiet', ref ?? 'HEAD', '--');
  // A repository without a commit has nothing to check out.
  if (!checkedOut.failed || (ref === undefined && NO_COMMIT.test(checkedOut.stderr))) return { ok: true };
  return failed(`source.ref: ${JSON.stringify(ref ?? 'HEAD')} can't be checked out`, checkedOut.stderr);
}

/** Links, modes and times as they are; shares the blocks where the filesystem can. */
async function copy(dir: string, draft: string, cancelSignal: AbortSignal): Promise<Filled> {
  const args = ['-a', '--reflink=auto', '--', `${dir}/.`, draft];
  const copied = await execa('cp', args, { reject: false, stdin: 'ignore', cancelSignal });
  return copied.failed ? failed(`source.dir: ${dir} can't be copied`, copied.stderr) : { ok: true };
}

function failed(says: string, stderr: string): Filled {
  const why = withoutSecrets(stderr.trim().split('\n').slice(-2).join(' · ')).slice(0, 300);
  return { ok: false, says: `${says}: ${why}`, maybeLater: OF_THE_NETWORK.test(stderr) };
}

/** Without what stands before an @ in a URL. */
const withoutSecrets = (text: string): string => text.replace(/:\/\/[^/\s@]*@/g, '://***@');
