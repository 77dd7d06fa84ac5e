// Whatever is done to files and repositories, taken after each step and restored elsewhere: nothing differs.
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { restoreWorkspace } from '../../../src/context/workspace/restore.js';
import { picture, repositoryPicture } from '../support/workspace-picture.js';
import { commit, restoreElsewhere, scene, take, userGit } from '../support/workspace-store.js';

const FOLDERS = ['.', 'a', 'a/b', 'r', 'r/in'] as const;
const REPOSITORIES = ['.', 'r', 'a/b'] as const;
const folder = fc.constantFrom(...FOLDERS);
const name = fc.constantFrom('x', 'y.txt', 'new\nline', 'caf\u00e9', '-z', ':(top)', 'r');
const place = fc.constantFrom(...REPOSITORIES);

const step = fc.oneof(
  fc.record({ do: fc.constant('write' as const), folder, name, content: fc.string({ maxLength: 20 }) }),
  fc.record({ do: fc.constant('remove' as const), folder, name }),
  fc.record({ do: fc.constant('link' as const), folder, name, target: fc.constantFrom('x', '/etc/hosts', '..') }),
  fc.record({
    do: fc.constant('chmod' as const),
    folder,
    name,
    mode: fc.constantFrom(0o600, 0o755, 0o644, 0o2755, 0o700),
  }),
  fc.record({ do: fc.constant('move' as const), folder, name, to: folder }),
  fc.record({ do: fc.constant('mkdir' as const), folder, name }),
  fc.record({ do: fc.constant('init' as const), place }),
  fc.record({
    do: fc.constant('git' as const),
    place,
    args: fc.constantFrom(
      ['add', '-A'],
      ['commit', '-q', '--allow-empty', '-m', 'said'],
      ['commit', '-qam', 'all'],
      ['stash', '-u'],
      ['checkout', '-q', '-b', 'side'],
      ['checkout', '-q', '--detach'],
      ['tag', '-a', '-m', 't', 'v1'],
      ['merge', '-q', 'side'],
      ['reset', '-q', '--hard', 'HEAD~1'],
      ['branch', '-D', 'side'],
      ['gc', '-q'],
      ['pack-refs', '--all'],
      ['rm', '-q', '--cached', '-r', '.'],
    ),
  }),
  fc.record({ do: fc.constant('take' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function perform(at: string, one: Exclude<Step, { do: 'take' }>): Promise<void> {
  if (one.do === 'init') {
    await mkdir(join(at, one.place), { recursive: true });
    await userGit(join(at, one.place), 'init', '-q');
  } else if (one.do === 'git') {
    if (await isRepository(join(at, one.place))) await userGit(join(at, one.place), ...one.args);
  } else await change(at, join(at, one.folder, one.name), one);
}

const isRepository = async (path: string): Promise<boolean> =>
  (await userGit(path, 'rev-parse', '--git-dir').catch(() => '')) === '.git';

async function change(at: string, path: string, one: Exclude<Step, { do: 'take' | 'init' | 'git' }>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (one.do === 'write') await writeFile(path, one.content);
  else if (one.do === 'remove') await rm(path, { recursive: true, force: true });
  else if (one.do === 'link') await symlink(one.target, path);
  else if (one.do === 'chmod') await chmod(path, one.mode);
  else if (one.do === 'mkdir') await mkdir(path);
  else await rename(path, join(at, one.to, `moved-${one.name}`));
}

async function pictures(at: string): Promise<unknown> {
  const repositories: string[] = [];
  for (const one of REPOSITORIES)
    repositories.push((await isRepository(join(at, one))) ? await repositoryPicture(join(at, one)) : 'none');
  return { files: await picture(at), repositories };
}

it('random changes of files and repositories', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const at = await scene();
      let known: Awaited<ReturnType<typeof take>> | undefined;
      let middle: { before: unknown; taken: Awaited<ReturnType<typeof commit>> } | undefined;
      for (const one of steps) {
        if (one.do !== 'take') {
          // What the file system refuses is no step.
          await perform(at.workspace, one).catch(() => undefined);
          continue;
        }
        const before = await pictures(at.workspace);
        known = await take(at, known === undefined ? {} : { known });
        middle ??= { before, taken: await commit(at, known) };
      }
      const before = await pictures(at.workspace);
      const taken = await take(at, known === undefined ? {} : { known });
      expect(taken.lacks).toEqual([]);
      const last = await commit(at, taken);
      expect(await pictures(await restoreElsewhere(at, last))).toEqual(before);
      if (middle === undefined) return;
      // Back to the earlier moment, over what is there; then forth again.
      expect(await restoreWorkspace({ ...at, ...middle.taken })).toEqual({ lacks: [] });
      expect(await pictures(at.workspace)).toEqual(middle.before);
      await take(at);
      expect(await restoreWorkspace({ ...at, ...last })).toEqual({ lacks: [] });
      expect(await pictures(at.workspace)).toEqual(before);
    }),
    { numRuns: Number(process.env['TASKRUN_TEST_RUNS'] ?? 12), endOnFailure: false, interruptAfterTimeLimit: 60_000 },
  );
}, 90_000);
