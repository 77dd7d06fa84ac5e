// One writer: whoever claims, freezes, dies or comes late, one claim is the newest, and all others find out.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Claim, type ClaimFile, claim, holderState, isMine, newestClaim, release } from '../../src/host/claims.js';
import { watchClaim } from '../../src/host/watch-claim.js';
import { until } from '../support/poll.js';
import { bundleProgram, type TalkingProgram, talkTo } from '../support/program.js';
import { newTempDir, tempDir } from '../support/temp.js';

let out: Awaited<ReturnType<typeof newTempDir>>;
let claimant: string;
let forever: string;
beforeAll(async () => {
  out = await newTempDir('program');
  claimant = await bundleProgram(fileURLToPath(new URL('programs/claimant.ts', import.meta.url)), out.dir);
  forever = await bundleProgram(fileURLToPath(new URL('programs/claim-forever.ts', import.meta.url)), out.dir);
});
afterAll(() => out.remove());

describe('claim', () => {
  it('is held by the newest, and names the unreleased ones before it', async () => {
    const dir = join(await tempDir('claims'), 'not', 'made', 'yet');
    const first = await held(dir, 100, 'a');
    const second = await claim(dir, { token: 200, attemptId: 'b' });
    expect(second).toMatchObject({
      held: true,
      previous: [{ token: 100, attemptId: 'a', content: { holder: { pid: process.pid } } }],
    });
    expect(await isMine(first)).toBe(false);
  });

  it('is refused to a stale attempt, before and after the newer one was released', async () => {
    const dir = await tempDir('claims');
    const newer = await held(dir, 200, 'new');
    expect(await claim(dir, { token: 100, attemptId: 'old' })).toMatchObject({ held: false, by: { attemptId: 'new' } });
    await release(newer);
    expect(await claim(dir, { token: 100, attemptId: 'old' })).toMatchObject({ held: false, by: { attemptId: 'new' } });
    expect(await readdir(dir)).toEqual([newer.name]);
  });

  it('is withdrawn when a newer one came in between: of twenty begun together only the newest is held', async () => {
    const dir = await tempDir('claims');
    const begun = Array.from({ length: 20 }, (_, n) => claim(dir, { token: 100 - n, attemptId: 'a' }));
    const claimed = await Promise.all(begun);
    expect(claimed.map(({ held: holds }) => holds)).toEqual([true, ...Array.from({ length: 19 }, () => false)]);
    expect(await readdir(dir)).toHaveLength(1);
  });

  it('is refused to the same attempt a second time', async () => {
    const dir = await tempDir('claims');
    const first = await held(dir, 100, 'a');
    expect(await claim(dir, { token: 100, attemptId: 'a' })).toMatchObject({ held: false, by: { attemptId: 'a' } });
    expect(await isMine(first)).toBe(true);
  });

  it('orders equal tokens by the attempt, and tokens as numbers', async () => {
    const dir = await tempDir('claims');
    await held(dir, 9, 'b');
    expect(await claim(dir, { token: 9, attemptId: 'a' })).toMatchObject({ held: false });
    const tenth = await held(dir, 10, 'a');
    expect(await isMine(tenth)).toBe(true);
    expect(await newestClaim(dir)).toMatchObject({ token: 10 });
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 60])('refuses the token %d', async (token) => {
    await expect(claim(await tempDir('claims'), { token, attemptId: 'a' })).rejects.toThrow(/whole milliseconds/);
  });

  it.each(['', '../a', 'a/b', 'x'.repeat(65)])('refuses the attempt id %j', async (attemptId) => {
    await expect(claim(await tempDir('claims'), { token: 1, attemptId })).rejects.toThrow(/uuid/);
  });

  it('overlooks whatever else lies there', async () => {
    const dir = await tempDir('claims');
    await writeFile(join(dir, 'zzz.json'), '{}');
    await writeFile(join(dir, '.9999999999999999-a.json.123.tmp'), '{}');
    expect(await claim(dir, { token: 1, attemptId: 'a' })).toMatchObject({ held: true, previous: [] });
  });
});

describe('release', () => {
  it('ends the matter: the next one finds nothing before it, and only the newest file stays', async () => {
    const dir = await tempDir('claims');
    await held(dir, 100, 'a');
    await release(await held(dir, 200, 'b'));
    expect(await claim(dir, { token: 300, attemptId: 'c' })).toMatchObject({ held: true, previous: [] });
    expect((await readdir(dir)).length).toBe(2);
  });

  it('of a claim that was lost takes nothing from the newer one', async () => {
    const dir = await tempDir('claims');
    const [older, newer] = [await held(dir, 100, 'a'), await held(dir, 200, 'b')];
    await release(older);
    expect(await isMine(newer)).toBe(true);
    await release(newer);
    await release(older);
    expect(await readdir(dir)).toEqual([newer.name]);
  });
});

describe('holderState', () => {
  it('follows the holder: alive, released; alive, stopped, dead', async () => {
    const dir = await tempDir('claims');
    const mine = await held(dir, 100, 'a');
    const file = await newest(dir);
    expect(await holderState(file)).toBe('alive');
    await release(mine);
    expect(await holderState(file)).toBe('released');

    const other = await startClaimant(dir);
    await tell(other, { claim: { token: 200, attemptId: 'b' } });
    const others = await newest(dir);
    other.process.kill('SIGSTOP');
    expect(await holderState(others)).toBe('alive');
    other.process.kill('SIGKILL');
    await other.ended;
    expect(await holderState(others)).toBe('dead');
  });

  it('is elsewhere for a holder in another container, and for a file that was cut short', async () => {
    const dir = await tempDir('claims');
    const { content, name } = await held(dir, 100, 'a');
    const moved = { ...content, holder: { ...content.holder, pidNamespace: 'pid:[1]' } };
    await writeFile(join(dir, name), JSON.stringify(moved));
    expect(await holderState(await newest(dir))).toBe('elsewhere');
    for (const cut of ['', JSON.stringify(content).slice(0, 40), '[]', '{"holder":{}}']) {
      await writeFile(join(dir, name), cut);
      expect(await holderState(await newest(dir))).toBe('elsewhere');
      const next = await claim(dir, { token: 200, attemptId: 'b' });
      expect(next).toMatchObject({ held: true, previous: [{ attemptId: 'a' }] });
      await rm(join(dir, '0000000000000200-b.json'));
    }
  });

  it('is released once a newer one has put the file away', async () => {
    const dir = await tempDir('claims');
    await held(dir, 100, 'a');
    const file = await newest(dir);
    await release(await held(dir, 200, 'b'));
    expect(await holderState(file)).toBe('released');
  });
});

describe('watchClaim', () => {
  it('tells once that a newer claim took over, and by whom', async () => {
    const dir = await tempDir('claims');
    const mine = await held(dir, 100, 'a');
    const lost: (string | undefined)[] = [];
    onTestFinished(watchClaim(mine, 5, (by) => lost.push(by?.attemptId)));
    await held(dir, 200, 'b');
    await until(() => lost.length > 0, { what: 'the loss is told' });
    await held(dir, 300, 'c');
    await delay(30);
    expect(lost).toEqual(['b']);
  });

  it('tells of a directory that went away, and nothing after it was stopped', async () => {
    const dir = await tempDir('claims');
    const [mine, quiet] = [await held(join(dir, 'one'), 1, 'a'), await held(join(dir, 'two'), 1, 'a')];
    const lost: string[] = [];
    onTestFinished(watchClaim(mine, 5, () => lost.push('one')));
    watchClaim(quiet, 5, () => lost.push('two'))();
    await rm(join(dir, 'two'), { recursive: true });
    await rm(join(dir, 'one'), { recursive: true });
    await until(() => lost.length > 0, { what: 'the loss is told' });
    expect(lost).toEqual(['one']);
  });

  it('counts a directory that stays unreadable as lost', async () => {
    const dir = join(await tempDir('claims'), 'claims');
    const mine = await held(dir, 1, 'a');
    await rm(dir, { recursive: true });
    await writeFile(dir, 'a file in its place');
    let lost = false;
    onTestFinished(watchClaim(mine, 5, () => (lost = true)));
    await until(() => lost, { what: 'the loss is told' });
  });
});

describe('with real processes', () => {
  it('twenty at once: one owner in the end, and every other one knows', async () => {
    const dir = join(await tempDir('claims'), 'claims');
    const others = await Promise.all(Array.from({ length: 20 }, () => startClaimant(dir)));
    const tokens = others.map((_, n) => 1_000 + ((n * 7) % 10));
    const said = await Promise.all(
      others.map((other, n) => tell(other, { claim: { token: tokens[n], attemptId: `a${n}` } })),
    );
    const winner = tokens
      .map((token, n) => `${token}-a${n}`)
      .toSorted()
      .at(-1);
    const owners = await Promise.all(
      others.map(async (other, n) =>
        (await tell(other, { isMine: true })).mine === true ? `${tokens[n]}-a${n}` : undefined,
      ),
    );
    expect(owners.filter((owner) => owner !== undefined)).toEqual([winner]);
    // Each loser was told at once or learns it from its watch.
    for (const [n, other] of others.entries()) {
      if (`${tokens[n]}-a${n}` === winner || said[n]?.held === false) continue;
      await until(async () => (await tell(other, { isMine: true })).lostTo !== undefined, {
        what: `a${n} learns that it lost`,
      });
    }
    expect(said.filter(({ held: holds }) => holds === true).length).toBeGreaterThan(0);
  });

  it('a frozen holder, thawed after a newer claim, learns that it lost', async () => {
    const dir = await tempDir('claims');
    const frozen = await startClaimant(dir);
    expect(await tell(frozen, { claim: { token: 100, attemptId: 'frozen' } })).toMatchObject({ held: true });
    frozen.process.kill('SIGSTOP');
    const newer = await claim(dir, { token: 200, attemptId: 'newer' });
    expect(newer).toMatchObject({ held: true, previous: [{ attemptId: 'frozen' }] });
    frozen.process.kill('SIGCONT');
    await until(async () => (await tell(frozen, { isMine: true })).lostTo === 'newer', {
      what: 'the thawed one knows',
    });
    expect(await tell(frozen, { release: true })).toEqual({ released: true });
    expect(newer.held && (await isMine(newer.claim))).toBe(true);
  });

  it('killed at any moment: a newer claim is always held, and who was before it is dead or unknown', async () => {
    const dir = join(await tempDir('claims'), 'claims');
    for (let round = 0; round < 6; round += 1) {
      const busy = await Promise.all([start(forever, dir), start(forever, dir)]);
      // Not waiting for anything: this spreads the kills over the moments of a claim.
      await delay(Math.random() * 15);
      for (const other of busy) other.process.kill('SIGKILL');
      await Promise.all(busy.map(({ ended }) => ended));
      const last = await newestClaim(dir);
      const next = await claim(dir, { token: (last?.token ?? 0) + 1, attemptId: `round-${round}` });
      const previous = next.held ? next.previous : [];
      for (const file of previous) expect(['dead', 'elsewhere']).toContain(await holderState(file));
      expect(next.held && (await isMine(next.claim))).toBe(true);
      if (next.held) await release(next.claim);
      expect((await readdir(dir)).filter((name) => name.endsWith('.json'))).toHaveLength(1);
    }
  });
});

async function held(dir: string, token: number, attemptId: string): Promise<Claim> {
  await mkdir(dir, { recursive: true });
  const claimed = await claim(dir, { token, attemptId });
  if (!claimed.held) throw new Error(`${attemptId} lost to ${claimed.by.attemptId}`);
  return claimed.claim;
}

async function newest(dir: string): Promise<ClaimFile> {
  const found = await newestClaim(dir);
  if (found === undefined) throw new Error('no claim');
  return found;
}

async function start(program: string, dir: string): Promise<TalkingProgram> {
  const other = talkTo(process.execPath, [program, dir]);
  onTestFinished(() => void other.process.kill('SIGKILL'));
  await other.next();
  return other;
}

const startClaimant = (dir: string): Promise<TalkingProgram> => start(claimant, dir);

async function tell(other: TalkingProgram, message: unknown): Promise<Record<string, unknown>> {
  other.tell(message);
  return other.next();
}
