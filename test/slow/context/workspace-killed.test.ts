// Taking and restoring a workspace, killed at any moment: the next one works at once and is right, and nothing that was
// in the workspace is moved aside for it.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { git } from '../../../src/context/git.js';
import { restoreWorkspace } from '../../../src/context/workspace/restore.js';
import { picture, repositoryPicture } from '../../context/support/workspace-picture.js';
import { commit, type Scene, scene, take, userGit } from '../../context/support/workspace-store.js';
import { bundleProgram, talkTo } from '../../support/program.js';
import { tempDir } from '../../support/temp.js';

const KILLS = 16;
const FILES = 400;
const LARGE = 'xyz'.repeat(2_000_000);
const AT_ONCE_MS = 10_000;

async function bundled(): Promise<string> {
  const source = fileURLToPath(new URL('../../context/support/workspace-program.ts', import.meta.url));
  return bundleProgram(source, await tempDir('program'));
}

/** Files, large ones too, and a repository with a commit more each time. */
async function change(at: Scene, round: number): Promise<void> {
  for (let n = 0; n < FILES; n += 1)
    await writeFile(join(at.workspace, `f${n}`), `${n} of ${n % 3 === 0 ? round : ''}`);
  await writeFile(join(at.workspace, 'large'), `${LARGE}${round}`);
  await writeFile(join(at.workspace, `only-${round}`), 'here');
  await rm(join(at.workspace, `only-${round - 1}`), { force: true });
  if (round === 0) await userGit(at.workspace, 'init', '-q');
  await userGit(at.workspace, 'add', 'f0', 'f1');
  await userGit(at.workspace, 'commit', '-qm', `round ${round}`);
  await userGit(at.workspace, 'branch', `branch-${round}`);
}

/** @returns whether it was in the middle. The whole group is killed, git processes too. */
async function startAndKill(program: string, order: object, usualMs: number): Promise<boolean> {
  const run = talkTo(process.execPath, [program, JSON.stringify(order)], { detached: true });
  const kill = (): void => {
    try {
      process.kill(-run.pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
  };
  onTestFinished(kill);
  await run.next();
  // The moment is the point of the test, not something to wait for.
  await Promise.race([delay(Math.random() * usualMs), run.ended]);
  kill();
  return (await run.ended).signal === 'SIGKILL';
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const start = performance.now();
  const result = await work();
  return { ms: performance.now() - start, result };
}

const expectWhole = async (at: Scene): Promise<void> => {
  const fsck = await git({ gitDir: at.gitDir, args: ['fsck', '--full', '--no-dangling', '--no-reflogs'] });
  expect(fsck.toString()).toBe('');
};

test(`${KILLS} takes killed`, async () => {
  const program = await bundled();
  const at = await scene();
  await change(at, 0);
  let known = (await timed(() => take(at))).result;
  let usualMs = 300;
  let hit = 0;
  for (let round = 1; round <= KILLS; round += 1) {
    await change(at, round);
    if (await startAndKill(program, { do: 'take', input: { ...at, known } }, usualMs)) hit += 1;
    const { ms, result } = await timed(() => take(at, { known }));
    expect(ms).toBeLessThan(AT_ONCE_MS);
    usualMs = ms;
    const anew = await take({ ...at, privateDir: join(at.root, `private-${round}`) });
    expect({ ...result, repositories: result.repositories.map(({ stateTree }) => stateTree) }).toEqual({
      ...anew,
      lacks: [],
      repositories: anew.repositories.map(({ stateTree }) => stateTree),
    });
    known = result;
  }
  await git({ gitDir: at.gitDir, args: ['update-ref', 'refs/heads/last', (await commit(at, known)).id] });
  await expectWhole(at);
  expect(hit).toBeGreaterThan(KILLS / 3);
});

test(`${KILLS} restores killed`, async () => {
  const program = await bundled();
  const at = await scene();
  const moments = [];
  for (const round of [0, 1]) {
    await change(at, round);
    const files = [await picture(at.workspace), await repositoryPicture(at.workspace)];
    moments.push({ ...(await commit(at, await take(at))), files });
  }
  let usualMs = 300;
  let hit = 0;
  for (let round = 0; round < KILLS; round += 1) {
    const { files, ...moment } = moments[round % 2] ?? expect.fail('no moment');
    const order = { do: 'restore', input: { ...at, ...moment } };
    if (await startAndKill(program, order, usualMs)) hit += 1;
    const { ms, result } = await timed(() => restoreWorkspace({ ...at, ...moment }));
    expect(ms).toBeLessThan(AT_ONCE_MS);
    usualMs = ms;
    expect(result).toEqual({ lacks: [] });
    expect([await picture(at.workspace), await repositoryPicture(at.workspace)]).toEqual(files);
  }
  expect(hit).toBeGreaterThan(KILLS / 3);
});
