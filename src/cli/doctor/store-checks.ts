// The store of checkpoints as this host sees it: git, the place, its format, whether it can be written, its size.
// Leaves nothing behind; a store that is not there yet is not made.
import { randomUUID } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { GitFailure, git, gitLine } from '../../context/git.js';
import { diskBytes } from '../../context/prune.js';
import { FORMAT_REF } from '../../context/store/format.js';
import { type Store, storePlace } from '../../context/store/place.js';
import { askRefs } from '../../context/store/remote.js';
import { openStore, StoreError } from '../../context/store/store.js';
import { problem, storeError } from '../../context/store/store-error.js';
import { plainText } from '../plain-text.js';
import { count } from '../words.js';
import { bad, type Finding, good } from './check.js';

/** `merge-tree --write-tree`, which merges today's files with those of a moment. */
const LEAST_GIT = [2, 38] as const;
const WHAT = 'TASKRUN_STORE';
const ASK_MS = 20_000;

export async function storeFindings(config: Pick<Config, 'store' | 'home'>): Promise<Finding[]> {
  const found = await gitFinding();
  return found.state === 'bad' ? [found] : [found, await storeFinding(config)];
}

async function gitFinding(): Promise<Finding> {
  const install = `Install git ${LEAST_GIT.join('.')} or newer: checkpoints are kept with it.`;
  const said = await gitLine({ gitDir: '/nonexistent', args: ['--version'] }).catch(() => undefined);
  if (said === undefined) return bad('git', 'is not on PATH', install);
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(said) ?? []).map(Number);
  const isEnough = major > LEAST_GIT[0] || (major === LEAST_GIT[0] && minor >= LEAST_GIT[1]);
  const version = plainText(said).replace(/^git version /, '');
  return isEnough ? good('git', version) : bad('git', `${version} is too old`, install);
}

async function storeFinding({ store: configured, home }: Pick<Config, 'store' | 'home'>): Promise<Finding> {
  try {
    const place = storePlace({ configured, home });
    if (place.url === undefined && (await stat(place.gitDir).catch(() => undefined)) === undefined)
      return good(WHAT, `${place.shown}, not there yet: the first checkpoint makes it`);
    const store = await openStore({ configured, home });
    await proveWritable(store).catch((error: unknown) => {
      throw storeError(error, store);
    });
    return good(WHAT, `${store.shown}, writable, format v1, ${await sayFill(store)}`);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return bad(WHAT, plainText(error.says), `${plainText(error.remedy)}.`);
  }
}

/** Of a remote one by a push that is not carried out: it is let in, or it isn't. */
async function proveWritable(store: Store): Promise<void> {
  if (store.url === undefined) {
    const probe = join(store.gitDir, 'objects', `.taskrun-probe-${randomUUID()}`);
    try {
      await writeFile(probe, Buffer.alloc(4096, 32), { flag: 'wx' });
    } finally {
      await rm(probe, { force: true });
    }
    return;
  }
  const refspec = `${FORMAT_REF}:refs/taskrun-store-probe/${randomUUID()}`;
  const args = ['push', '--dry-run', '--quiet', '--no-verify', '--end-of-options', store.url, refspec];
  // It answers, so whoever is turned away now may read and not write.
  await askRefs(store, [FORMAT_REF]);
  await git({ gitDir: store.gitDir, args, remote: true, timeoutMs: ASK_MS }).catch((error: unknown) => {
    throw error instanceof GitFailure && !error.timedOut ? problem('readOnly', store, error.message) : error;
  });
}

async function sayFill(store: Store): Promise<string> {
  const refs = await gitLine({ gitDir: store.gitDir, args: ['for-each-ref', '--format=%(refname)', 'refs/taskrun'] });
  const tasks = new Set(refs.split('\n').map((ref) => ref.split('/')[2])).size;
  const size = `${((await diskBytes(store)) / 1024 ** 2).toFixed(1)} MiB`;
  const where = store.url === undefined ? '' : " in this host's mirror";
  return refs === '' ? `no tasks yet, ${size}${where}` : `${count(tasks, 'task')}, ${size}${where}`;
}
