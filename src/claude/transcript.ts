// Where the CLI keeps the transcripts of a directory: the folder's name, and the sessions in it, newest first.
// Reads names and times only; what a transcript says is delivery.ts's. The folder rule is that of 2.1.330.
import { readdir, realpath, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasConversation } from './delivery.js';

const LONGEST_FOLDER_NAME = 200;
const TRANSCRIPT = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/;

export interface SessionOnDisk {
  sessionId: string;
  path: string;
  modifiedAtMs: number;
  sizeBytes: number;
}

/** The CLI's name for a directory: every character that is no ASCII letter or digit becomes `-`, UTF-16 unit by unit. */
export function projectFolder(realCwd: string): string {
  const name = realCwd.replace(/[^a-zA-Z0-9]/g, '-');
  return name.length <= LONGEST_FOLDER_NAME ? name : `${name.slice(0, LONGEST_FOLDER_NAME)}-${shortHash(realCwd)}`;
}

// The 31-multiplier string hash, of the path itself rather than of the name made from it.
function shortHash(text: string): string {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return Math.abs(hash).toString(36);
}

/** The folder of a directory's transcripts; links in `cwd` are followed, as the CLI does. */
export const transcriptFolder = async (configDir: string, cwd: string): Promise<string> =>
  join(configDir, 'projects', projectFolder(await realpath(cwd)));

export const transcriptPath = async (configDir: string, cwd: string, sessionId: string): Promise<string> =>
  join(await transcriptFolder(configDir, cwd), `${sessionId}.jsonl`);

/** The sessions of a directory by modification time, newest first: the order in which `--continue` chooses. */
export async function sessionsOf(configDir: string, cwd: string): Promise<SessionOnDisk[]> {
  const folder = await transcriptFolder(configDir, cwd);
  const found = await Promise.all((await namesIn(folder)).map((name) => sessionAt(folder, name)));
  return found.filter((session) => session !== undefined).toSorted((a, b) => b.modifiedAtMs - a.modifiedAtMs);
}

/**
 * Moves a transcript that can't be continued aside, so that its session can be started; true when it was one. Only for a
 * session that no process has open.
 */
export async function setAsideIfEmpty(path: string): Promise<boolean> {
  const found = await stat(path).catch(nothingIfMissing);
  if (found === undefined || (await hasConversation(path))) return false;
  await rename(path, `${path}.empty-${Date.now()}`);
  return true;
}

async function sessionAt(folder: string, name: string): Promise<SessionOnDisk | undefined> {
  const sessionId = TRANSCRIPT.exec(name)?.[1];
  if (sessionId === undefined) return undefined;
  const path = join(folder, name);
  const found = await stat(path).catch(nothingIfMissing);
  if (found === undefined || !found.isFile()) return undefined;
  return { sessionId, path, modifiedAtMs: found.mtimeMs, sizeBytes: found.size };
}

const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder).catch(nothingIfMissing)) ?? [];

function nothingIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
