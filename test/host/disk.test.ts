// A full disk is told from every other error, and said with its numbers.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskSpace, fullDiskSentence, isDiskFull } from '../../src/host/disk.js';
import { tempDir } from '../support/temp.js';

const failed = (code: string) => Object.assign(new Error(code), { code });

describe('diskSpace', () => {
  it('is that of the disk on which a path would lie, also before it is made', async () => {
    const dir = await tempDir('disk');
    const [here, later] = [await diskSpace(dir), await diskSpace(join(dir, 'not', 'made', 'yet'))];
    expect(here.freeBytes).toBeGreaterThan(0);
    // Others write meanwhile: within 1 GiB it is the same disk.
    expect(Math.abs(here.freeBytes - later.freeBytes)).toBeLessThan(2 ** 30);
  });
});

describe('fullDiskSentence', () => {
  it('names the path, what is left, and what to do', async () => {
    const dir = await tempDir('disk');
    const says = await fullDiskSentence(failed('ENOSPC'), join(dir, 'home'));
    expect(says).toMatch(/^TASKRUN_HOME: the disk that holds \/.*\/home is full \(\d+ KiB left\)\. Free some space/);
  });

  it('tells a quota from a disk', async () => {
    expect(await fullDiskSentence(failed('EDQUOT'), '/x')).toMatch(
      /^TASKRUN_HOME: this user's disk quota for \/x is used up/,
    );
  });

  it.each([failed('EACCES'), new Error('other'), undefined, null, 'ENOSPC'])('says nothing of %s', async (error) => {
    expect(isDiskFull(error)).toBe(false);
    expect(await fullDiskSentence(error, '/x')).toBeUndefined();
  });
});
