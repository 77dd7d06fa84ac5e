// Talks to the remote repository of a store: fetches refs and commits, pushes refs under a condition.
// Knows refs and ids, not what they mean.
import { setTimeout as delay } from 'node:timers/promises';
import { GitFailure, git } from '../git.js';
import { despiteLocks } from './locks.js';
import type { Store } from './place.js';

export interface RefChange {
  ref: string;
  /** Null: the ref goes away. */
  to: string | null;
  /** What it must be now; null: it must not be there; undefined: whatever it is. */
  from?: string | null;
}

const ASK_TIMEOUT_MS = 60_000;
/** A first push may hold gigabytes. */
const TRANSFER_TIMEOUT_MS = 20 * 60_000;
const NO_SUCH_COMMIT =
  /not our ref|couldn't find remote ref|unadvertised object|no such remote ref|upload-pack: not our/i;
const REFUSED = /^!\t[^\t]*\t.*$/gm;
/** Another push holds the ref at this very moment. */
const BUSY = /cannot lock ref|failed to lock|unable to create .*\.lock/i;
const DENIED = /access denied|not exported|permission|denied|forbidden|\b403\b|not allowed/i;
const PATIENCE_MS = 3_000;
const PAUSE_MS = 60;

export const FORMAT_REFS = 'refs/taskrun-store/*';

/** Makes this mirror's refs of these patterns (one `*` each) those of the remote. @throws GitFailure */
export async function fetchRefs(store: Store, patterns: readonly string[]): Promise<void> {
  const refspecs = patterns.map((pattern) => `+${pattern}:${pattern}`);
  await despiteLocks(() => fetch(store, ['--prune'], refspecs));
}

/** Brings commits that no ref here names. One that the remote doesn't know stays missing. @throws GitFailure */
export async function fetchCommits(store: Store, ids: readonly string[]): Promise<void> {
  try {
    await fetch(store, [], ids);
  } catch (error) {
    if (!(error instanceof GitFailure) || !NO_SUCH_COMMIT.test(error.stderr)) throw error;
    if (ids.length > 1) for (const id of ids) await fetchCommits(store, [id]);
  }
}

const fetch = async (store: Store, options: readonly string[], what: readonly string[]): Promise<Buffer> =>
  git({
    gitDir: store.gitDir,
    args: [
      'fetch',
      ...['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'],
      ...options,
      '--end-of-options',
      store.url ?? '',
      ...what,
    ],
    remote: true,
    timeoutMs: TRANSFER_TIMEOUT_MS,
  });

/** What the remote's refs point to. @throws GitFailure */
export async function askRefs(store: Store, patterns: readonly string[]): Promise<Map<string, string>> {
  const args = ['ls-remote', '--quiet', '--end-of-options', store.url ?? '', ...patterns];
  const output = await git({ gitDir: store.gitDir, args, remote: true, timeoutMs: ASK_TIMEOUT_MS });
  const lines = output.toString('utf8').split('\n');
  return new Map(lines.filter((line) => line !== '').map((line) => [line.slice(41), line.slice(0, 40)] as const));
}

/** All of the changes or none. False: the remote's refs are not what was expected. @throws GitFailure */
export async function push(store: Store, changes: readonly RefChange[]): Promise<boolean> {
  const startMs = Date.now();
  for (;;) {
    try {
      await pushOnce(store, changes);
      return true;
    } catch (error) {
      const now = await refsAfter(store, changes, error);
      if (changes.every(({ ref, to }) => (now.get(ref) ?? null) === to)) return true;
      if (changes.some(({ ref, from }) => from !== undefined && (now.get(ref) ?? null) !== from)) return false;
      const refusal = explained(error as GitFailure);
      if (!BUSY.test(refusal.stderr) || Date.now() - startMs > PATIENCE_MS) throw refusal;
      await delay(PAUSE_MS);
    }
  }
}

async function pushOnce(store: Store, changes: readonly RefChange[]): Promise<void> {
  const leases = changes.flatMap(({ ref, from }) =>
    from === undefined ? [] : [`--force-with-lease=${ref}:${from ?? ''}`],
  );
  // A plus would push the ref whatever its lease says; the lease alone lets it go to any commit.
  const refspecs = changes.map(({ ref, to, from }) => `${from === undefined ? '+' : ''}${to ?? ''}:${ref}`);
  const options = ['--atomic', '--porcelain', '--no-verify', '--no-signed', ...leases];
  const args = ['push', ...options, '--end-of-options', store.url ?? '', ...refspecs];
  await git({ gitDir: store.gitDir, args, remote: true, timeoutMs: TRANSFER_TIMEOUT_MS });
}

/** A refusal is an answer, and a connection that broke may have lost a yes: the remote's refs say which it was. */
async function refsAfter(store: Store, changes: readonly RefChange[], error: unknown): Promise<Map<string, string>> {
  if (!(error instanceof GitFailure)) throw error;
  const refs = changes.map(({ ref }) => ref);
  return askRefs(store, refs).catch(() => {
    throw error;
  });
}

/** Why each ref was refused stands on stdout. Who is let in to read and not to write is told no more than "denied". */
function explained(error: GitFailure): GitFailure {
  const refusals = [...error.stdout.toString('utf8').matchAll(REFUSED)].map(([line]) => line.replaceAll('\t', ' '));
  const why = refusals.length > 0 ? refusals : DENIED.test(error.stderr) ? ['it can be read, not written'] : [];
  if (why.length === 0) return error;
  const said = `${error.stderr.trim()}\nerror: ${why.join('; ')}`;
  return new GitFailure('push', said, error.stdout, error.exitCode, false);
}
