// A hostile workspace runs nothing and reaches nothing outside of itself, neither when it is taken nor when restored
// over; a hostile store writes nothing outside of the workspace.
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { git } from '../../../src/context/git.js';
import { restoreWorkspace } from '../../../src/context/workspace/restore.js';
import type { Scene } from '../support/workspace-store.js';
import { commit, restoreElsewhere, scene, take, userGit } from '../support/workspace-store.js';

const OUTSIDE = 'what-is-outside-stays-outside';

async function put(path: string, content = path, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  await chmod(path, mode);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
const everything = async (gitDir: string): Promise<string> =>
  (await git({ gitDir, args: ['cat-file', '--batch-all-objects', '--batch'] })).toString('latin1');

/** Everything that git is known to start, each leaving the same mark. */
async function plantTraps(at: Scene, folder: string, mark: string): Promise<void> {
  const trap = join(at.root, 'trap.sh');
  await put(trap, `#!/bin/sh\necho "$0 $*" >> ${mark}\ncat\n`, 0o755);
  await mkdir(folder, { recursive: true });
  await userGit(folder, 'init', '-q');
  await put(join(folder, 'a.x'), 'a');
  await userGit(folder, 'add', '-A');
  await userGit(folder, 'commit', '-qm', 'x');
  for (const hook of [
    'post-checkout',
    'pre-commit',
    'post-index-change',
    'reference-transaction',
    'post-commit',
    'fsmonitor-watchman',
    'pre-auto-gc',
  ])
    await put(join(folder, '.git/hooks', hook), `#!/bin/sh\necho ${hook} >> ${mark}\n`, 0o755);
  const config = `
[core]
\trepositoryformatversion = 1
\tfsmonitor = ${trap}
\thooksPath = ${join(folder, '.git/hooks')}
\tsshCommand = ${trap}
\teditor = ${trap}
\tpager = ${trap}
\taskPass = ${trap}
\tgitProxy = ${trap}
\talternateRefsCommand = ${trap}
\tattributesFile = ${join(folder, 'attributes')}
\tworktree = ${at.root}
[filter "evil"]
\tclean = ${trap}
\tsmudge = ${trap}
\tprocess = ${trap}
\trequired = true
[diff "evil"]
\ttextconv = ${trap}
\tcommand = ${trap}
[diff]
\texternal = ${trap}
[extensions]
\tpartialClone = evil
[remote "evil"]
\tpromisor = true
\tpartialCloneFilter = blob:none
\turl = ext::${trap}
\tuploadpack = ${trap}
[uploadpack]
\tpackObjectsHook = ${trap}
[include]
\tpath = ${join(at.root, 'included')}
[includeIf "gitdir:/"]
\tpath = ${join(at.root, 'included')}
[alias]
\tadd = !${trap}
[gpg]
\tprogram = ${trap}
[credential]
\thelper = !${trap}
`;
  await put(join(at.root, 'included'), `[core]\n\tfsmonitor = ${trap}\n`);
  await put(join(folder, '.git/config'), config);
  await put(join(folder, 'attributes'), '* filter=evil diff=evil\n');
  await put(join(folder, '.gitattributes'), '* filter=evil diff=evil merge=evil\n');
  await put(join(folder, '.git/info/attributes'), '* filter=evil diff=evil\n');
  await put(join(folder, 'a.x'), 'changed');
  await put(join(folder, 'b.x'), 'new');
}

describe('nothing of a workspace runs', () => {
  it.each(['.', 'inner'])('neither when it is taken nor when it is restored over: traps at %s', async (folder) => {
    const at = await scene();
    const mark = join(at.root, 'mark');
    const place = join(at.workspace, folder);
    await plantTraps(at, place, mark);
    // The traps are live: what a person does here falls into them.
    await userGit(place, 'status');
    expect(await exists(mark)).toBe(true);
    await writeFile(mark, '');
    const first = await take(at);
    await put(join(place, 'c.x'), 'more');
    const second = await take(at, { known: first });
    const moment = await commit(at, first);
    await restoreWorkspace({ ...at, ...moment });
    await restoreElsewhere(at, moment);
    expect(await readFile(mark, 'utf8')).toBe('');
    expect(second.lacks).toEqual([]);
    expect(await exists(join(place, 'c.x'))).toBe(false);
  });

  it('a missing object is not fetched from a promisor', async () => {
    const at = await scene();
    const mark = join(at.root, 'mark');
    await plantTraps(at, at.workspace, mark);
    const blob = await readdir(join(at.workspace, '.git/objects'));
    await put(join(at.workspace, '.git/refs/heads/lost'), `${'1'.repeat(40)}\n`);
    expect(blob.length).toBeGreaterThan(2);
    const taken = await take(at);
    expect(taken.lacks.join()).toMatch(/refs\/heads\/lost names 1{40}/);
    expect(await exists(mark)).toBe(false);
  });
});

describe('nothing outside of a workspace is read', () => {
  async function outside(at: Scene): Promise<string> {
    const place = join(at.root, 'outside');
    await mkdir(place);
    await userGit(place, 'init', '-q');
    await put(join(place, 'secret'), OUTSIDE);
    await userGit(place, 'add', '-A');
    await userGit(place, 'commit', '-qm', OUTSIDE);
    return place;
  }
  const head = (place: string): Promise<string> => userGit(place, 'rev-parse', 'HEAD');

  it.each(['link', 'file', 'alternates', 'objects link', 'pack link', 'ref link'])('by a .git %s', async (how) => {
    const at = await scene();
    const other = await outside(at);
    await put(join(at.workspace, 'sub/plain'), 'plain');
    const dotGit = join(at.workspace, 'sub/.git');
    if (how === 'link') await symlink(join(other, '.git'), dotGit);
    else if (how === 'file') await put(dotGit, `gitdir: ${join(other, '.git')}\n`);
    else {
      await userGit(join(at.workspace, 'sub'), 'init', '-q');
      await put(join(dotGit, 'refs/heads/main'), `${await head(other)}\n`);
      const { rm } = await import('node:fs/promises');
      if (how === 'alternates') await put(join(dotGit, 'objects/info/alternates'), `${join(other, '.git/objects')}\n`);
      if (how === 'objects link') {
        await rm(join(dotGit, 'objects'), { recursive: true });
        await symlink(join(other, '.git/objects'), join(dotGit, 'objects'));
      }
      if (how === 'pack link') {
        await userGit(other, 'gc', '-q');
        await rm(join(dotGit, 'objects/pack'), { recursive: true });
        await symlink(join(other, '.git/objects/pack'), join(dotGit, 'objects/pack'));
      }
      if (how === 'ref link') await symlink(join(other, 'secret'), join(dotGit, 'refs/heads/linked'));
    }
    const taken = await take(at);
    expect(taken.lacks).not.toEqual([]);
    expect(await everything(at.gitDir)).not.toContain(OUTSIDE);
    expect((await git({ gitDir: at.gitDir, args: ['ls-tree', '-r', '--name-only', taken.tree] })).toString()).toBe(
      'sub/plain\n',
    );
  });
});

describe('nothing outside of a workspace is written', () => {
  it('through links that stand where a repository, an empty folder or a permission goes', async () => {
    const at = await scene();
    const other = join(at.root, 'outside');
    await mkdir(other);
    await put(join(at.workspace, 'r/f'), 'f');
    await userGit(join(at.workspace, 'r'), 'init', '-q');
    await mkdir(join(at.workspace, 'e/deep'), { recursive: true });
    await put(join(at.workspace, 'm/x'), 'x', 0o600);
    const good = await take(at);
    const moment = await commit(at, good);
    // The same description over files in which those folders are links to the outside.
    const empty = await scene();
    for (const name of ['r', 'e', 'm']) await symlink(other, join(empty.workspace, name));
    await put(join(other, 'x'), 'x', 0o644);
    const links = await take({ ...empty, gitDir: at.gitDir });
    const forged = await commit(at, { ...good, tree: links.tree });
    const { lacks } = await restoreWorkspace({
      gitDir: at.gitDir,
      workspace: join(at.root, 'target'),
      privateDir: join(at.root, 'p2'),
      id: forged.id,
      moment: moment.moment,
    });
    expect(lacks.join()).toMatch(/r is not restored: a link stands in its way/);
    expect(await readdir(other)).toEqual(['x']);
    expect((await stat(join(other, 'x'))).mode & 0o777).toBe(0o644);
  });

  it('through links inside a .git that is there already', async () => {
    const at = await scene();
    await put(join(at.workspace, 'f'), 'f');
    await userGit(at.workspace, 'init', '-q');
    await userGit(at.workspace, 'add', '-A');
    await userGit(at.workspace, 'commit', '-qm', 'x');
    const moment = await commit(at, await take(at));
    const other = join(at.root, 'outside');
    await put(join(other, 'heads/keep'), 'keep');
    const { rm } = await import('node:fs/promises');
    await rm(join(at.workspace, '.git/refs'), { recursive: true });
    await symlink(other, join(at.workspace, '.git/refs'));
    await rm(join(at.workspace, '.git/objects'), { recursive: true });
    await symlink(other, join(at.workspace, '.git/objects'));
    await restoreWorkspace({ ...at, ...moment });
    expect(await readdir(other)).toEqual(['heads']);
    expect(await readdir(join(other, 'heads'))).toEqual(['keep']);
    expect(await userGit(at.workspace, 'log', '--format=%s')).toBe('x');
  });

  it('by names in the state of a repository that lead out', async () => {
    const at = await scene();
    await put(join(at.workspace, 'f'), 'f');
    await userGit(at.workspace, 'init', '-q');
    const good = await take(at);
    const bytes = (text: string): Buffer => Buffer.from(text);
    const write = async (type: string, content: Buffer): Promise<string> =>
      (
        await git({
          gitDir: at.gitDir,
          args: ['hash-object', '-w', '--literally', '-t', type, '--stdin'],
          input: content,
        })
      )
        .toString()
        .trim();
    const blob = await write('blob', bytes('escaped'));
    const entry = (mode: string, name: string, id: string): Buffer =>
      Buffer.concat([bytes(`${mode} ${name}\0`), Buffer.from(id, 'hex')]);
    const up = await write('tree', entry('100644', 'escaped', blob));
    const stateTree = await write(
      'tree',
      Buffer.concat([entry('40000', '..', up), entry('100644', 'HEAD', blob), entry('40000', 'hooks', up)]),
    );
    const forged = await commit(at, { ...good, repositories: good.repositories.map((one) => ({ ...one, stateTree })) });
    const workspace = join(at.root, 'target');
    await restoreWorkspace({ gitDir: at.gitDir, workspace, privateDir: join(at.root, 'p2'), ...forged });
    expect(await exists(join(workspace, 'escaped'))).toBe(false);
    expect(await exists(join(workspace, '.git/hooks/escaped'))).toBe(false);
    expect(await readFile(join(workspace, '.git/HEAD'), 'utf8')).toBe('escaped');
  });
});
