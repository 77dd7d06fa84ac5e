// Puts the transcripts of a moment back where the CLI looks for them, byte for byte and with their times: `--continue`
// chooses by them. What the moment says is checked against what it holds; nothing is written outside the folder.
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { git } from '../git.js';
import type { Moment, TranscriptNotes } from '../moment.js';
import { readObjects } from '../store/objects.js';
import type { Store } from '../store/place.js';
import { orStoreError, problem } from '../store/store-error.js';
import { filesRoot, segmentPath } from './layout.js';

/** So many segments are read by one process, and held at once. */
const GROUP = 16;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * @param input.folder is made where it is missing; transcripts of other sessions in it stay as they are
 * @param input.sessions these; default: all of the moment
 */
export async function restoreTranscripts(input: {
  store: Store;
  id: string;
  moment: Moment;
  folder: string;
  sessions?: readonly string[];
}): Promise<void> {
  const { store, id, moment, folder, sessions } = input;
  const wanted = moment.transcripts.filter(({ sessionId }) => sessions === undefined || sessions.includes(sessionId));
  await orStoreError(store, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const notes of wanted) {
      if (notes.sideFolder !== undefined) await restoreSideFolder(store, id, notes, join(folder, notes.sessionId));
      await restoreFile(store, id, notes, join(folder, `${notes.sessionId}.jsonl`));
    }
  });
}

async function restoreFile(store: Store, id: string, notes: TranscriptNotes, path: string): Promise<void> {
  const { sessionId, segments, bytes, modifiedAtMs } = notes;
  await writeWhole(path, modifiedAtMs, async (write) => {
    let written = 0;
    for (let first = 0; first < segments; first += GROUP) {
      const count = Math.min(GROUP, segments - first);
      const names = Array.from({ length: count }, (_, n) => `${id}:${segmentPath(sessionId, first + n)}`);
      for (const [n, segment] of (await readObjects(store, names)).entries()) {
        if (segment?.type !== 'blob') throw problem('damaged', store, `${names[n]} is missing`);
        await write(segment.content);
        written += segment.content.length;
      }
    }
    if (written !== bytes)
      throw problem('damaged', store, `${id} holds ${written} bytes of session ${sessionId}, not ${bytes}`);
  });
}

async function restoreSideFolder(store: Store, id: string, notes: TranscriptNotes, folder: string): Promise<void> {
  const root = `${id}:${filesRoot(notes.sessionId)}`;
  const listed = await git({ gitDir: store.gitDir, args: ['ls-tree', '-r', '-z', root] });
  for (const { name, blob } of filesOf(store, id, listed)) {
    const [content] = await readObjects(store, [blob]);
    if (content === undefined) throw problem('damaged', store, `${root}/${name} is missing`);
    await mkdir(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
    await writeWhole(join(folder, name), notes.modifiedAtMs, (write) => write(content.content));
  }
}

function filesOf(store: Store, id: string, listed: Buffer): { name: string; blob: string }[] {
  const entries: { name: string; blob: string }[] = [];
  for (const line of UTF8.decode(listed).split('\0')) {
    if (line === '') continue;
    const [, mode, blob = '', name = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([^]*)$/.exec(line) ?? [];
    if (mode?.startsWith('100') !== true || !isInside(name))
      throw problem('damaged', store, `${id} holds ${JSON.stringify(name.slice(0, 200))} among the transcripts`);
    entries.push({ name, blob });
  }
  return entries;
}

const isInside = (name: string): boolean =>
  name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** Whole or not at all; the CLI never sees half a transcript. */
async function writeWhole(
  path: string,
  modifiedAtMs: number,
  fill: (write: (piece: Buffer) => Promise<void>) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await fill((piece) => file.writeFile(piece));
      await file.sync();
    } finally {
      await file.close();
    }
    await utimes(draft, modifiedAtMs / 1000, modifiedAtMs / 1000);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
