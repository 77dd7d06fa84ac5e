// A moment put back over a workspace that has gone on: what is kept becomes as it was, what is ignored stays.
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { restoreFiles, restoreWorkspace } from '../../../src/context/workspace/restore.js';
import { adoptIndex } from '../../../src/context/workspace/take.js';
import { picture, repositoryPicture } from '../support/workspace-picture.js';
import { commit, restoreElsewhere, scene, take, userGit } from '../support/workspace-store.js';

async function put(at: string, name: string, content = name): Promise<void> {
  await mkdir(dirname(join(at, name)), { recursive: true });
  await writeFile(join(at, name), content);
}
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function withRepository(): Promise<Awaited<ReturnType<typeof scene>>> {
  const at = await scene();
  await userGit(at.workspace, 'init', '-q');
  await put(at.workspace, '.gitignore', 'ignored/\n');
  await put(at.workspace, 'f');
  await userGit(at.workspace, 'add', '-A');
  await userGit(at.workspace, 'commit', '-qm', 'one');
  return at;
}

describe('restored over a workspace that has gone on', () => {
  it('files and repository go back, ignored files, secrets and hooks stay', async () => {
    const at = await withRepository();
    await userGit(at.workspace, 'remote', 'add', 'o', 'https://u:secret@example.com/x');
    await put(at.workspace, 'ignored/x');
    await put(at.workspace, '.env', 'SECRET');
    await put(at.workspace, '.git/hooks/pre-push', 'mine');
    const moment = await commit(at, await take(at));
    const before = [await picture(at.workspace), await repositoryPicture(at.workspace)];
    await put(at.workspace, 'f', 'changed');
    await put(at.workspace, 'new/g');
    await userGit(at.workspace, 'add', '-A');
    await userGit(at.workspace, 'commit', '-qm', 'two');
    await userGit(at.workspace, 'branch', 'more');
    await put(at.workspace, '.git/index.lock', '');
    await mkdir(join(at.workspace, 'empty/deep'), { recursive: true });
    await take(at);
    expect(await restoreWorkspace({ ...at, ...moment })).toEqual({ lacks: [] });
    expect([await picture(at.workspace), await repositoryPicture(at.workspace)]).toEqual(before);
    expect(await readFile(join(at.workspace, '.git/hooks/pre-push'), 'utf8')).toBe('mine');
    expect(await userGit(at.workspace, 'remote', 'get-url', 'o')).toContain('secret');
    expect(await userGit(at.workspace, 'commit', '--allow-empty', '-qm', 'no lock')).toBe('');
  });

  it('a repository that came since goes, if it was kept', async () => {
    const at = await withRepository();
    const first = await take(at);
    const moment = await commit(at, first);
    await put(at.workspace, 'sub/x');
    await userGit(join(at.workspace, 'sub'), 'init', '-q');
    await take(at, { known: first });
    expect(await restoreWorkspace({ ...at, ...moment })).toEqual({ lacks: [] });
    expect(await exists(join(at.workspace, 'sub'))).toBe(false);
  });

  it('a repository that no checkpoint holds stays, and is named', async () => {
    const at = await scene();
    await put(at.workspace, 'f');
    const moment = await commit(at, await take(at));
    await put(at.workspace, 'sub/x');
    await userGit(join(at.workspace, 'sub'), 'init', '-q');
    const { lacks } = await restoreWorkspace({ ...at, ...moment });
    expect(lacks.join()).toMatch(/repository at sub stays/);
    expect(await exists(join(at.workspace, 'sub/.git/HEAD'))).toBe(true);
  });

  it('broken off in the middle, it is mended by running it again', async () => {
    const at = await withRepository();
    const moment = await commit(at, await take(at));
    const before = [await picture(at.workspace), await repositoryPicture(at.workspace)];
    await rm(join(at.workspace, 'f'));
    await rm(join(at.workspace, '.git/HEAD'));
    await rm(join(at.workspace, '.git/index'));
    await writeFile(join(at.privateDir, 'index.lock'), '');
    expect(await restoreWorkspace({ ...at, ...moment })).toEqual({ lacks: [] });
    expect([await picture(at.workspace), await repositoryPicture(at.workspace)]).toEqual(before);
  });

  it('the files alone, as of a merge', async () => {
    const at = await withRepository();
    const { tree } = await take(at);
    const before = await picture(at.workspace);
    await put(at.workspace, 'f', 'changed');
    await put(at.workspace, 'g');
    await take(at);
    await restoreFiles({ ...at, tree });
    expect(await picture(at.workspace)).toEqual(before);
  });
});

it('the next attempt takes over what the last one has read', async () => {
  const at = await withRepository();
  const first = await take(at);
  const next = join(at.root, 'next');
  await adoptIndex(at.privateDir, next);
  expect(await exists(join(at.privateDir, 'index'))).toBe(false);
  expect(await take({ ...at, privateDir: next }, { known: first })).toEqual(first);
  await adoptIndex(join(at.root, 'never-was'), join(at.root, 'other'));
  expect((await take({ ...at, privateDir: join(at.root, 'other') })).tree).toBe(first.tree);
});

it('a secret that was committed comes back as it was committed, and counts as unchanged', async () => {
  const at = await withRepository();
  await put(at.workspace, '.env.production', 'COMMITTED');
  await userGit(at.workspace, 'add', '-f', '.env.production');
  await userGit(at.workspace, 'commit', '-qm', 'with settings');
  await put(at.workspace, '.env.production', 'CHANGED SINCE');
  const restored = await restoreElsewhere(at, await commit(at, await take(at)));
  expect(await readFile(join(restored, '.env.production'), 'utf8')).toBe('COMMITTED');
  expect(await userGit(restored, 'status', '--porcelain')).toBe('');
});

it('a process with another umask restores the same permissions', async () => {
  const at = await scene();
  await put(at.workspace, 'folder/x');
  await put(at.workspace, 'y');
  const moment = await commit(at, await take(at));
  const old = process.umask(0o077);
  try {
    const workspace = await restoreElsewhere(at, moment);
    expect(await picture(workspace)).toEqual(await picture(at.workspace));
  } finally {
    process.umask(old);
  }
});

it('a workspace made with another umask lists no permissions', async () => {
  const at = await scene();
  const old = process.umask(0o002);
  try {
    await put(at.workspace, 'folder/x');
    const taken = await take(at);
    expect(taken.workspace).toEqual({ emptyFolders: [], modes: [], umask: 0o002 });
    process.umask(old);
    expect(await picture(await restoreElsewhere(at, await commit(at, taken)))).toEqual(await picture(at.workspace));
  } finally {
    process.umask(old);
  }
});
