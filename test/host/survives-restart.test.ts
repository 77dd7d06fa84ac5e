// The start-up report warns when TASKRUN_HOME lies where a restart would empty it.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judgeSurvival, survivesRestart } from '../../src/host/survives-restart.js';

const HOST = mounts('/ ext4', '/dev/shm tmpfs', '/run tmpfs', '/home/ann\\040b btrfs', '/mnt/odd weirdfs');
const CONTAINER = mounts('/ overlay', '/data xfs', '/scratch tmpfs');

describe('judgeSurvival', () => {
  it.each([
    ['a disk', '/home/x', HOST, false, 'yes', /ext4/],
    ['memory', '/dev/shm/home', HOST, false, 'no', /memory/],
    ['a mount point with a blank', '/home/ann b/.taskrun', HOST, false, 'yes', /btrfs/],
    ["a neighbour's prefix", '/runner/home', HOST, false, 'yes', /ext4/],
    ['/tmp', '/tmp/home', HOST, false, 'no', /emptied/],
    ['/var/tmp', '/var/tmp/home', HOST, false, 'unknown', /old files/],
    ['a filesystem nobody knows', '/mnt/odd/home', HOST, false, 'unknown', /weirdfs/],
    ["a container's own layer", '/app/.taskrun', CONTAINER, true, 'no', /volume/],
    ["a container's volume", '/data/home', CONTAINER, true, 'yes', /xfs/],
    ["a container's memory", '/scratch/home', CONTAINER, true, 'no', /memory/],
    ["a container's root that is no overlay", '/app/.taskrun', HOST, true, 'unknown', /container/],
    ['no mount table', '/home/x', '', false, 'unknown', /no mount table/],
  ] as const)('%s', (_, path, mountinfo, inContainer, survives, why) => {
    const judged = judgeSurvival(path, mountinfo, inContainer);
    expect(judged.survives).toBe(survives);
    expect(judged.why).toMatch(why);
  });

  it('goes by the later of two mounts on one point', () => {
    expect(judgeSurvival('/data/x', mounts('/ ext4', '/data ext4', '/data tmpfs'), false).survives).toBe('no');
  });
});

describe('survivesRestart', () => {
  it.skipIf(!existsSync('/dev/shm'))('judges the real mounts, also of a path that is not there yet', async () => {
    expect(await survivesRestart('/dev/shm/not/there/yet')).toMatchObject({ survives: 'no' });
  });
});

/** proc(5): id, parent, device, root, mount point, options, optional fields, "-", type, source, options. */
function mounts(...lines: string[]): string {
  return lines.map((line, id) => mountLine(id, line)).join('\n');
}

function mountLine(id: number, line: string): string {
  const [point, type] = line.split(' ');
  return `${id + 20} 1 8:${id} / ${point} rw,relatime shared:${id} - ${type} /dev/x rw`;
}
