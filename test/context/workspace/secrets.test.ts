// No secret of a workspace is anywhere in the store: every object of it is searched.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { git } from '../../../src/context/git.js';
import { restoreWorkspace } from '../../../src/context/workspace/restore.js';
import { scrubbed } from '../../../src/context/workspace/scrub.js';
import { isSecretName } from '../../../src/context/workspace/secrets.js';
import { commit, restoreElsewhere, scene, take, userGit } from '../support/workspace-store.js';

const SECRET = 'hunter2-hunter2-hunter2';

async function put(at: string, name: string, content = SECRET): Promise<void> {
  await mkdir(dirname(join(at, name)), { recursive: true });
  await writeFile(join(at, name), content);
}

const everything = async (gitDir: string): Promise<string> =>
  (await git({ gitDir, args: ['cat-file', '--batch-all-objects', '--batch'] })).toString('latin1');

const BY_NAME = [
  '.env',
  '.env.local',
  'app/.env.production',
  '.credentials.json',
  '.claude.json',
  '.netrc',
  '.git-credentials',
  'id_rsa',
  'keys/id_ed25519',
  'id_ecdsa_sk',
  'tls/server.pem',
  'tls/server.key',
  '.npmrc',
  '.pypirc',
  'UPPER.PEM',
];

describe('secrets stay behind', () => {
  it('by name, and are listed', async () => {
    const at = await scene();
    for (const name of BY_NAME) await put(at.workspace, name);
    await put(at.workspace, '.env.example', 'KEY=');
    const taken = await take(at);
    expect(await everything(at.gitDir)).not.toContain(SECRET);
    expect(taken.withheld).toEqual([...BY_NAME].sort());
    expect(taken.lacks).toEqual([]);
    expect((await git({ gitDir: at.gitDir, args: ['ls-tree', '-r', '--name-only', taken.tree] })).toString()).toBe(
      '.env.example\n',
    );
  });

  it('also when the workspace asks for them back, at once or later', async () => {
    const at = await scene();
    await put(at.workspace, 'x', 'x');
    const first = await take(at);
    for (const name of BY_NAME) await put(at.workspace, name);
    await put(at.workspace, '.gitignore', '!.env\n!*.pem\n!.npmrc\n!id_rsa\n!*\n');
    await put(at.workspace, 'deep/.gitignore', '!.env\n');
    await put(at.workspace, 'deep/.env');
    const taken = await take(at, { known: first });
    expect(await everything(at.gitDir)).not.toContain(SECRET);
    expect(taken.withheld).toEqual([...BY_NAME, 'deep/.env'].sort());
  });

  it('whatever the ignore rules name, of the workspace and of each repository', async () => {
    const at = await scene();
    await userGit(at.workspace, 'init', '-q');
    await userGit(at.workspace, 'init', '-q', 'inner');
    await put(at.workspace, '.gitignore', 'ignored.txt\nbuild/\n');
    await put(at.workspace, 'nested/.gitignore', '/mine\n');
    await put(at.workspace, '.git/info/exclude', 'private.txt\n');
    await put(at.workspace, 'inner/.git/info/exclude', '# comment\n/own.txt\nanywhere\nfolder/\na/b\n');
    const hidden = [
      'ignored.txt',
      'build/x',
      'nested/mine',
      'private.txt',
      'inner/own.txt',
      'inner/deep/anywhere',
      'inner/folder/x',
      'inner/a/b',
    ];
    for (const name of hidden) await put(at.workspace, name);
    await put(at.workspace, 'inner/seen', 'x');
    await put(at.workspace, 'own.txt', 'x');
    const taken = await take(at);
    expect(await everything(at.gitDir)).not.toContain(SECRET);
    const names = (await git({ gitDir: at.gitDir, args: ['ls-tree', '-r', '--name-only', taken.tree] }))
      .toString()
      .split('\n');
    expect(names).toEqual(['.gitignore', 'inner/seen', 'nested/.gitignore', 'own.txt', '']);
    expect(taken.withheld).toEqual([]);
  });

  it('the state of a repository is scrubbed, and the repository still works', async () => {
    const at = await scene();
    await userGit(at.workspace, 'init', '-q');
    await put(at.workspace, 'f', 'x');
    await userGit(at.workspace, 'add', 'f');
    await userGit(at.workspace, 'commit', '-qm', 'x');
    await userGit(at.workspace, 'remote', 'add', 'origin', `https://user:${SECRET}@example.com/x.git`);
    await userGit(at.workspace, 'remote', 'add', 'token', `https://${SECRET}@example.com/x.git`);
    await userGit(at.workspace, 'config', 'http.https://example.com/.extraheader', `AUTHORIZATION: basic ${SECRET}`);
    await userGit(at.workspace, 'config', 'credential.helper', `!echo ${SECRET}`);
    await userGit(at.workspace, 'config', 'user.name', 'kept');
    await put(
      at.workspace,
      '.git/FETCH_HEAD',
      `${'a'.repeat(40)}\t\tbranch 'x' of https://u:${SECRET}@example.com/x\n`,
    );
    await put(
      at.workspace,
      '.git/logs/refs/remotes/origin/main',
      `${'0'.repeat(40)} ${'a'.repeat(40)} u <u> 1 +0000\tclone: from https://u:${SECRET}@example.com/x\n`,
    );
    await put(at.workspace, '.git/.git-credentials');
    await put(at.workspace, '.env');
    await userGit(at.workspace, 'add', '-f', '.env');
    const taken = await take(at);
    expect(await everything(at.gitDir)).not.toContain(SECRET);
    const withheld = 'the repository at .: .git/.git-credentials is withheld: it is called like a secret';
    expect(taken.lacks).toEqual([withheld]);
    expect((await take(at, { known: taken })).lacks).toEqual([withheld]);
    const restored = await restoreElsewhere(at, await commit(at, taken));
    expect(await userGit(restored, 'remote', 'get-url', 'origin')).toBe('https://example.com/x.git');
    expect(await userGit(restored, 'config', 'user.name')).toBe('kept');
    expect(await userGit(restored, 'status', '--porcelain')).toBe('');
    expect(await userGit(restored, 'fsck')).not.toContain('missing');
  });

  it('a secret that comes into a .git later is listed then', async () => {
    const at = await scene();
    await userGit(at.workspace, 'init', '-q');
    const first = await take(at);
    expect(first.lacks).toEqual([]);
    await put(at.workspace, '.git/tls/server.key');
    const second = await take(at, { known: first });
    expect(second.lacks.join()).toMatch(/\.git\/tls\/server\.key is withheld/);
    expect(await everything(at.gitDir)).not.toContain(SECRET);
  });

  it.each(['.', 'mirrors/x.git'])(
    'a bare repository at %s is scrubbed too, and goes on with what it had',
    async (where) => {
      const at = await scene();
      const bare = join(at.workspace, where);
      await mkdir(bare, { recursive: true });
      await userGit(bare, 'init', '-q', '--bare', '.');
      await put(at.workspace, 'x', 'x');
      const plain = await commit(at, await take(at));
      await userGit(bare, 'remote', 'add', 'origin', `https://user:${SECRET}@example.com/x.git`);
      await put(bare, 'FETCH_HEAD', `${'a'.repeat(40)}\t\tbranch 'x' of https://u:${SECRET}@example.com/x\n`);
      const taken = await take(at);
      expect(taken.lacks).toEqual([]);
      expect((await take(at, { known: taken })).tree).toBe(taken.tree);
      expect(await everything(at.gitDir)).not.toContain(SECRET);
      const moment = await commit(at, taken);
      const url = (place: string): Promise<string> => userGit(join(place, where), 'remote', 'get-url', 'origin');
      expect(await url(await restoreElsewhere(at, moment))).toBe('https://example.com/x.git');
      // Back to the very same: the credentials stay. Back to one without the remote: they are moved aside with it.
      expect(await restoreWorkspace({ ...at, ...moment })).toEqual({ lacks: [] });
      expect(await url(at.workspace)).toContain(SECRET);
      await take(at);
      const { lacks } = await restoreWorkspace({ ...at, ...plain });
      expect(lacks.join('\n')).toMatch(
        /config was in the way.*\n.*FETCH_HEAD was in the way|FETCH_HEAD was.*\n.*config was/,
      );
      expect(await readFile(join(bare, `config.before-${plain.id.slice(0, 8)}`), 'utf8')).toContain(SECRET);
      await take(at);
      expect(await everything(at.gitDir)).not.toContain(SECRET);
    },
  );

  it('a bare repository that comes to have credentials', async () => {
    const at = await scene();
    await userGit(at.workspace, 'init', '-q', '--bare', 'b.git');
    const first = await take(at);
    await userGit(join(at.workspace, 'b.git'), 'config', 'http.extraheader', SECRET);
    const second = await take(at, { known: first });
    await put(join(at.workspace, 'b.git'), 'config', `[http]\n\textraheader = ${SECRET}\n[a]\n\tb = c\n`);
    const third = await take(at, { known: second });
    expect(await everything(at.gitDir)).not.toContain(SECRET);
    expect(second.tree).not.toBe(third.tree);
    const config = await git({ gitDir: at.gitDir, args: ['cat-file', 'blob', `${third.tree}:b.git/config`] });
    expect(config.toString()).toBe('[http]\n[a]\n\tb = c\n');
    await put(join(at.workspace, 'b.git'), 'config', `${'#'.repeat(2_000_000)}\n[http]\n\textraheader = ${SECRET}\n`);
    const last = await take(at, { known: third });
    expect(last.lacks.join()).toMatch(/^b\.git\/config is not kept/);
    expect(last.workspace.omitted).toEqual(['b.git/config']);
    expect(await everything(at.gitDir)).not.toContain(SECRET);
  });
});

it.each([
  ['[remote "o"]\n\turl = ssh://git:pw@host/x\n', '[remote "o"]\n\turl = ssh://git@host/x\n'],
  ['[remote "o"]\n\turl = ssh://git@host/x\n', '[remote "o"]\n\turl = ssh://git@host/x\n'],
  ['[url "https://tok@h/"]\n\tinsteadOf = h:\n', '[url "https://h/"]\n\tinsteadOf = h:\n'],
  ['[http] extraHeader = X: y\n\tproxy = http://u:p@q\n', '[http]\n\tproxy = http://q\n'],
  ['[credential "x"]\n\thelper = y\n[user]\n\tname = z\n', '[user]\n\tname = z\n'],
  ['[http]\n\textraheader = a\\\n b\n\tx = y\n', '[http]\n\tx = y\n'],
])('configuration %j becomes %j', (from, to) => {
  expect(scrubbed('config', Buffer.from(from)).toString()).toBe(to);
});

it('a branch may be called like a key', () => {
  expect(isSecretName('server.key')).toBe(true);
  expect(isSecretName('.env.example')).toBe(false);
  expect(isSecretName('environment')).toBe(false);
});
