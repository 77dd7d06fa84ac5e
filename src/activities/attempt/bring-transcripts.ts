// Brings the conversations of a moment, and takes those away that are no part of it: nothing of a stray is continued.
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { MomentAt, TranscriptNotes } from '../../context/moment.js';
import { sizeAndTime } from '../../context/transcripts/pieces.js';
import { restoreTranscripts } from '../../context/transcripts/restore.js';
import type { AttemptRequest } from '../../contract/attempt.js';
import type { SafetyNet } from './safety-net.js';

/** `base` undefined: there is no moment, and no conversation has begun. What gives way keeps its bytes under another name. */
export async function bringTranscripts(
  { request, net }: { request: AttemptRequest; net: SafetyNet },
  dir: string,
  base: MomentAt | undefined,
): Promise<void> {
  const folder = await net.folder(dir);
  const kept = new Map(base?.moment.transcripts.map((notes) => [`${notes.sessionId}.jsonl`, notes]));
  const own = new Set([...kept.keys(), `${request.session.id}.jsonl`]);
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names.filter((one) => one.endsWith('.jsonl'))) {
    if (net.foldersAreShared && !own.has(name)) continue;
    if (await isAsKept(join(folder, name), kept.get(name))) continue;
    await rename(join(folder, name), join(folder, `${name}.before-${request.attemptId}`));
  }
  if (base !== undefined) await restoreTranscripts({ store: await net.mustHaveStore(), ...base, folder });
}

async function isAsKept(path: string, notes: TranscriptNotes | undefined): Promise<boolean> {
  const file = await sizeAndTime(path);
  return file !== undefined && file.bytes === notes?.bytes && file.modifiedAtMs === notes.modifiedAtMs;
}
