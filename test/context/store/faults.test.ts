// A store that fails or was written by somebody hostile: a typed fault that says what it is, and nothing half done.
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { GitFailure, git, gitLine } from '../../../src/context/git.js';
import type { Moment } from '../../../src/context/moment.js';
import { advance } from '../../../src/context/store/fence.js';
import { locate } from '../../../src/context/store/locate.js';
import { readMoment, readMoments } from '../../../src/context/store/read.js';
import { openStore, type Store, storeError } from '../../../src/context/store/store.js';
import { taskRefs } from '../../../src/context/store/task-ref.js';
import { planTranscripts } from '../../../src/context/transcripts/plan.js';
import { tempDir } from '../../support/temp.js';
import { canMount, smallDisk } from '../support/store-mount.js';
import { aTask, aWriter, claim, contentOf, keep, localStore, textAt } from '../support/store-world.js';

test.skipIf(!canMount)('a full disk: said so, the old moment stays, and with room it goes on', async () => {
  const disk = await smallDisk('6m');
  const store = await openStore({ configured: join(disk.dir, 'store.git'), home: '/nonexistent' });
  const task = aTask();
  const fence = await claim(store, task, aWriter(), { since: [] });
  const { id } = await keep(fence, 'before');
  const ballast = join(disk.dir, 'ballast');
  await writeFile(ballast, randomBytes(4 * 1024 * 1024));

  const folder = await tempDir('transcripts');
  await writeFile(join(folder, `${randomUUID()}.jsonl`), randomBytes(2 * 1024 * 1024));
  const content = await contentOf(store, 'after');
  const transcripts = await planTranscripts({ folder, known: [] });
  await expect(advance(fence, { ...content, transcripts })).rejects.toMatchObject({ kind: 'full' });
  expect(await locate(store, task, { head: id, since: [] })).toMatchObject({ tip: { id } });

  expect((await readdir(store.gitDir)).filter((name) => name.startsWith('fast_import'))).toEqual([]);
  expect((await readdir(join(store.gitDir, 'objects', 'pack'))).filter((name) => name.startsWith('tmp_'))).toEqual([]);
  await rm(ballast);
  expect(await advance(fence, { ...content, transcripts })).toMatchObject({ where: 'head', changed: true });
});

/** Where a loose object lies. */
async function objectFile(store: Store, name: string): Promise<string> {
  const id = await gitLine({ gitDir: store.gitDir, args: ['rev-parse', name] });
  return join(store.gitDir, 'objects', id.slice(0, 2), id.slice(2));
}

const spoil = async (path: string, bytes: Buffer | undefined): Promise<void> => {
  if (bytes === undefined) return rm(path);
  await chmod(path, 0o644);
  await writeFile(path, bytes);
};

test.each(
  ['', '^{tree}', ':checkpoint.json'].flatMap((part) =>
    [
      ['missing', undefined],
      ['empty', Buffer.alloc(0)],
      ['garbage', Buffer.from('not an object at all')],
    ].map(([how, bytes]) => [part, how, bytes] as [string, string, Buffer | undefined]),
  ),
)('a damaged head%s (%s) is a fault, and no task that has not begun', async (part, _, bytes) => {
  const store = await localStore();
  const task = aTask();
  const { id } = await keep(await claim(store, task, aWriter(), { since: [] }), 'kept');
  await spoil(await objectFile(store, `${id}${part}`), bytes);
  await expect(locate(store, task, { head: id, since: [] })).rejects.toMatchObject({ kind: 'damaged' });
});

test.each([['garbage\n'], [''], [`${'1'.repeat(40)}\n`]])('a damaged ref (%j) is a fault as well', async (text) => {
  const store = await localStore();
  const task = aTask();
  await keep(await claim(store, task, aWriter(), { since: [] }), 'kept');
  await writeFile(join(store.gitDir, taskRefs(task).head), text);
  await expect(locate(store, task, { since: [] })).rejects.toMatchObject({ kind: 'damaged' });
});

test('what is not one of ours is no checkpoint', async () => {
  const store = await localStore();
  const { id } = await keep(await claim(store, aTask(), aWriter(), { since: [] }), 'kept');
  const run = (args: string[]): Promise<string> => gitLine({ gitDir: store.gitDir, args });
  const tree = await run(['rev-parse', `${id}^{tree}`]);
  const plain = await run(['-c', 'user.name=x', '-c', 'user.email=x@x', 'commit-tree', `${id}:workspace`, '-m', 'x']);
  for (const other of [tree, plain, '1'.repeat(40), 'HEAD', `${id}\nHEAD`, '../x', id.slice(0, 12)])
    expect(await readMoment(store, other)).toBeUndefined();
});

test.each<[string, (moment: Moment) => unknown, string, RegExp]>([
  ['a way out', (m) => ({ ...m, workspace: { emptyFolders: ['../x'], modes: [] } }), 'damaged', /emptyFolders/],
  [
    'an absolute path',
    (m) => ({ ...m, workspace: { emptyFolders: [], modes: [['/etc', 0o777]] } }),
    'damaged',
    /modes/,
  ],
  [
    'bytes with a way out',
    (m) => ({ ...m, withheld: [`base64:${Buffer.from('a/../../b').toString('base64')}`] }),
    'damaged',
    /withheld/,
  ],
  [
    'a .git of the workspace',
    (m) => ({ ...m, repositories: [{ path: 'a/.GIT', emptyFolders: [] }] }),
    'damaged',
    /path/,
  ],
  [
    'a way out of a .git',
    (m) => ({ ...m, repositories: [{ path: 'a', emptyFolders: ['../../x'] }] }),
    'damaged',
    /emptyFolders/,
  ],
  ['a session that is a path', (m) => ({ ...m, transcripts: [{ sessionId: '../x' }] }), 'damaged', /sessionId/],
  [
    'a huge number of segments',
    (m) => ({ ...m, transcripts: [{ ...notes(), segments: 1e15 }] }),
    'damaged',
    /segments/,
  ],
  ['less than no bytes', (m) => ({ ...m, transcripts: [{ ...notes(), bytes: -1 }] }), 'damaged', /bytes/],
  ['wrong types', (m) => ({ ...m, token: 'later' }), 'damaged', /token/],
  ['no id', (m) => ({ ...m, previous: '--upload-pack=id' }), 'damaged', /previous/],
  ['a list', () => [], 'damaged', /checkpoint\.json/],
  ['nothing', () => null, 'damaged', /checkpoint\.json/],
  ['a later version', (m) => ({ ...m, version: 2 }), 'otherVersion', /version 2/],
])('a checkpoint.json with %s is refused by name', async (_, spoiled, kind, says) => {
  const store = await localStore();
  const task = aTask();
  const { id } = await keep(await claim(store, task, aWriter(), { since: [] }), 'kept');
  const moment = await readMoment(store, id);
  if (moment === undefined) throw new Error('it was just written');
  const evil = await rewritten(store, id, JSON.stringify(spoiled(moment)));
  await git({ gitDir: store.gitDir, args: ['update-ref', taskRefs(task).head, evil] });
  await expect(locate(store, task, { since: [] })).rejects.toMatchObject({ kind, says: expect.stringMatching(says) });
  await expect(readMoment(store, evil)).rejects.toMatchObject({ kind });
  expect(await readMoments(store, [evil, id])).toMatchObject([{ id }]);
});

test('ids that somebody hostile wrote never become a ref', async () => {
  const store = await localStore();
  const task = aTask();
  const first = aWriter(1, { id: '../../../heads/x\n^~:' });
  const { id } = await keep(await claim(store, task, first, { since: [] }), 'kept');
  await keep(await claim(store, task, aWriter(2), { head: id, since: [] }), 'next');
  expect(taskRefs(task).moment(first.id)).toMatch(/\/moments\/x-[0-9a-f]{20}$/);
  expect(await gitLine({ gitDir: store.gitDir, args: ['rev-parse', taskRefs(task).moment(first.id)] })).toBe(id);
});

test('a lock that a killed writer left holds nobody up for long', async () => {
  const store = await localStore();
  const task = aTask();
  const fence = await claim(store, task, aWriter(), { since: [] });
  const lock = join(store.gitDir, `${taskRefs(task).head}.lock`);
  const longAgo = new Date(Date.now() - 60_000);
  await mkdir(dirname(lock), { recursive: true });
  await writeFile(lock, '');
  await utimes(lock, longAgo, longAgo);
  const startMs = Date.now();
  await keep(fence, 'at once');
  expect(Date.now() - startMs).toBeLessThan(1_500);
  await writeFile(lock, '');
  const { where, id } = await keep(fence, 'after its two seconds');
  expect(where).toBe('head');
  expect(await textAt(store, id)).toBe('after its two seconds');
});

test('a transcript cut short while it is kept is a fault; the next checkpoint has it', async () => {
  const store = await localStore();
  const fence = await claim(store, aTask(), aWriter(), { since: [] });
  const folder = await tempDir('transcripts');
  const path = join(folder, `${randomUUID()}.jsonl`);
  await writeFile(path, 'twelve bytes');
  const transcripts = await planTranscripts({ folder, known: [] });
  await writeFile(path, 'four');
  await expect(advance(fence, await contentOf(store, 'x', { transcripts }))).rejects.toThrow(/became shorter/);
  const again = await planTranscripts({ folder, known: [] });
  expect(await advance(fence, await contentOf(store, 'x', { transcripts: again }))).toMatchObject({ where: 'head' });
});

test('git that took too long, and words nobody knows', () => {
  const store = { shown: '/store' };
  const late = new GitFailure('push', '', Buffer.alloc(0), undefined, true);
  expect(storeError(late, store)).toMatchObject({ kind: 'timedOut', remedy: expect.any(String) });
  const odd = new GitFailure('push', 'fatal: what?', Buffer.alloc(0), 1, false);
  expect(storeError(odd, store)).toMatchObject({
    kind: 'failed',
    says: 'TASKRUN_STORE /store refused: git push: fatal: what?',
  });
});

const notes = () => ({ sessionId: randomUUID(), bytes: 0, segments: 0, tailHash: '', modifiedAtMs: 0 });

/** The same moment with another description. */
async function rewritten(store: Store, id: string, description: string): Promise<string> {
  const run = (args: string[], input: string): Promise<string> => gitLine({ gitDir: store.gitDir, args, input });
  const blob = await run(['hash-object', '-w', '--stdin'], description);
  const workspace = await run(['rev-parse', `${id}:workspace`], '');
  const tree = await run(['mktree'], `100644 blob ${blob}\tcheckpoint.json\n040000 tree ${workspace}\tworkspace\n`);
  return run(['-c', 'user.name=x', '-c', 'user.email=x@x', 'commit-tree', tree], 'evil');
}
