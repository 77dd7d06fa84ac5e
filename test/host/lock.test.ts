// What is done under the lock is done alone, and no death of a holder shuts it for good.
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newestClaim } from '../../src/host/claims.js';
import { withLock } from '../../src/host/lock.js';
import { until } from '../support/poll.js';
import { bundleProgram, talkTo } from '../support/program.js';
import { tempDir } from '../support/temp.js';

const AT_ONCE = { withinMs: 0, holdsAtMostMs: 60_000 };

describe('withLock', () => {
  it('lets many processes add to one number without losing a step, though some are killed on the way', async () => {
    const dir = await tempDir('lock');
    const [lock, file] = [join(dir, 'lock'), join(dir, 'count')];
    const victimsFile = join(dir, 'victims');
    await Promise.all([writeFile(file, '0'), writeFile(victimsFile, '0')]);
    const program = await bundleProgram(fileURLToPath(new URL('programs/count-alone.ts', import.meta.url)), dir);
    const start = (counted: string, times: number) => {
      const counter = talkTo(process.execPath, [program, lock, counted, String(times)]);
      onTestFinished(() => void counter.process.kill('SIGKILL'));
      return counter;
    };
    const counters = Array.from({ length: 4 }, () => start(file, 10));
    const victims = Array.from({ length: 2 }, () => start(victimsFile, 10_000));
    await Promise.all([...counters, ...victims].map((counter) => counter.next()));
    await until(async () => Number(await readFile(victimsFile, 'utf8')) > 2, { what: 'the victims take part' });
    for (const victim of victims) victim.process.kill('SIGKILL');
    expect(await Promise.all(counters.map((counter) => counter.next()))).toEqual([10, 10, 10, 10]);
    expect(await readFile(file, 'utf8')).toBe('40');
  });

  it('opens when its holder was killed', async () => {
    const dir = await tempDir('lock');
    const [lock, file] = [join(dir, 'lock'), join(dir, 'missing', 'file')];
    const program = await bundleProgram(fileURLToPath(new URL('programs/hold.ts', import.meta.url)), dir);
    const holder = talkTo(process.execPath, [program, lock]);
    onTestFinished(() => void holder.process.kill('SIGKILL'));
    expect(await holder.next()).toBe('holding');
    expect(await withLock(lock, AT_ONCE, async () => file)).toMatchObject({
      locked: false,
      by: { content: { holder: { pid: holder.pid } } },
    });
    holder.process.kill('SIGKILL');
    await holder.ended;
    expect(await withLock(lock, AT_ONCE, async () => 'mine')).toEqual({ locked: true, value: 'mine' });
  });

  it('opens after an error, and passes it on', async () => {
    const lock = await tempDir('lock');
    const failing = withLock(lock, AT_ONCE, () => Promise.reject(new Error('failed inside')));
    await expect(failing).rejects.toThrow('failed inside');
    expect(await withLock(lock, AT_ONCE, async () => 1)).toEqual({ locked: true, value: 1 });
  });

  it('gives up on a holder that can not be judged only after its time', async () => {
    const lock = await tempDir('lock');
    const cutShort = join(lock, '0000000000000007-lock.json');
    await writeFile(cutShort, '');
    expect(await withLock(lock, AT_ONCE, async () => 1)).toMatchObject({ locked: false });
    const longAgo = new Date(Date.now() - 61_000);
    await utimes(cutShort, longAgo, longAgo);
    expect(await withLock(lock, AT_ONCE, async () => 1)).toEqual({ locked: true, value: 1 });
    expect(await newestClaim(lock)).toMatchObject({ token: 8 });
  });
});
