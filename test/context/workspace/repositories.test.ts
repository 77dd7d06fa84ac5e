// Git repositories inside a workspace come back as their user left them: every branch, stash, staged file, log entry,
// and whatever was under way.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { picture, repositoryPicture } from '../support/workspace-picture.js';
import { commit, restoreElsewhere, scene, take, userGit } from '../support/workspace-store.js';

type Case = { make: (at: string) => Promise<unknown>; folders?: string[]; lacks?: RegExp };

const put = async (at: string, name: string, content = name): Promise<void> => {
  await mkdir(join(at, name, '..'), { recursive: true });
  await writeFile(join(at, name), content);
};

async function repository(at: string, folder = '.'): Promise<string> {
  const place = join(at, folder);
  await mkdir(place, { recursive: true });
  await userGit(place, 'init', '-q');
  await save(place, 'a', 'one\n');
  await save(place, 'b', 'two\n');
  return place;
}

async function save(place: string, name: string, content: string): Promise<void> {
  await put(place, name, content);
  await userGit(place, 'add', '-A');
  await userGit(place, 'commit', '-qm', `${name} ${content.trim()}`);
}

const CASES: Record<string, Case> = {
  'commits and nothing else': { make: (at) => repository(at) },
  'below the root': { make: (at) => repository(at, 'sub/project'), folders: ['sub/project'] },
  several: { make: async (at) => [await repository(at, 'x'), await repository(at, 'y')], folders: ['x', 'y'] },
  'nested in one another': {
    make: async (at) => [await repository(at), await repository(at, 'in'), await repository(at, 'in/deeper')],
    folders: ['.', 'in', 'in/deeper'],
  },
  'changed, staged, untracked and deleted files': {
    make: async (at) => {
      await repository(at);
      await put(at, 'staged');
      await userGit(at, 'add', 'staged');
      await put(at, 'staged', 'and changed again');
      await put(at, 'untracked');
      await rm(join(at, 'a'));
      await userGit(at, 'rm', '-q', 'b');
    },
  },
  'branches, tags of both kinds, a tag of a tag, a tagged file': {
    make: async (at) => {
      await repository(at);
      await userGit(at, 'branch', 'side', 'HEAD~1');
      await userGit(at, 'tag', 'light');
      await userGit(at, 'tag', '-a', '-m', 'said', 'heavy', 'HEAD~1');
      await userGit(at, 'tag', '-a', '-m', 'again', 'double', 'heavy');
      await userGit(at, 'tag', 'file', 'HEAD:a');
      await userGit(at, 'tag', 'tree', 'HEAD^{tree}');
    },
  },
  'stashes, with untracked files': {
    make: async (at) => {
      await repository(at);
      await put(at, 'a', 'stashed');
      await put(at, 'new', 'untracked and stashed');
      await userGit(at, 'stash', 'push', '-q', '--include-untracked');
      await put(at, 'a', 'stashed too');
      await userGit(at, 'stash');
    },
  },
  'a detached HEAD with a commit that no branch has': {
    make: async (at) => {
      await repository(at);
      await userGit(at, 'checkout', '-q', '--detach', 'HEAD~1');
      await save(at, 'lonely', 'x');
    },
  },
  'commits that only the reflog knows': {
    make: async (at) => {
      await repository(at);
      await save(at, 'c', 'lost');
      await userGit(at, 'reset', '-q', '--hard', 'HEAD~2');
      await userGit(at, 'commit', '-q', '--amend', '-m', 'amended');
    },
  },
  'a merge under way, with conflicts': {
    make: async (at) => {
      await repository(at);
      await userGit(at, 'checkout', '-qb', 'other', 'HEAD~1');
      await save(at, 'b', 'theirs');
      await userGit(at, 'checkout', '-q', 'main');
      await save(at, 'b', 'ours');
      await userGit(at, 'merge', 'other');
    },
  },
  'a rebase under way': {
    make: async (at) => {
      await repository(at);
      await userGit(at, 'checkout', '-qb', 'other', 'HEAD~1');
      await save(at, 'b', 'theirs');
      await save(at, 'z', 'last');
      await userGit(at, 'rebase', 'main');
    },
  },
  'no commit yet, but a staged file': {
    make: async (at) => {
      await userGit(at, 'init', '-q');
      await put(at, 'first');
      await userGit(at, 'add', 'first');
    },
  },
  'packed refs and objects': {
    make: async (at) => {
      await repository(at);
      await userGit(at, 'tag', '-a', '-m', 'x', 'v1');
      await userGit(at, 'gc', '-q');
      await userGit(at, 'pack-refs', '--all');
    },
  },
  'a shallow clone': {
    make: async (at) => {
      await repository(at, 'origin');
      await userGit(at, 'clone', '-q', '--depth=1', `file://${join(at, 'origin')}`, 'clone');
      await save(join(at, 'clone'), 'c', 'on top');
      await rm(join(at, 'origin'), { recursive: true });
    },
    folders: ['clone'],
  },
  'a submodule': {
    make: async (at) => {
      await repository(at, 'library');
      await repository(at, 'main');
      await userGit(join(at, 'main'), 'submodule', '--quiet', 'add', '../library', 'lib');
      await userGit(join(at, 'main'), 'commit', '-qm', 'with a submodule');
      await save(join(at, 'main/lib'), 'c', 'inside');
    },
    folders: ['main', 'main/lib', 'library'],
  },
  'a further work tree': {
    make: async (at) => {
      await repository(at, 'main');
      await userGit(join(at, 'main'), 'worktree', 'add', '-q', '-b', 'other', '../tree');
      await put(at, 'tree/staged');
      await userGit(join(at, 'tree'), 'add', '-A');
    },
    folders: ['main', 'tree'],
  },
  'ignored by the repository, yet tracked': {
    make: async (at) => {
      await repository(at);
      await put(at, '.gitignore', '*.log\n');
      await put(at, 'kept.log');
      await userGit(at, 'add', '-f', '.gitignore', 'kept.log');
      await userGit(at, 'commit', '-qm', 'x');
      await put(at, 'kept.log', 'changed');
    },
  },
  'nothing in it but the repository': {
    make: async (at) => {
      await repository(at, 'bare-ish');
      await userGit(join(at, 'bare-ish'), 'rm', '-q', '-r', '.');
      await mkdir(join(at, 'bare-ish'), { recursive: true });
    },
    folders: ['bare-ish'],
  },
};

describe('a restored repository is as its user left it', () => {
  it.each(Object.entries(CASES))('%s', async (_name, { make, folders = ['.'] }) => {
    const at = await scene();
    await make(at.workspace);
    const before = await Promise.all(folders.map((folder) => repositoryPicture(join(at.workspace, folder))));
    const files = await picture(at.workspace);
    const taken = await take(at);
    expect(taken.lacks).toEqual([]);
    expect(taken.repositories.map(({ notes }) => notes.path).sort()).toEqual([...folders].sort());
    const restored = await restoreElsewhere(at, await commit(at, taken));
    expect(await picture(restored)).toEqual(files);
    const after = await Promise.all(folders.map((folder) => repositoryPicture(join(restored, folder))));
    expect(after).toEqual(before);
  });

  it.each(['empty', 'by hand'])('a .git that is none, %s, changes nothing', async (kind) => {
    const at = await scene();
    await mkdir(join(at.workspace, 'sub/.git'), { recursive: true });
    await put(at.workspace, 'sub/file');
    if (kind === 'by hand') await put(at.workspace, 'sub/.git/notes/x', 'hello');
    const restored = await restoreElsewhere(at, await commit(at, await take(at)));
    expect(await picture(restored)).toEqual(await picture(at.workspace));
    if (kind === 'by hand') expect(await readFile(join(restored, 'sub/.git/notes/x'), 'utf8')).toBe('hello');
  });

  it('a bare repository is kept as the folder it is', async () => {
    const at = await scene();
    await repository(at.workspace, 'x');
    await userGit(at.workspace, 'clone', '-q', '--bare', 'x', 'bare.git');
    const restored = await restoreElsewhere(at, await commit(at, await take(at)));
    expect(await picture(restored)).toEqual(await picture(at.workspace));
    expect(await userGit(join(restored, 'bare.git'), 'fsck')).toBe('');
  });

  it('a split index is kept, and said to be incomplete', async () => {
    const at = await scene();
    await repository(at.workspace);
    await userGit(at.workspace, 'update-index', '--split-index');
    expect((await take(at)).lacks.join()).toMatch(/split index/);
  });

  it('an unchanged repository is not taken anew, a changed one is', async () => {
    const at = await scene();
    await repository(at.workspace);
    const first = await take(at);
    const again = await take(at, { known: first });
    expect(again).toEqual(first);
    await save(at.workspace, 'c', 'three');
    await userGit(at.workspace, 'branch', 'more');
    const third = await take(at, { known: again });
    expect(third.repositories[0]?.stateTree).not.toBe(first.repositories[0]?.stateTree);
    const restored = await restoreElsewhere(at, await commit(at, third));
    expect(await repositoryPicture(restored)).toBe(await repositoryPicture(at.workspace));
  });
});
