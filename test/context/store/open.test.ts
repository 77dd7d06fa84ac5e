// Opening a store: it is made where nothing is, recognised where it is, and refused with a sentence where it is not one.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git, gitLine } from '../../../src/context/git.js';
import { openStore, type StoreError } from '../../../src/context/store/store.js';
import { tempDir } from '../../support/temp.js';
import { freePort, gitServer } from '../support/store-daemon.js';
import { canMount, smallDisk } from '../support/store-mount.js';
import { aTask, aWriter, claim, homeIn, keep, refsOf } from '../support/store-world.js';

const failure = (opening: Promise<unknown>): Promise<StoreError> =>
  opening.then(
    () => Promise.reject(new Error('it opened')),
    (error: StoreError) => error,
  );

test('unset: in the home, made whole, once', async () => {
  const home = await homeIn();
  const opened = await Promise.all([1, 2, 3].map(() => openStore({ home })));
  expect(new Set(opened.map(({ gitDir }) => gitDir))).toEqual(new Set([join(home, 'store.git')]));
  expect(await readdir(home)).toEqual(['store.git']);
  expect(Object.keys(await refsOf(join(home, 'store.git')))).toEqual(['taskrun-store/v1']);
  expect(await readFile(join(home, 'store.git', 'info', 'attributes'), 'utf8')).toContain('-filter');
  expect(await openStore({ home, configured: '' })).toEqual(opened[0]);
});

test.each<[string, (dir: string) => Promise<unknown>]>([
  ['missing', async () => undefined],
  ['empty', (dir) => mkdir(dir)],
  ['a fresh disk', (dir) => mkdir(join(dir, 'lost+found'), { recursive: true })],
  ['a bare repository', async (dir) => execFileSync('git', ['init', '-q', '--bare', dir])],
  ['left by a crash while it was made', (dir) => mkdir(join(dir, 'objects', 'info'), { recursive: true })],
])('a directory becomes a store: %s', async (_, prepare) => {
  const dir = join(await tempDir('place'), 'store with spaces');
  await prepare(dir);
  const store = await openStore({ configured: dir, home: '/nonexistent' });
  expect(store).toEqual({ gitDir: dir, shown: dir });
  const { where } = await keep(await claim(store, aTask(), aWriter(), { since: [] }), 'works');
  expect(where).toBe('head');
  expect(await readFile(join(dir, 'info', 'attributes'), 'utf8')).toContain('-text');
});

test.each<[string, (dir: string) => Promise<unknown>]>([
  ['a file', (dir) => writeFile(dir, 'x')],
  [
    'a directory of something else',
    async (dir) => {
      await mkdir(dir);
      await writeFile(join(dir, 'letter.txt'), 'x');
    },
  ],
  ['a work tree', async (dir) => execFileSync('git', ['init', '-q', dir])],
])('no git repository: %s', async (_, prepare) => {
  const dir = join(await tempDir('place'), 'store');
  await prepare(dir);
  const error = await failure(openStore({ configured: dir, home: '/nonexistent' }));
  expect(error).toMatchObject({ name: 'StoreError', kind: 'notGit' });
  expect(error.says).toContain(`TASKRUN_STORE ${dir} is no git repository`);
  expect(error.remedy).toContain('Set TASKRUN_STORE');
});

test.each(['store', './store', '~/store', 'ext::sh -c id', '--upload-pack=id', 'user@host'])(
  'neither a path nor a git URL: %s',
  async (configured) => {
    const error = await failure(openStore({ configured, home: await homeIn() }));
    expect(error).toMatchObject({ kind: 'notGit' });
    expect(error.says).toContain(JSON.stringify(configured));
  },
);

test('a repository that holds something else is refused and left as it is, here and at a remote', async () => {
  const server = await gitServer();
  const { gitDir } = server;
  const tree = await gitLine({ gitDir, args: ['mktree'], input: '' });
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@t'];
  const commit = await gitLine({ gitDir, args: [...who, 'commit-tree', tree, '-m', 'code'] });
  await git({ gitDir, args: ['update-ref', 'refs/heads/main', commit] });
  for (const configured of [gitDir, server.url]) {
    const error = await failure(openStore({ configured, home: await homeIn() }));
    expect(error).toMatchObject({ kind: 'foreign', says: expect.stringContaining('refs/heads/main') as string });
  }
  expect(await gitLine({ gitDir, args: ['for-each-ref', '--format=%(refname)'] })).toBe('refs/heads/main');
});

test('another format is refused, here and at a remote', async () => {
  const server = await gitServer();
  const tree = await gitLine({ gitDir: server.gitDir, args: ['mktree'], input: '' });
  await git({ gitDir: server.gitDir, args: ['update-ref', 'refs/taskrun-store/v2', tree] });
  for (const configured of [server.gitDir, server.url]) {
    const error = await failure(openStore({ configured, home: await homeIn() }));
    expect(error).toMatchObject({ kind: 'otherVersion' });
    expect(error.says).toContain('v2');
  }
});

test('a remote that can’t be reached: unreachable, until a host has seen it once', async () => {
  const port = await freePort();
  const home = await homeIn();
  const url = `git://127.0.0.1:${port}/store.git`;
  const error = await failure(openStore({ configured: url, home }));
  expect(error).toMatchObject({ kind: 'unreachable' });
  expect(error.message).toContain(url);

  const server = await gitServer();
  await openStore({ configured: server.url, home });
  await server.stop();
  expect(await openStore({ configured: server.url, home })).toMatchObject({ url: server.url });
});

test('credentials in a URL are never shown', async () => {
  const port = await freePort();
  for (const secret of ['user:s3cret', 's3cret']) {
    const error = await failure(
      openStore({ configured: `http://${secret}@127.0.0.1:${port}/x.git`, home: await homeIn() }),
    );
    expect(error.kind).toBe('unreachable');
    expect(error.says).toContain(`http://***@127.0.0.1:${port}/x.git`);
    expect(`${error.message} ${error.says} ${error.remedy}`).not.toContain('s3cret');
  }
});

test.skipIf(!canMount)('a disk that can’t be written: read-only, and what is there can be read', async () => {
  const disk = await smallDisk('4m');
  const configured = join(disk.dir, 'store.git');
  const store = await openStore({ configured, home: '/nonexistent' });
  const task = aTask();
  const fence = await claim(store, task, aWriter(), { since: [] });
  const { id } = await keep(fence, 'kept');
  disk.makeReadOnly();
  await expect(openStore({ configured, home: '/nonexistent' })).resolves.toEqual(store);
  await expect(claim(store, task, aWriter(), { head: id, since: [] })).rejects.toMatchObject({ kind: 'readOnly' });
  const error = await failure(openStore({ configured: join(disk.dir, 'other.git'), home: '/nonexistent' }));
  expect(error).toMatchObject({ kind: 'readOnly' });
});

test('credentials that git repeats without their URL are not shown either', async () => {
  const error = await failure(
    openStore({ configured: 'git://ana:s3cret@nowhere.invalid/x.git', home: await homeIn() }),
  );
  expect(error.kind).toBe('unreachable');
  expect(error.says).not.toContain('s3cret');
});

test('no git on PATH is said in as many words', async () => {
  const [path, home] = [process.env['PATH'], await homeIn()];
  process.env['PATH'] = home;
  try {
    expect(await failure(openStore({ home }))).toMatchObject({ kind: 'noGit' });
  } finally {
    process.env['PATH'] = path;
  }
  await rm(home, { recursive: true, force: true });
});
