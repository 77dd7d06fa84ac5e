import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { collectGarbage } from '../../../src/context/retention.js';
import { advance, claimHead } from '../../../src/context/store/fence.js';
import { locate } from '../../../src/context/store/locate.js';
import { readMoment } from '../../../src/context/store/read.js';
import { openStore, type Store } from '../../../src/context/store/store.js';
import { plainEnv } from '../../context/support/compare-store.js';
import { tempDir } from '../../support/temp.js';

const ROUNDS = 12;
const CHECKPOINTS = 5;
const TASK = { namespace: 'default', taskId: 'busy', incarnation: '5f8c3a52-7d1e-4a42-9d63-0c7a1e8f2b11' };

const gitIn = async (store: Store, args: readonly string[], input = ''): Promise<string> =>
  (await execa('git', args, { input, env: { ...plainEnv(), GIT_DIR: store.gitDir }, extendEnv: false })).stdout;

async function treeOf(store: Store, content: string): Promise<string> {
  const blob = await gitIn(store, ['hash-object', '-w', '--stdin'], content);
  return gitIn(store, ['mktree'], `100644 blob ${blob}\tfile\n`);
}

/** Attempt after attempt, as a task goes on. The ids of all checkpoints, oldest first. */
async function work(store: Store): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 1; number <= ROUNDS; number++) {
    const newest = ids.at(-1);
    const located = await locate(store, TASK, { since: [], ...(newest === undefined ? {} : { head: newest }) });
    const writer = { id: `attempt-${number}`, number, token: number, host: 'a', sessionId: TASK.incarnation };
    const claimed = await claimHead(store, TASK, located, writer);
    if (!claimed.ok) throw new Error(`attempt ${number} was refused`);
    for (let n = 0; n < CHECKPOINTS; n++) {
      const workspaceTree = await treeOf(store, `${number} ${n} ${'x'.repeat(5_000)}`);
      const workspace = { emptyFolders: [], modes: [] };
      const transcripts = { notes: [], writes: [], deletes: [] };
      const content = {
        workspaceTree,
        workspace,
        transcripts,
        repositories: [],
        lacks: [],
        withheld: [],
        during: true,
      };
      const { id, where } = await advance(claimed.fence, content);
      expect(where).toBe('head');
      if (n === CHECKPOINTS - 1) ids.push(id);
    }
  }
  return ids;
}

test('garbage is collected again and again while a task is checkpointed: nothing of it is lost, no writer is stopped', async () => {
  const dir = await tempDir('gc');
  const store = await openStore({ configured: join(dir, 'store.git'), home: dir });
  let isWorking = true;
  let collected = 0;
  const collecting = (async () => {
    while (isWorking) {
      await collectGarbage(store, { olderThanMs: 3_600_000, nowMs: Date.now(), dryRun: false });
      collected += 1;
    }
  })();
  const ids = await work(store).finally(() => (isWorking = false));
  await collecting;
  expect(collected).toBeGreaterThan(3);
  for (const id of ids) expect(await readMoment(store, id)).toBeDefined();
  await gitIn(store, ['fsck', '--strict', '--full']);
});

test('two collections at once do not disturb each other', async () => {
  const dir = await tempDir('gc');
  const store = await openStore({ configured: join(dir, 'store.git'), home: dir });
  const ids = await work(store);
  const opts = { olderThanMs: -1, nowMs: Date.now() + 1_000, dryRun: false };
  const both = await Promise.all([collectGarbage(store, opts), collectGarbage(store, opts)]);
  const removed = both.flatMap((one) => one.removed.map(({ ref }) => ref));
  expect(new Set(removed).size).toBe(removed.length);
  // The head and the moment before it stay.
  expect(removed).toHaveLength(ROUNDS - 2);
  expect(await readMoment(store, ids.at(-1) ?? '')).toBeDefined();
  await gitIn(store, ['fsck', '--strict', '--full']);
});
