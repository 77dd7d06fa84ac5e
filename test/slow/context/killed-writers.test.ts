// A writer of checkpoints killed at any moment leaves the old moment or the new one, and the next writer works at once.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { git } from '../../../src/context/git.js';
import { locate } from '../../../src/context/store/locate.js';
import { openStore } from '../../../src/context/store/store.js';
import { restoreTranscripts } from '../../../src/context/transcripts/restore.js';
import { aTask, aWriter } from '../../context/support/store-world.js';
import { until } from '../../support/poll.js';
import { bundleProgram, talkTo } from '../../support/program.js';
import { tempDir } from '../../support/temp.js';

const KILLS = 200;
const LANES = 4;
/** A checkpoint takes about 50 ms here: a claim and a few of them are hit, at any point. */
const LATEST_KILL_MS = 250;
/** Two seconds until a lock counts as left behind, and a slow machine. */
const AT_ONCE_MS = 8_000;

type Said = { ready: true } | { claimed: string } | { kept: string; where: string; bytes: number };

test(`${KILLS} writers killed at random moments`, async () => {
  const program = await bundleProgram(
    fileURLToPath(new URL('../../context/support/store-writer.ts', import.meta.url)),
    await tempDir('program'),
  );
  const lanes = await Promise.all(Array.from({ length: LANES }, () => killAgainAndAgain(program, KILLS / LANES)));
  const found = lanes.flat();
  expect(found.length).toBe(KILLS);
  // The kills did hit the writing: some lost what was being written, some found it kept though nobody had been told.
  expect(found.filter((kill) => kill === 'old').length).toBeGreaterThan(KILLS / 20);
  expect(found.filter((kill) => kill === 'new').length).toBeGreaterThan(0);
});

async function killAgainAndAgain(program: string, kills: number): Promise<('old' | 'new' | 'none')[]> {
  const [home, folder, target] = [await tempDir('home'), await tempDir('live'), await tempDir('back')];
  const store = await openStore({ home });
  const task = aTask(randomUUID());
  const sessionId = randomUUID();
  const transcript = join(folder, `${sessionId}.jsonl`);
  let known: { id: string; bytes: number } | undefined;
  let since: string[] = [];
  const seen: ('old' | 'new' | 'none')[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const writer = aWriter(kill, { sessionId });
    since.push(writer.id);
    const lineage = known === undefined ? { since } : { head: known.id, since };
    // Every other one must get as far as a checkpoint of its own: what the one before left does not hold it up.
    const told = await runAndKill(program, { home, task, lineage, writer, folder }, kill % 2 === 1);
    const { tip, base, stray } = await locate(store, task, lineage);
    expect(stray).toBeUndefined();
    const acknowledged = told ?? known;
    if (acknowledged !== undefined) {
      expect(tip).toBeDefined();
      if (base === undefined) throw new Error('what was acknowledged is gone');
      await restoreTranscripts({ store, id: base.id, moment: base.moment, folder: target });
      const back = await readFile(join(target, `${sessionId}.jsonl`));
      expect(back.length).toBeGreaterThanOrEqual(acknowledged.bytes);
      expect((await readFile(transcript)).subarray(0, back.length).equals(back)).toBe(true);
      seen.push(base.id === acknowledged.id ? 'old' : 'new');
      known = { id: base.id, bytes: back.length };
      since = [];
    } else seen.push('none');
  }
  const fsck = await git({ gitDir: store.gitDir, args: ['fsck', '--full', '--strict', '--no-dangling'] });
  expect(fsck.toString()).toBe('');
  return seen;
}

/** The last checkpoint that it said it had kept. The whole group is killed, git processes too. */
async function runAndKill(
  program: string,
  order: object,
  mustKeep: boolean,
): Promise<{ id: string; bytes: number } | undefined> {
  const writer = talkTo(process.execPath, [program, JSON.stringify(order)], { detached: true });
  const kill = (): void => {
    try {
      process.kill(-writer.pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
  };
  onTestFinished(kill);
  let last: { id: string; bytes: number } | undefined;
  await writer.next<Said>();
  const listening = (async (): Promise<void> => {
    for (;;) {
      const said = await writer.next<Said>().catch(() => undefined);
      if (said === undefined) return;
      if ('kept' in said) {
        expect(said.where).toBe('head');
        last = { id: said.kept, bytes: said.bytes };
      }
    }
  })();
  if (mustKeep) await until(() => last, { what: 'a checkpoint of the next writer', timeoutMs: AT_ONCE_MS });
  // The moment is the point of the test, not something to wait for.
  await delay(Math.random() * LATEST_KILL_MS);
  kill();
  const { signal } = await writer.ended;
  await listening;
  expect(signal).toBe('SIGKILL');
  return last;
}
