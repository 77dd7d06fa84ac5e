// Frees what nothing in a store names any more: objects, and what killed processes left behind. Everything young stays: it
// may belong to a checkpoint that is being written at this moment. Decides nothing about moments.
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GitFailure, git } from './git.js';
import { moveHere } from './store/refs.js';
import type { Store } from './store/store.js';
import { QUARANTINE } from './workspace/quarantine.js';

/** Far longer than a checkpoint may take, also one that waits for a slow network. */
const GRACE_MS = 24 * 60 * 60_000;
const GC_TIMEOUT_MS = 60 * 60_000;
const SCRATCH = 'refs/taskrun-scratch';

/** Of a remote store only the mirror of this host: the objects over there are its own affair. @throws GitFailure */
export async function prune(store: Store, nowMs: number): Promise<void> {
  const beforeMs = nowMs - GRACE_MS;
  await dropScratchRefs(store, beforeMs);
  await dropLeftovers(store, beforeMs);
  await collect(store, beforeMs);
}

/** Bytes of objects, complete or not. */
export async function diskBytes(store: Store): Promise<number> {
  const said = (await git({ gitDir: store.gitDir, args: ['count-objects', '-v'] })).toString('utf8');
  const kibibytes = [...said.matchAll(/^(?:size|size-pack|size-garbage): (\d+)$/gm)].map(([, count]) => Number(count));
  return kibibytes.reduce((sum, count) => sum + count, 0) * 1024;
}

async function dropScratchRefs(store: Store, beforeMs: number): Promise<void> {
  const args = ['for-each-ref', '--format=%(refname) %(objectname) %(committerdate:unix)', SCRATCH];
  const lines = (await git({ gitDir: store.gitDir, args })).toString('utf8').split('\n');
  for (const [ref = '', id = '', seconds = ''] of lines.map((line) => line.split(' '))) {
    if (ref === '' || Number(seconds) * 1000 > beforeMs) continue;
    await moveHere(store, [{ ref, to: null, from: id }]);
  }
}

/**
 * A killed `fast-import` leaves a report, and sometimes the mark by which its pack is kept for ever; a killed look at a
 * workspace the objects that it had not let in yet.
 */
async function dropLeftovers(store: Store, beforeMs: number): Promise<void> {
  for (const name of await readdir(store.gitDir)) {
    if (name.startsWith('fast_import_crash_')) await dropIfOld(join(store.gitDir, name), beforeMs);
  }
  const objects = join(store.gitDir, 'objects');
  for (const name of await readdir(objects).catch(() => [])) {
    if (name.startsWith(QUARANTINE)) await dropIfOld(join(objects, name), beforeMs);
  }
  const packs = join(objects, 'pack');
  for (const name of await readdir(packs).catch(() => [])) {
    if (name.endsWith('.keep') && (await isOfImport(join(packs, name)))) await dropIfOld(join(packs, name), beforeMs);
  }
}

const isOfImport = async (keep: string): Promise<boolean> =>
  (await readFile(keep, 'utf8').catch(() => '')).startsWith('fast-import');

async function dropIfOld(path: string, beforeMs: number): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && found.mtimeMs <= beforeMs) await rm(path, { recursive: true, force: true });
}

/** Unreachable objects wait out their time in a pack of their own instead of as a file each. */
async function collect(store: Store, beforeMs: number): Promise<void> {
  const args = ['gc', '--quiet', `--prune=@${Math.floor(beforeMs / 1000)}`];
  try {
    await git({ gitDir: store.gitDir, args, settings: ['gc.cruftPacks=true'], timeoutMs: GC_TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof GitFailure) || !error.stderr.includes('gc is already running')) throw error;
  }
}
