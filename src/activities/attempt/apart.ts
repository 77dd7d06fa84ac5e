// Places the conversation of a moment under an id of its own, where another line of the same session lies under its id:
// one that was gone back from, or has gone another way since. It is there for the launch of a fork alone.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MomentAt, TranscriptNotes } from '../../context/moment.js';
import type { Store } from '../../context/store/place.js';
import { sizeAndTime, tailHash } from '../../context/transcripts/pieces.js';
import { restoreTranscripts } from '../../context/transcripts/restore.js';

/** The transcript here has only grown since the moment. */
export async function holds(path: string, { bytes, tailHash: kept }: TranscriptNotes): Promise<boolean> {
  const here = await sizeAndTime(path);
  return here !== undefined && here.bytes >= bytes && (await tailHash(path, bytes)) === kept;
}

/** The id it got: the same for the same moment, so that a launch that was killed leaves one, not many. */
export async function placeApart(
  store: Store,
  origin: MomentAt,
  sessionId: string,
  folder: string,
): Promise<{ sessionId: string; remove(): Promise<void> }> {
  const apart = uuidOf(`${origin.id} ${sessionId}`);
  const draft = join(folder, `.${apart}`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await restoreTranscripts({ store, ...origin, folder: draft, sessions: [sessionId] });
  // Each line names its session. Both ids are as long, and bytes that are no text stay as they are.
  const text = await readFile(join(draft, `${sessionId}.jsonl`), 'latin1');
  const renamed = join(draft, `${apart}.jsonl`);
  await writeFile(renamed, text.replaceAll(sessionId, apart), { encoding: 'latin1', mode: 0o600 });
  const remove = async (): Promise<void> => {
    for (const name of [`${apart}.jsonl`, apart, `.${apart}`])
      await rm(join(folder, name), { recursive: true, force: true });
  };
  await rm(join(folder, apart), { recursive: true, force: true });
  await rename(join(draft, sessionId), join(folder, apart)).catch(() => undefined);
  await rename(renamed, join(folder, `${apart}.jsonl`));
  await rm(draft, { recursive: true, force: true });
  return { sessionId: apart, remove };
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
