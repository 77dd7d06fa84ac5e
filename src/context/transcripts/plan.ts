// What of the transcripts on disk is not in the store yet. A transcript only grows: what was kept of it is recognised by
// its last bytes, and the rest is one more segment. Reads files, writes nothing.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TranscriptNotes } from '../moment.js';
import { lastMessageId } from './last-message.js';
import { filesRoot, segmentPath, segmentsRoot } from './layout.js';
import { sizeAndTime, type TranscriptFile, tailHash } from './pieces.js';
import type { TranscriptPlan } from './plan-shape.js';
import { planSideFolder, type SidePlan } from './side-folder.js';

export type { TranscriptPlan } from './plan-shape.js';

const TRANSCRIPT = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/;
/** What is written and read in one piece has a bound, however large a transcript is when it is first kept. */
const LARGEST_SEGMENT_BYTES = 16 * 1024 * 1024;
/** Then all become one again: a restore reads each of them. */
const MOST_SEGMENTS = 10_000;

/**
 * @param input.folder where the CLI keeps the transcripts of the workspace; it may be missing
 * @param input.only these sessions; default: all
 * @param input.known the transcripts of the moment that this one is added to; a session that is not on disk stays as it is
 */
export async function planTranscripts(input: {
  folder: string;
  only?: readonly string[];
  known: readonly TranscriptNotes[];
}): Promise<TranscriptPlan> {
  const plan: TranscriptPlan = { notes: [], writes: [], deletes: [] };
  const known = new Map(input.known.map((notes) => [notes.sessionId, notes]));
  for (const sessionId of await sessionsIn(input.folder)) {
    if (input.only !== undefined && !input.only.includes(sessionId)) continue;
    const planned = await planSession(input.folder, sessionId, known.get(sessionId));
    if (planned === undefined) continue;
    known.set(sessionId, planned.notes);
    plan.writes.push(...planned.writes);
    plan.deletes.push(...planned.deletes);
  }
  plan.notes = [...known.values()].sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1));
  return plan;
}

async function sessionsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.flatMap((name) => TRANSCRIPT.exec(name)?.[1] ?? []).sort();
}

type SessionPlan = SidePlan & { notes: TranscriptNotes };

async function planSession(
  folder: string,
  sessionId: string,
  known: TranscriptNotes | undefined,
): Promise<SessionPlan | undefined> {
  const file = await sizeAndTime(join(folder, `${sessionId}.jsonl`));
  if (file === undefined) return undefined;
  const side = await planSideFolder(join(folder, sessionId), filesRoot(sessionId), known?.sideFolder);
  const own = await planFile(sessionId, file, known);
  const notes = side.fingerprint === undefined ? own.notes : { ...own.notes, sideFolder: side.fingerprint };
  return { notes, writes: [...own.writes, ...side.writes], deletes: [...own.deletes, ...side.deletes] };
}

async function planFile(
  sessionId: string,
  file: TranscriptFile,
  known: TranscriptNotes | undefined,
): Promise<SessionPlan> {
  const kept = known !== undefined && (await onlyGrew(file, known)) ? known : undefined;
  const from = kept?.bytes ?? 0;
  const first = kept?.segments ?? 0;
  const writes = segments(sessionId, file, from, first);
  const lastMessage = (await lastMessageId(file.path, from, file.bytes)) ?? kept?.lastMessageId;
  const notes: TranscriptNotes = {
    sessionId,
    bytes: file.bytes,
    segments: first + writes.length,
    tailHash: from === file.bytes && kept !== undefined ? kept.tailHash : await tailHash(file.path, file.bytes),
    modifiedAtMs: file.modifiedAtMs,
    ...(lastMessage === undefined ? {} : { lastMessageId: lastMessage }),
  };
  return { notes, writes, deletes: known !== undefined && kept === undefined ? [segmentsRoot(sessionId)] : [] };
}

/** Shorter, or other bytes where the kept ones ended: it was written anew, and is kept anew. */
async function onlyGrew(file: TranscriptFile, known: TranscriptNotes): Promise<boolean> {
  if (file.bytes < known.bytes || known.segments >= MOST_SEGMENTS) return false;
  if (file.bytes === known.bytes && file.modifiedAtMs === known.modifiedAtMs) return true;
  return (await tailHash(file.path, known.bytes)) === known.tailHash;
}

function segments(sessionId: string, file: TranscriptFile, from: number, first: number): TranscriptPlan['writes'] {
  const writes: TranscriptPlan['writes'] = [];
  for (let offset = from; offset < file.bytes; offset += LARGEST_SEGMENT_BYTES) {
    const length = Math.min(LARGEST_SEGMENT_BYTES, file.bytes - offset);
    writes.push({ path: segmentPath(sessionId, first + writes.length), file: file.path, offset, length });
  }
  return writes;
}
