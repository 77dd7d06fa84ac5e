// The folder beside a transcript (conversations of sub-agents, long results of tools), kept as files. Links in it are
// never followed and never kept: what they lead to is not the conversation's.
import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../host/system-error.js';
import type { TranscriptPlan } from './plan-shape.js';

export type SidePlan = Pick<TranscriptPlan, 'writes' | 'deletes'>;

interface SideFile {
  path: string;
  file: string;
  bytes: number;
  modifiedAtMs: number;
}

/** All of its files anew where one has changed; nothing where none has. */
export async function planSideFolder(
  folder: string,
  root: string,
  known: string | undefined,
): Promise<SidePlan & { fingerprint: string | undefined }> {
  const files = await filesIn(folder, root);
  // Gone from this host, as a transcript may be: what is kept of it stays.
  if (files.length === 0) return { writes: [], deletes: [], fingerprint: known };
  const fingerprint = fingerprintOf(files);
  if (fingerprint === known) return { writes: [], deletes: [], fingerprint };
  const writes = files.map(({ path, file, bytes }) => ({ path, file, offset: 0, length: bytes }));
  return { writes, deletes: known === undefined ? [] : [root], fingerprint };
}

async function filesIn(folder: string, root: string): Promise<SideFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  });
  const found: SideFile[] = [];
  for (const { name } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const [file, path] = [join(folder, name), `${root}/${name}`];
    const at = await lstat(file).catch(() => undefined);
    if (at?.isDirectory() === true && name !== '.git') found.push(...(await filesIn(file, path)));
    if (at?.isFile() === true) found.push({ path, file, bytes: at.size, modifiedAtMs: Math.round(at.mtimeMs) });
  }
  return found;
}

function fingerprintOf(files: readonly SideFile[]): string {
  const said = files.map(({ path, bytes, modifiedAtMs }) => [path, bytes, modifiedAtMs]);
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}
