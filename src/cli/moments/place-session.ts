// Places a moment's conversation where the user's own `claude` on this machine looks for it. Overwrites none that is
// there: it may have gone on since.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { configHome } from '../../claude/environment.js';
import { transcriptFolder } from '../../claude/transcript.js';
import type { MomentAt, TranscriptNotes } from '../../context/moment.js';
import type { Store } from '../../context/store/store.js';
import { restoreTranscripts } from '../../context/transcripts/restore.js';
import { badInput } from '../failure.js';
import { sayMoment } from './words.js';

export type PlacedSession = { sessionId: string; transcript: string };

/** The session that the attempt worked on; else the one that was used last. @throws CliFailure where there is none */
export function mustHoldSession(found: MomentAt): TranscriptNotes {
  const { transcripts, sessionId } = found.moment;
  const own = transcripts.find((notes) => notes.sessionId === sessionId);
  const newest = transcripts.toSorted((a, b) => b.modifiedAtMs - a.modifiedAtMs)[0];
  const notes = own ?? newest;
  if (notes !== undefined) return notes;
  throw badInput(`--with-session: ${sayMoment(found)} holds no conversation yet. Leave the option out for its files.`);
}

/** @param dir where `claude` is going to be started; it is there */
export async function placeSession(store: Store, found: MomentAt, dir: string): Promise<PlacedSession> {
  const notes = mustHoldSession(found);
  const folder = await transcriptFolder(ownConfigDir(process.env), dir);
  const transcript = join(folder, `${notes.sessionId}.jsonl`);
  const there = await stat(transcript).catch(() => undefined);
  if (there !== undefined && there.size !== notes.bytes)
    throw badInput(
      `--with-session: the files are in ${dir}, but ${transcript} is there already and may have gone on: it is left alone. ` +
        'Move it away and check out into another directory.',
    );
  await restoreTranscripts({ store, ...found, folder, sessions: [notes.sessionId] });
  return { sessionId: notes.sessionId, transcript };
}

/** What `claude` itself uses when a person starts it here: a key in the environment changes nothing about that. */
const ownConfigDir = ({ HOME, CLAUDE_CONFIG_DIR }: NodeJS.ProcessEnv): string =>
  configHome({ HOME, CLAUDE_CONFIG_DIR }, '').dir;
