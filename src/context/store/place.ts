// What a value of TASKRUN_STORE means: a directory of this host, or a remote repository and where its mirror lies.
// Looks at the text alone.
import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { maskUrls, StoreError } from './store-error.js';

export interface Store {
  /** The bare repository that objects are written to: the store itself, or this host's mirror of it. */
  gitDir: string;
  /** The remote repository that counts; absent when `gitDir` is the store. */
  url?: string;
  /** The place as people may see it, without credentials. */
  shown: string;
}

const URL = /^(git|ssh|https?|file):\/\/./i;
/** `user@host:path`, as ssh has it. */
const SCP = /^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:(?!\/\/)./;

export function storePlace({ configured, home }: { configured?: string | undefined; home: string }): Store {
  if (configured === undefined || configured === '') return at(join(home, 'store.git'));
  if (isAbsolute(configured)) return at(configured);
  if (URL.test(configured) || SCP.test(configured)) return remoteAt(configured, home);
  throw new StoreError(
    'notGit',
    `TASKRUN_STORE is ${JSON.stringify(maskUrls(configured))}, which is neither an absolute path nor a git URL`,
    'Give a whole path, from / on, or git://, ssh://, https://, file:// or user@host:path',
  );
}

const at = (gitDir: string): Store => ({ gitDir, shown: gitDir });

function remoteAt(url: string, home: string): Store {
  const hash = createHash('sha256').update(url).digest('hex').slice(0, 20);
  return { gitDir: join(home, `store-mirror-${hash}.git`), url, shown: maskUrls(url) };
}
