// A file written atomically is found whole, whoever reads and whoever dies in between.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createExclusively, writeAtomically } from '../../src/host/atomic-file.js';
import { bundleProgram, talkTo } from '../support/program.js';
import { tempDir } from '../support/temp.js';

describe('writeAtomically', () => {
  it('replaces a file, for its owner alone, and leaves nothing beside it', async () => {
    const dir = await tempDir('atomic');
    await writeFile(join(dir, 'file'), 'old');
    await writeAtomically(join(dir, 'file'), 'new');
    expect(await readFile(join(dir, 'file'), 'utf8')).toBe('new');
    expect((await stat(join(dir, 'file'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dir)).toEqual(['file']);
  });

  it('leaves everything as it was when it fails', async () => {
    const dir = await tempDir('atomic');
    await mkdir(join(dir, 'target'));
    await writeFile(join(dir, 'target', 'inside'), 'kept');
    await expect(writeAtomically(join(dir, 'target'), 'new')).rejects.toThrow();
    expect(await readdir(dir)).toEqual(['target']);
  });

  it('shows the old or the new content when the writer is killed in the middle, and to a reader meanwhile', async () => {
    const dir = await tempDir('atomic');
    const program = await bundleProgram(fileURLToPath(new URL('programs/rewrite.ts', import.meta.url)), dir);
    await mkdir(join(dir, 'data'));
    const file = join(dir, 'data', 'file');
    await writeAtomically(file, '0'.repeat(200_000));
    const seen = new Set<string>();
    for (let round = 0; round < 5; round += 1) {
      const writer = talkTo(process.execPath, [program, file]);
      await writer.next();
      // Not waiting for anything: this spreads the kills over the moments of a write.
      for (let reads = 0; reads < 5; reads += 1) {
        seen.add(await wholeContent(file));
        await delay(Math.random() * 10);
      }
      writer.process.kill('SIGKILL');
      await writer.ended;
      seen.add(await wholeContent(file));
    }
    expect(seen.size).toBeGreaterThan(1);
  });
});

describe('createExclusively', () => {
  it('lets one of many create a file, and the others fail with EEXIST', async () => {
    const path = join(await tempDir('atomic'), 'file');
    const tried = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => createExclusively(path, `${n}`)));
    const won = tried.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
    expect(won).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toBe(`${won[0]}`);
    for (const result of tried)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'EEXIST' });
  });
});

/** The one digit of which the whole file consists. */
async function wholeContent(file: string): Promise<string> {
  const content = await readFile(file, 'utf8');
  expect(content).toHaveLength(200_000);
  const digit = content.charAt(0);
  expect(content === digit.repeat(200_000)).toBe(true);
  return digit;
}
