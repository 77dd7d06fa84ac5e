import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { CheckoutRefused, checkoutBranch, checkoutInto } from '../../src/context/checkout.js';
import { UnknownMoment } from '../../src/context/compare/trees.js';
import { momentOf, type Repository, repository } from './support/compare-repository.js';
import { type Files, type PlainStore, plainEnv, plainStore } from './support/compare-store.js';

const FILES: Files = { 'a.txt': 'a\n', 'sub/b.sh': { content: 'b\n', mode: 0o755 }, link: { link: 'a.txt' } };

test('a moment comes into a directory that is missing, or empty', async () => {
  const store = await plainStore();
  const { id } = await store.moment(FILES, { lacks: ['big.bin is too large'] });
  const missing = join(store.dir, 'new', 'place');
  expect(await checkoutInto(store, id, missing)).toEqual({ lacks: ['big.bin is too large'] });
  expect((await readdir(missing)).sort()).toEqual(['a.txt', 'link', 'sub']);
  expect(await readFile(join(missing, 'link'), 'utf8')).toBe('a\n');
  const empty = join(store.dir, 'empty');
  await mkdir(empty);
  await checkoutInto(store, id, empty);
  expect(await readFile(join(empty, 'sub/b.sh'), 'utf8')).toBe('b\n');
});

test('what is there is never overwritten', async () => {
  const store = await plainStore();
  const { id } = await store.moment(FILES);
  const dir = join(store.dir, 'mine\u001b[2J');
  await mkdir(dir);
  await writeFile(join(dir, 'a.txt'), 'mine');
  await symlink(store.dir, join(store.dir, 'link'));
  for (const place of [dir, join(dir, 'a.txt'), join(store.dir, 'link')]) {
    const refused = await checkoutInto(store, id, place).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CheckoutRefused);
    expect((refused as Error).message).toMatch(/Name a directory that is missing or empty/);
    expect((refused as Error).message).not.toContain('\u001b');
  }
  expect(await readFile(join(dir, 'a.txt'), 'utf8')).toBe('mine');
});

test('an unknown moment is refused by name, and leaves nothing', async () => {
  const store = await plainStore();
  const dir = join(store.dir, 'new');
  for (const id of ['0123456789012345678901234567890123456789', 'main', '']) {
    await expect(checkoutInto(store, id, dir)).rejects.toBeInstanceOf(UnknownMoment);
  }
  expect(await readdir(store.dir)).not.toContain('new');
});

test('a checkout that fails on its way leaves the place as it was', async () => {
  const store = await plainStore();
  const { id } = await store.moment(FILES);
  const blob = await store.git(['rev-parse', `${id}:workspace/a.txt`]);
  await rm(join(store.gitDir, 'objects', blob.slice(0, 2), blob.slice(2)));
  const empty = join(store.dir, 'empty');
  await mkdir(empty);
  await expect(checkoutInto(store, id, empty)).rejects.toThrow();
  expect(await readdir(empty)).toEqual([]);
  await expect(checkoutInto(store, id, join(store.dir, 'new'))).rejects.toThrow();
  expect(await readdir(store.dir)).not.toContain('new');
});

const START: Files = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' };

async function userAndWorkspace(store: PlainStore): Promise<{ user: Repository; workspace: Repository }> {
  const user = await repository(join(store.dir, 'user'));
  await user.commit(START);
  const dir = join(store.dir, 'workspace');
  await execa('git', ['clone', '-q', user.dir, dir], { env: plainEnv(), extendEnv: false });
  return { user, workspace: await repository(dir) };
}

test('a branch: the commits that were made, and one more with what was not committed', async () => {
  const store = await plainStore();
  const { user, workspace } = await userAndWorkspace(store);
  const made = await workspace.commit({ 'd.txt': 'd\n' });
  const files = { 'a.txt': 'changed\n', 'c.txt': 'c\n', 'd.txt': 'd\n', 'new/e': 'e\n', '.taskrun/task.md': 'ours' };
  const { id } = await momentOf(store, workspace, files);
  const before = await user.git('status', '--porcelain');
  const { commit } = await checkoutBranch(store, id, user.dir, 'taskrun/work');
  expect(await user.git('rev-parse', 'taskrun/work', 'taskrun/work~1')).toBe(`${commit}\n${made}`);
  expect(await user.git('diff', '--name-status', made, commit)).toBe('M\ta.txt\nD\tb.txt\nA\tnew/e');
  expect(await user.git('log', '-1', '--format=%an <%ae>|%s|%b', commit)).toMatch(
    new RegExp(`^taskrun <taskrun@localhost>\\|Files of compare, attempt \\d+\\|Checkpoint: ${id}\\n?$`),
  );
  expect(await user.git('status', '--porcelain')).toBe(before);
  await user.git('fsck', '--strict', '--no-dangling');
});

test('where everything was committed the branch is that very commit', async () => {
  const store = await plainStore();
  const { user, workspace } = await userAndWorkspace(store);
  const made = await workspace.commit({ 'd.txt': 'd\n' });
  const { id } = await momentOf(store, workspace, { ...START, 'd.txt': 'd\n' });
  expect((await checkoutBranch(store, id, user.dir, 'done')).commit).toBe(made);
});

test.each([
  ['detached', ['checkout', '-q', '--detach']],
  ['on a packed branch', ['pack-refs', '--all']],
])('a repository whose HEAD is %s is built upon', async (_, args) => {
  const store = await plainStore();
  const { user, workspace } = await userAndWorkspace(store);
  const made = await workspace.commit({ 'd.txt': 'd\n' });
  await workspace.git(...args);
  const { id } = await momentOf(store, workspace, START);
  await checkoutBranch(store, id, user.dir, 'work');
  expect(await user.git('rev-parse', 'work~1')).toBe(made);
});

test('secrets that a moment leaves out, and submodules, are not deleted on the branch', async () => {
  const store = await plainStore();
  const { user, workspace } = await userAndWorkspace(store);
  const head = await workspace.git('rev-parse', 'HEAD');
  await workspace.commit({ '.env': 'SECRET=1', 'keys/a.pem': 'x' });
  await workspace.git('update-index', '--add', '--cacheinfo', `160000,${head},lib`);
  await workspace.git('commit', '-q', '-m', 'submodule');
  const { id } = await momentOf(
    store,
    workspace,
    { ...START, 'lib/file': 'plain', x: 'x' },
    { withheld: ['.env', 'keys'] },
  );
  await checkoutBranch(store, id, user.dir, 'work');
  expect(await user.git('diff', '--name-status', 'work~1', 'work')).toBe('A\tx');
});

test('files that a moment lacks are not deleted on the branch, and the caller learns what it lacks', async () => {
  const store = await plainStore();
  const { user, workspace } = await userAndWorkspace(store);
  await workspace.commit({ 'big.bin': 'big', 'locked/x': 'x', 'gone.txt': 'gone' });
  const lacks = ['big.bin is too large to be kept (120 MB)', "locked can't be read and is not kept"];
  const files = { emptyFolders: [], modes: [], omitted: ['big.bin', 'locked'] };
  const { id } = await momentOf(store, workspace, START, { lacks, workspace: files });
  expect((await checkoutBranch(store, id, user.dir, 'work')).lacks).toEqual(lacks);
  expect(await user.git('diff', '--name-status', 'work~1', 'work')).toBe('D\tgone.txt');
});

test('a workspace that was no repository becomes a branch of its own', async () => {
  const store = await plainStore();
  const user = await repository(join(store.dir, 'user'));
  await user.commit(START);
  const { id } = await store.moment(FILES);
  const { commit } = await checkoutBranch(store, id, join(user.dir), 'files');
  expect(await user.git('log', '--format=%H', 'files')).toBe(commit);
  expect(await user.git('ls-tree', '-r', '--name-only', 'files')).toBe('a.txt\nlink\nsub/b.sh');
});

test('a linked worktree, a folder below and a bare repository are found too', async () => {
  const store = await plainStore();
  const user = await repository(join(store.dir, 'user'));
  await user.commit({ 'sub/x': 'x' });
  await user.git('worktree', 'add', '-q', '--detach', join(store.dir, 'linked'));
  const bare = await repository(join(store.dir, 'bare.git'), ['--bare']);
  const { id } = await store.moment(FILES);
  await checkoutBranch(store, id, join(store.dir, 'linked'), 'from-linked');
  await checkoutBranch(store, id, join(user.dir, 'sub'), 'from-sub');
  await checkoutBranch(store, id, bare.dir, 'in-bare');
  expect(await user.git('branch', '--format=%(refname:short)', '--list', 'from-*')).toBe('from-linked\nfrom-sub');
  expect(await bare.git('branch', '--list')).toContain('in-bare');
});

test.each([
  ['main', /is there already and is never overwritten/],
  ['main/x', /can't be made/],
  ['-d', /is no name for a branch/],
  ['HEAD', /is no name for a branch/],
  ['a..b', /is no name for a branch/],
  ['a b\u001b[2J', /is no name for a branch/],
  ['@{-1}', /is no name for a branch/],
  ['', /is no name for a branch/],
])('the branch %j is refused by name', async (branch, why) => {
  const store = await plainStore();
  const user = await repository(join(store.dir, 'user'));
  const head = await user.commit(START);
  const { id } = await store.moment(FILES);
  const refused = await checkoutBranch(store, id, user.dir, branch).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(CheckoutRefused);
  expect((refused as Error).message).toMatch(why);
  expect((refused as Error).message).not.toContain('\u001b');
  expect(await user.git('for-each-ref', '--format=%(refname) %(objectname)')).toBe(`refs/heads/main ${head}`);
});

test('the branch that a repository without a commit is on is refused: its files would look deleted', async () => {
  const store = await plainStore();
  const user = await repository(join(store.dir, 'user'));
  const { id } = await store.moment(FILES);
  await expect(checkoutBranch(store, id, user.dir, 'main')).rejects.toThrow(/checked out, without a commit yet/);
});

test('a moment that lacks the commit its repository stood at is refused: the branch would have no history', async () => {
  const store = await plainStore();
  const { user, workspace } = await userAndWorkspace(store);
  const made = await workspace.commit({ 'd.txt': 'd\n' });
  const { id } = await momentOf(store, workspace, START);
  await rm(join(store.gitDir, 'objects', made.slice(0, 2), made.slice(2)));
  await expect(checkoutBranch(store, id, user.dir, 'work')).rejects.toThrow(`${id} lacks the commit ${made}`);
});

test('a place that is no repository is refused', async () => {
  const store = await plainStore();
  const { id } = await store.moment(FILES);
  await mkdir(join(store.dir, 'plain'));
  await expect(checkoutBranch(store, id, join(store.dir, 'plain'), 'x')).rejects.toThrow(/is in no git repository/);
});

test('a shallow workspace whose older history is nowhere is refused; where the user has it, the branch is made', async () => {
  const store = await plainStore();
  const { user } = await userAndWorkspace(store);
  await user.commit({ 'second.txt': '2' });
  const dir = join(store.dir, 'shallow');
  const clone = ['clone', '-q', '--depth', '1', `file://${user.dir}`, dir];
  await execa('git', clone, { env: plainEnv(), extendEnv: false });
  const shallow = await repository(dir);
  const made = await shallow.commit({ 'third.txt': '3' });
  const { id } = await momentOf(store, shallow, { 'third.txt': '3' });
  const stranger = await repository(join(store.dir, 'stranger'));
  await expect(checkoutBranch(store, id, stranger.dir, 'work')).rejects.toThrow(
    /part of the history .* Fetch it there/s,
  );
  expect(await stranger.git('for-each-ref')).toBe('');
  await checkoutBranch(store, id, user.dir, 'work');
  expect(await user.git('rev-parse', 'work~1')).toBe(made);
  await user.git('fsck', '--strict', '--no-dangling');
});

test("hooks of the user's repository and what the workspace brings do not run", async () => {
  const store = await plainStore();
  const { user, workspace } = await userAndWorkspace(store);
  const marker = join(store.dir, 'marker');
  for (const repo of [user, workspace]) {
    const hook = join(repo.dir, '.git/hooks/reference-transaction');
    await writeFile(hook, `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 });
  }
  await user.git('update-ref', 'refs/heads/springs', 'HEAD');
  expect(await readdir(store.dir)).toContain('marker');
  await rm(marker);
  const { id } = await momentOf(store, workspace, { ...START, '.gitattributes': '* filter=evil\n' });
  await rm(marker, { force: true });
  await checkoutBranch(store, id, user.dir, 'work');
  expect(await readdir(store.dir)).not.toContain('marker');
});
