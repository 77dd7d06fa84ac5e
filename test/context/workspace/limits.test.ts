// What can't be kept is said, and everything else is kept.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, open, readdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { git } from '../../../src/context/git.js';
import type { Taken } from '../../../src/context/workspace/take.js';
import { DEFAULT_LIMITS } from '../../../src/context/workspace/take.js';
import type { Scene } from '../support/workspace-store.js';
import { scene, take, userGit } from '../support/workspace-store.js';

const names = async (at: Scene, tree: string): Promise<string[]> =>
  (await git({ gitDir: at.gitDir, args: ['ls-tree', '-r', '--name-only', tree] })).toString().split('\n').slice(0, -1);
const put = (at: Scene, name: string, content = name): Promise<void> => writeFile(join(at.workspace, name), content);

describe('a limit that is exceeded is named, and the rest is kept', () => {
  it('a file too large, also one that grew; it comes back when it has shrunk', async () => {
    const at = await scene();
    await put(at, 'small');
    await put(at, 'big');
    const first = await take(at);
    await truncate(join(at.workspace, 'big'), 5 * 1024 ** 3);
    await put(at, 'other');
    const second = await take(at, { known: first });
    expect(second.lacks).toEqual(['big is too large to be kept (5120 MB)']);
    expect(second.workspace.omitted).toEqual(['big']);
    expect(await names(at, second.tree)).toEqual(['other', 'small']);
    expect((await take(at, { known: second })).tree).toBe(second.tree);
    await truncate(join(at.workspace, 'big'), 3);
    const third = await take(at, { known: second });
    expect(third.lacks).toEqual([]);
    expect(third.workspace).toEqual({ emptyFolders: [], modes: [] });
    expect(await names(at, third.tree)).toEqual(['big', 'other', 'small']);
  });

  it('too many files: the folders with the most of them are left out', async () => {
    const at = await scene();
    for (const folder of ['many', 'few']) await mkdir(join(at.workspace, folder));
    for (let n = 0; n < 50; n += 1) await put(at, `many/${n}`);
    await put(at, 'few/x');
    const taken = await take(at, { limits: { ...DEFAULT_LIMITS, files: 20 } });
    expect(await names(at, taken.tree)).toEqual(['few/x']);
    expect(taken.lacks.join()).toMatch(/many with its 50 files is left out: at most 20/);
    expect(taken.workspace.omitted).toEqual(['many']);
  });

  it('too much in all: the largest files are left out; what is ignored does not count', async () => {
    const at = await scene();
    await put(at, '.gitignore', 'ignored\n');
    await put(at, 'ignored', 'x'.repeat(10_000));
    await put(at, 'a', 'x'.repeat(900));
    await put(at, 'b', 'x'.repeat(300));
    await put(at, 'c', 'x'.repeat(100));
    const limits = { ...DEFAULT_LIMITS, totalBytes: 1_000 };
    const taken = await take(at, { limits });
    expect(await names(at, taken.tree)).toEqual(['.gitignore', 'b', 'c']);
    expect(taken.lacks.join()).toMatch(/^a is left out/);
    await rm(join(at.workspace, 'a'));
    expect((await take(at, { limits })).lacks).toEqual([]);
  });

  it('too little time: all of the checkpoint before stays', async () => {
    const at = await scene();
    await put(at, 'x');
    await put(at, '.env');
    await mkdir(join(at.workspace, 'empty'));
    await mkdir(join(at.workspace, '.GIT'));
    await chmod(join(at.workspace, 'x'), 0o600);
    const first = await take(at);
    expect(first.workspace).toEqual({ emptyFolders: ['empty'], modes: [['x', 0o600]] });
    await put(at, 'y');
    const late = await take(at, { known: first, limits: { ...DEFAULT_LIMITS, timeMs: 1 } });
    expect(late).toEqual({ ...first, lacks: [...first.lacks, expect.stringMatching(/within 0.001 s/)] });
    expect(first.withheld).toEqual(['.env']);
    const later = await take(at, { known: late, limits: { ...DEFAULT_LIMITS, timeMs: 1 } });
    expect(later.lacks).toEqual(late.lacks);
    await rm(join(at.workspace, '.GIT'), { recursive: true });
    expect(late.lacks.join()).toMatch(/within 0.001 s/);
    expect(await names(at, (await take(at, { known: first })).tree)).toEqual(['x', 'y']);
  });

  it('a caller that gives up gets its own reason, and nothing is left behind', async () => {
    const at = await scene();
    await put(at, 'x');
    const gone = new AbortController();
    gone.abort(new Error('drained'));
    await expect(take(at, { signal: gone.signal })).rejects.toThrow();
    expect((await readdir(join(at.gitDir, 'objects'))).filter((name) => name.startsWith('tmp_'))).toEqual([]);
  });
});

describe('what git can not keep is named', () => {
  it('pipes and sockets', async () => {
    const at = await scene();
    await put(at, 'x');
    spawnSync('mkfifo', [join(at.workspace, 'pipe')]);
    const server = createServer().listen(join(at.workspace, 'socket'));
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const taken = await take(at);
    expect(taken.lacks.sort()).toEqual([
      'pipe is not kept: a pipe, socket or device',
      'socket is not kept: a pipe, socket or device',
    ]);
    expect(taken.workspace.omitted).toEqual(['pipe', 'socket']);
  });

  it('names that are .git in another case', async () => {
    const at = await scene();
    await put(at, 'x');
    await mkdir(join(at.workspace, '.GIT'));
    await put(at, '.GIT/y');
    const taken = await take(at);
    expect(await names(at, taken.tree)).toEqual(['x']);
    expect(taken.lacks.join()).toMatch(/\.GIT is not kept/);
  });

  it('a link called .gitmodules', async () => {
    const at = await scene();
    await put(at, 'x');
    await symlink('x', join(at.workspace, '.gitmodules'));
    const taken = await take(at);
    expect(await names(at, taken.tree)).toEqual(['x']);
    expect(taken.lacks.join()).toMatch(/gitmodules/);
  });

  it('a repository whose objects are gone', async () => {
    const at = await scene();
    await userGit(at.workspace, 'init', '-q');
    await put(at, 'f');
    await userGit(at.workspace, 'add', '-A');
    await userGit(at.workspace, 'commit', '-qm', 'x');
    const blob = await userGit(at.workspace, 'rev-parse', 'HEAD:f');
    await rm(join(at.workspace, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    const taken = await take(at);
    expect(await names(at, taken.tree)).toEqual(['f']);
    expect(taken.lacks.join()).toMatch(/the repository at \. *: its objects are not whole/);
  });

  it('files and folders that may not be read', async () => {
    const at = await scene();
    await unreadableThings(at);
    const taken = await takeAsSomebody(at);
    expect(taken.lacks.join('\n')).toMatch(/\bfolder\b/);
    expect(taken.lacks.join('\n')).toMatch(/\bfile\b/);
    expect(await names(at, taken.tree)).toEqual(['x']);
  });
});

/** Root may read everything: the right to is given up for as long as it takes. */
async function takeAsSomebody(at: Scene): Promise<Taken> {
  if (process.getuid?.() !== 0) return take(at);
  for (const path of [at.root, at.gitDir, at.workspace]) await execa('chown', ['-R', '65534', path]);
  process.seteuid?.(65534);
  try {
    return await take(at);
  } finally {
    process.seteuid?.(0);
  }
}

async function unreadableThings(at: Scene): Promise<void> {
  await put(at, 'x');
  await put(at, 'file');
  await mkdir(join(at.workspace, 'folder'));
  await put(at, 'folder/y');
  for (const name of ['file', 'folder']) await chmod(join(at.workspace, name), 0);
  onTestFinished(() => chmod(join(at.workspace, 'folder'), 0o700));
}

it('an index that names objects which the store has lost is made anew', async () => {
  const at = await scene();
  await put(at, 'x');
  await mkdir(join(at.workspace, 'd'));
  await put(at, 'd/y');
  // Old enough that git trusts its index without a look at them.
  for (const name of ['x', 'd/y']) await utimes(join(at.workspace, name), 1_000_000, 1_000_000);
  const first = await take(at);
  await rm(join(at.gitDir, 'objects'), { recursive: true });
  await mkdir(join(at.gitDir, 'objects'));
  const again = await take(at);
  expect(again.tree).toBe(first.tree);
  expect(await names(at, again.tree)).toEqual(['d/y', 'x']);
  const blob = await git({ gitDir: at.gitDir, args: ['cat-file', 'blob', `${again.tree}:d/y`] });
  expect(blob.toString()).toBe('d/y');
});

it('a lock that a killed process left is no hindrance', async () => {
  const at = await scene();
  await put(at, 'x');
  await take(at);
  for (const name of ['index.lock', 'index.next', 'index.next.lock'])
    await (await open(join(at.privateDir, name), 'w')).close();
  await put(at, 'y');
  expect(await names(at, (await take(at)).tree)).toEqual(['x', 'y']);
});
