// Transcripts come back byte for byte and with their times, and a checkpoint writes only what was added since.
import { randomBytes, randomUUID } from 'node:crypto';
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { git, gitLine } from '../../../src/context/git.js';
import type { Moment } from '../../../src/context/moment.js';
import { advance, type Content, type Fence } from '../../../src/context/store/fence.js';
import { readMoment } from '../../../src/context/store/read.js';
import type { Store } from '../../../src/context/store/store.js';
import { planTranscripts } from '../../../src/context/transcripts/plan.js';
import { restoreTranscripts } from '../../../src/context/transcripts/restore.js';
import { tempDir } from '../../support/temp.js';
import { aTask, aWriter, claim, contentOf, localStore } from '../support/store-world.js';

interface Setting {
  store: Store;
  content: Content;
  fence: Fence;
  folder: string;
}

async function setting(): Promise<Setting> {
  const store = await localStore();
  const fence = await claim(store, aTask(), aWriter(), { since: [] });
  return { store, fence, content: await contentOf(store, 'same'), folder: await tempDir('transcripts') };
}

async function keepTranscripts({ fence, folder, content }: Setting, only?: readonly string[]) {
  const known = fence.known?.transcripts ?? [];
  const plan = await planTranscripts({ folder, known, ...(only === undefined ? {} : { only }) });
  const kept = await advance(fence, { ...content, transcripts: plan });
  return { ...kept, plan };
}

async function momentAt(store: Store, id: string): Promise<Moment> {
  const moment = await readMoment(store, id);
  if (moment === undefined) throw new Error(`no moment ${id}`);
  return moment;
}

async function restored(store: Store, id: string, sessions?: readonly string[]): Promise<string> {
  const folder = join(await tempDir('restored'), 'projects', '-x');
  const moment = await momentAt(store, id);
  await restoreTranscripts({ store, id, moment, folder, ...(sessions === undefined ? {} : { sessions }) });
  return folder;
}

const line = (fields: object): string => `${JSON.stringify(fields)}\n`;
const sameBytes = async (one: string, other: string): Promise<boolean> =>
  (await readFile(one)).equals(await readFile(other));
const bytesOf = (folder: string, name: string): Promise<Buffer> => readFile(join(folder, name));

test('200 checkpoints of a growing transcript: one segment each, the same bytes back, a small store', async () => {
  const here = await setting();
  const session = randomUUID();
  const path = join(here.folder, `${session}.jsonl`);
  let last = '';
  for (let n = 0; n < 200; n++) {
    await appendFile(path, line({ type: 'user', uuid: randomUUID(), text: randomBytes(300).toString('base64') }));
    const { id, plan } = await keepTranscripts(here);
    expect(plan.writes).toHaveLength(1);
    last = id;
  }
  const { transcripts } = await momentAt(here.store, last);
  expect(transcripts).toMatchObject([{ sessionId: session, segments: 200, bytes: (await stat(path)).size }]);
  expect(await sameBytes(join(await restored(here.store, last), `${session}.jsonl`), path)).toBe(true);

  await git({ gitDir: here.store.gitDir, args: ['repack', '-adq'] });
  const segments = await git({ gitDir: here.store.gitDir, args: ['rev-list', '--objects', '--disk-usage', last] });
  expect(Number(segments)).toBeLessThan(1.5 * (await stat(path)).size);
}, 60_000);

test('nothing was said since: nothing is written, and no commit is made', async () => {
  const here = await setting();
  await writeFile(join(here.folder, `${randomUUID()}.jsonl`), line({ type: 'user', uuid: 'a' }));
  const { id } = await keepTranscripts(here);
  expect(await keepTranscripts(here)).toMatchObject({ id, changed: false, plan: { writes: [], deletes: [] } });
});

test.each([
  ['cut off at its end', (path: string) => truncate(path, 90_000)],
  ['another line in the place of the last', (path: string) => writeFile(path, Buffer.alloc(100_000, 'y'))],
  [
    'cut off, and longer than before since',
    async (path: string) => {
      await truncate(path, 50_000);
      await appendFile(path, Buffer.alloc(80_000, 'z'));
    },
  ],
  ['empty', (path: string) => truncate(path, 0)],
])('a transcript written anew is kept anew: %s', async (_, change) => {
  const here = await setting();
  const session = randomUUID();
  const path = join(here.folder, `${session}.jsonl`);
  await writeFile(path, Buffer.alloc(60_000, 'a'));
  await keepTranscripts(here);
  await appendFile(path, Buffer.alloc(40_000, 'b'));
  await keepTranscripts(here);
  await change(path);
  const { id } = await keepTranscripts(here);
  expect(await sameBytes(join(await restored(here.store, id), `${session}.jsonl`), path)).toBe(true);
  await appendFile(path, 'and on');
  const { id: later } = await keepTranscripts(here);
  expect(await sameBytes(join(await restored(here.store, later), `${session}.jsonl`), path)).toBe(true);
});

test('times come back, so that the newest session is the newest again', async () => {
  const here = await setting();
  const sessions = [randomUUID(), randomUUID(), randomUUID()];
  const timesMs = [1_700_000_000_123, 1_700_000_000_122, 1_712_345_678_999];
  for (const [n, session] of sessions.entries()) {
    const path = join(here.folder, `${session}.jsonl`);
    await writeFile(path, line({ n }));
    await utimes(path, (timesMs[n] ?? 0) / 1000, (timesMs[n] ?? 0) / 1000);
  }
  const { id } = await keepTranscripts(here);
  const folder = await restored(here.store, id);
  const back = await Promise.all(sessions.map((session) => stat(join(folder, `${session}.jsonl`))));
  expect(back.map(({ mtimeMs }) => Math.round(mtimeMs))).toEqual(timesMs);
  const again = await planTranscripts({ folder, known: (await momentAt(here.store, id)).transcripts });
  expect(again).toEqual({ notes: (await momentAt(here.store, id)).transcripts, writes: [], deletes: [] });
});

test('the last message is that of the conversation itself, however far back', async () => {
  const here = await setting();
  const session = randomUUID();
  const path = join(here.folder, `${session}.jsonl`);
  const [asked, said] = [randomUUID(), randomUUID()];
  await writeFile(path, line({ type: 'user', uuid: asked }) + line({ type: 'assistant', uuid: said }));
  const noise =
    line({ type: 'assistant', isSidechain: true, uuid: randomUUID() }) + line({ type: 'system', uuid: randomUUID() });
  await appendFile(path, noise + line({ type: 'attachment', uuid: randomUUID(), text: 'x'.repeat(2_000_000) }));
  const lastOf = async () => (await keepTranscripts(here)).plan.notes[0]?.lastMessageId;
  expect(await lastOf()).toBe(said);
  await appendFile(path, `${noise}\nno json "uuid"\n[]\n`);
  expect(await lastOf()).toBe(said);
  const next = randomUUID();
  await appendFile(path, line({ type: 'user', uuid: next }) + '{"type":"assistant","uuid":"torn');
  expect(await lastOf()).toBe(next);
});

test('a session that is gone from the disk stays in the store; only those asked for are kept or restored', async () => {
  const here = await setting();
  const [one, two] = [randomUUID(), randomUUID()];
  await writeFile(join(here.folder, `${one}.jsonl`), 'one');
  await writeFile(join(here.folder, `${two}.jsonl`), 'two');
  await writeFile(join(here.folder, 'notes.txt'), 'no transcript');
  expect((await keepTranscripts(here, [one])).plan.notes).toHaveLength(1);
  const { id } = await keepTranscripts(here);
  await rm(join(here.folder, `${one}.jsonl`));
  await appendFile(join(here.folder, `${two}.jsonl`), ', more');
  const { id: later } = await keepTranscripts(here);
  expect(later).not.toBe(id);
  const all = await restored(here.store, later);
  expect((await readdir(all)).sort()).toEqual([`${one}.jsonl`, `${two}.jsonl`].sort());
  expect((await bytesOf(all, `${one}.jsonl`)).toString()).toBe('one');
  expect((await bytesOf(all, `${two}.jsonl`)).toString()).toBe('two, more');
  expect(await readdir(await restored(here.store, later, [two]))).toEqual([`${two}.jsonl`]);
});

test('the folder beside a transcript comes back; links in it are neither followed nor kept', async () => {
  const here = await setting();
  const session = randomUUID();
  await writeFile(join(here.folder, `${session}.jsonl`), 'x');
  const beside = join(here.folder, session);
  const files = { 'subagents/agent-1.jsonl': 'one', 'tool-results/a "quoted" näme.txt': 'two', 'empty.txt': '' };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(beside, name)), { recursive: true });
    await writeFile(join(beside, name), text);
  }
  await symlink('/etc/passwd', join(beside, 'outside'));
  const { id } = await keepTranscripts(here);
  expect((await keepTranscripts(here)).changed).toBe(false);
  const folder = await restored(here.store, id);
  for (const [name, text] of Object.entries(files))
    expect(await readFile(join(folder, session, name), 'utf8')).toBe(text);
  await expect(stat(join(folder, session, 'outside'))).rejects.toThrow('ENOENT');

  await rename(join(beside, 'empty.txt'), join(beside, 'renamed.txt'));
  await appendFile(join(here.folder, `${session}.jsonl`), 'y');
  const { id: later } = await keepTranscripts(here);
  expect((await readdir(join(await restored(here.store, later), session))).sort()).toEqual([
    'renamed.txt',
    'subagents',
    'tool-results',
  ]);
});

test('a large transcript is kept in pieces; very many pieces become one again', async () => {
  const here = await setting();
  const session = randomUUID();
  const path = join(here.folder, `${session}.jsonl`);
  await writeFile(path, randomBytes(33 * 1024 * 1024));
  const { id, plan } = await keepTranscripts(here);
  expect(plan.writes).toHaveLength(3);
  expect(await sameBytes(join(await restored(here.store, id), `${session}.jsonl`), path)).toBe(true);
  await writeFile(path, 'short');
  const [notes] = (await keepTranscripts(here)).plan.notes;
  if (notes === undefined) throw new Error('one session was kept');
  await appendFile(path, ', and on');
  const again = await planTranscripts({ folder: here.folder, known: [{ ...notes, segments: 10_000 }] });
  expect(again).toMatchObject({ notes: [{ segments: 1 }], writes: [{ offset: 0, length: 13 }] });
  expect(again.deletes).toEqual([`claude/${session}/segments`]);
});

test('no folder yet: nothing to keep', async () => {
  expect(await planTranscripts({ folder: join(await tempDir('none'), 'missing'), known: [] })).toEqual({
    notes: [],
    writes: [],
    deletes: [],
  });
});

test('what is restored replaces what lies there, and leaves no draft', async () => {
  const here = await setting();
  const session = randomUUID();
  await writeFile(join(here.folder, `${session}.jsonl`), 'kept');
  const { id } = await keepTranscripts(here);
  await writeFile(join(here.folder, `${session}.jsonl`), 'something newer and longer');
  await restoreTranscripts({ store: here.store, id, moment: await momentAt(here.store, id), folder: here.folder });
  expect(await readFile(join(here.folder, `${session}.jsonl`), 'utf8')).toBe('kept');
  expect(await readdir(here.folder)).toEqual([`${session}.jsonl`]);
});

test.each([
  ['120000', 'link', 'a link'],
  ['100644', '..', 'a way out'],
])('what a hostile store holds beside a transcript is not written: %s %s (%s)', async (mode, name) => {
  const here = await setting();
  const session = randomUUID();
  await writeFile(join(here.folder, `${session}.jsonl`), 'x');
  await mkdir(join(here.folder, session));
  await writeFile(join(here.folder, session, 'fine.txt'), 'fine');
  const { id } = await keepTranscripts(here);
  const gitDir = here.store.gitDir;
  const blob = await gitLine({ gitDir, args: ['hash-object', '-w', '--stdin'], input: '/etc/passwd' });
  const raw = Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(blob, 'hex')]);
  const leaf = await gitLine({
    gitDir,
    args: ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'],
    input: raw,
  });
  const nest = async (tree: string, at: string) =>
    gitLine({ gitDir, args: ['mktree'], input: `040000 tree ${tree}\t${at}\n` });
  const segments = await gitLine({ gitDir, args: ['rev-parse', `${id}:claude/${session}/segments`] });
  const own = await gitLine({
    gitDir,
    args: ['mktree'],
    input: `040000 tree ${leaf}\tfiles\n040000 tree ${segments}\tsegments\n`,
  });
  const tree = await nest(await nest(own, session), 'claude');
  const env = ['-c', 'user.name=x', '-c', 'user.email=x@localhost'];
  const evil = await gitLine({ gitDir, args: [...env, 'commit-tree', tree, '-m', 'x'] });
  const target = join(await tempDir('hostile'), 'projects', '-x');
  const moment = await momentAt(here.store, id);
  await expect(restoreTranscripts({ store: here.store, id: evil, moment, folder: target })).rejects.toMatchObject({
    kind: 'damaged',
  });
});
