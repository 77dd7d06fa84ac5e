// What can be wrong with a store, told from what git or the system said, in words for people.
import { errorCode, errorMessage } from '../../host/system-error.js';
import { GitFailure } from '../git.js';

export type StoreProblemKind =
  | 'unreachable'
  | 'readOnly'
  | 'full'
  | 'notGit'
  | 'foreign'
  | 'otherVersion'
  | 'damaged'
  | 'timedOut'
  | 'noGit'
  | 'failed';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    readonly kind: StoreProblemKind,
    /** Names TASKRUN_STORE and the place, without credentials. */
    readonly says: string,
    /** What to do about it. */
    readonly remedy: string,
    options?: { cause: unknown },
  ) {
    super(`${says}. ${remedy}`, options);
  }
}

interface Words {
  why: string;
  remedy: string;
}

const WORDS: Record<StoreProblemKind, Words> = {
  unreachable: {
    why: 'cannot be reached',
    remedy: 'Check the address, the network and this host’s access; what was kept meanwhile follows by itself',
  },
  readOnly: { why: 'cannot be written', remedy: 'Give the worker’s user the right to write there' },
  full: { why: 'has no space left', remedy: 'Make room there, or run taskrun gc' },
  notGit: {
    why: 'is no git repository',
    remedy:
      'Set TASKRUN_STORE to a bare git repository, to a directory that is empty or does not exist, or to a git URL',
  },
  foreign: {
    why: 'is a repository that holds something else',
    remedy: 'Set TASKRUN_STORE to an empty bare git repository, or to a directory that does not exist',
  },
  otherVersion: {
    why: 'is in the format of another version of taskrun',
    remedy: 'Use that version, or set TASKRUN_STORE to another place',
  },
  damaged: {
    why: 'holds damaged data',
    remedy: 'Run git fsck there, and bring back what it names from a copy',
  },
  timedOut: { why: 'did not answer in time', remedy: 'Check its disk and network; it is tried again' },
  noGit: { why: 'needs git, which is not on PATH', remedy: 'Install git 2.39 or newer' },
  failed: { why: 'refused', remedy: 'See what git said, and try it by hand' },
};

/** Ordered: the first that matches what was said names the trouble. */
const SIGNS: readonly (readonly [StoreProblemKind, RegExp])[] = [
  ['noGit', /spawn git ENOENT|command failed with ENOENT: git/i],
  [
    'full',
    /no space left on device|out of diskspace|disk quota exceeded|ENOSPC|EDQUOT|file too large|unpacker error.*space/i,
  ],
  [
    'readOnly',
    /it can be read, not written|read-only file system|EROFS|insufficient permission for adding|service not enabled|receive-pack.*not enabled/i,
  ],
  [
    'unreachable',
    /unable to access|unable to look up|could not resolve|couldn't resolve|connection (refused|reset|timed out|closed)|network is unreachable|no route to host|unable to connect|could not read from remote|the remote end hung up|early EOF|unexpected disconnect|authentication failed|could not read (username|password)|host key verification|access denied or repository not exported|does not appear to be a git repository|repository .* not found/i,
  ],
  ['readOnly', /permission denied|EACCES|EPERM|operation not permitted|pre-receive hook declined|protected branch/i],
  ['notGit', /not a git repository/i],
  [
    'damaged',
    /is corrupt|corrupt loose object|inflate:|unable to unpack|missing (blob|tree|commit)|bad object|unable to read (tree|sha1)|object file .* is empty|invalid sha1 pointer|did not send all necessary|broken (ref|links)|bad tree|not a valid object|nonexistent object|unable to parse (commit|object)|packfile .* (cannot|does not|is)|could not parse|not a (tree|commit)\b|reference broken/i,
  ],
];

/** @param store as it may be shown; `of` says what was tried, for git's own words. */
export function storeError(error: unknown, store: { shown: string }): StoreError {
  if (error instanceof StoreError) return error;
  if (error instanceof GitFailure && error.timedOut) return problem('timedOut', store, '', error);
  const said = error instanceof GitFailure ? error.stderr : `${errorCode(error) ?? ''} ${errorMessage(error)}`;
  const kind = SIGNS.find(([, sign]) => sign.test(said))?.[0] ?? 'failed';
  return problem(kind, store, error instanceof Error ? error.message : String(error), error);
}

/** `detail`: what was seen, or git's own words. */
export function problem(kind: StoreProblemKind, store: { shown: string }, detail = '', cause?: unknown): StoreError {
  const { why, remedy } = WORDS[kind];
  const seen = detail === '' ? '' : `: ${maskUrls(detail.trim()).slice(0, 600)}`;
  return new StoreError(kind, `TASKRUN_STORE ${store.shown} ${why}${seen}`, remedy, { cause });
}

/** Runs what touches the store; whatever goes wrong comes out as a StoreError. */
export async function orStoreError<T>(store: { shown: string }, doing: () => Promise<T>): Promise<T> {
  try {
    return await doing();
  } catch (error) {
    throw storeError(error, store);
  }
}

/** Credentials inside a URL, wherever it stands in a text: over ssh the part before the `@` is a user name only. */
export const maskUrls = (text: string): string =>
  text
    .replace(/\b(ssh:\/\/[^\s/:@]*):[^\s/@]*@/g, '$1:***@')
    .replace(/\b((?!ssh:)[a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi, '$1***@')
    // As git repeats the host of a URL that it can't look up.
    .replace(/(^|[\s"'(])[^\s/:@"'(]+:[^\s/@]+@/g, '$1***@');
