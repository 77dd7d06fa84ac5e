// Owns one question of the start-up report: will what is written under this path still be there after a restart?
// Judges by the mount table alone; it is a warning for people, nothing is decided on it.
import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Survival {
  survives: 'yes' | 'no' | 'unknown';
  /** Half a sentence for people: what the path lies on, and what that means. */
  why: string;
}

interface Mount {
  point: string;
  type: string;
}

const IN_MEMORY = new Set(['tmpfs', 'ramfs', 'devtmpfs', 'rootfs']);
const ON_DISK =
  /^(ext[234]|xfs|btrfs|zfs|f2fs|bcachefs|nfs4?|cifs|smb3|ceph|gfs2|9p|virtiofs|lustre|fuse\..+|fuseblk)$/;

/** Judges `path`, or its nearest existing parent. */
export async function survivesRestart(path: string): Promise<Survival> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const inContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  return judgeSurvival(await realNearest(path), mountinfo, inContainer);
}

/** The judgement itself; `path` is absolute and free of links, `mountinfo` as in proc(5). */
export function judgeSurvival(path: string, mountinfo: string, inContainer: boolean): Survival {
  const mount = mountOf(path, mountinfo);
  if (mount === undefined) return { survives: 'unknown', why: 'this system shows no mount table' };
  if (IN_MEMORY.has(mount.type)) return { survives: 'no', why: `${mount.point} is ${mount.type}: it lives in memory` };
  if (mount.type === 'overlay')
    return { survives: 'no', why: "it lies in a container's own layer, which goes with the container: mount a volume" };
  if (isUnder(path, '/tmp')) return { survives: 'no', why: '/tmp is emptied at a restart on most systems' };
  if (isUnder(path, '/var/tmp'))
    return { survives: 'unknown', why: '/var/tmp is emptied of old files on many systems' };
  if (inContainer && mount.point === '/')
    return { survives: 'unknown', why: 'it lies on the root of a container, not on a volume, and may go with it' };
  if (ON_DISK.test(mount.type)) return { survives: 'yes', why: `${mount.point} is ${mount.type}` };
  return { survives: 'unknown', why: `${mount.point} is ${mount.type}, of which nothing is known here` };
}

/** The longest mount point above the path; of two on the same point the later one covers the earlier. */
function mountOf(path: string, mountinfo: string): Mount | undefined {
  let best: Mount | undefined;
  for (const line of mountinfo.split('\n')) {
    const mount = parseMount(line);
    if (mount === undefined || !isUnder(path, mount.point)) continue;
    if (best === undefined || mount.point.length >= best.point.length) best = mount;
  }
  return best;
}

/** proc(5): the 5th field is the mount point, the first after " - " the type; blanks are written as \040. */
function parseMount(line: string): Mount | undefined {
  const [left, right] = line.split(' - ');
  const point = left?.split(' ')[4];
  const type = right?.split(' ')[0];
  if (point === undefined || type === undefined) return undefined;
  return { type, point: point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))) };
}

function isUnder(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

async function realNearest(path: string): Promise<string> {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const real = await realpath(at).catch(() => undefined);
    if (real !== undefined) return real;
  }
  return '/';
}
