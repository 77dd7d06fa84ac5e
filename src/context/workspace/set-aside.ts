// Moves out of the way what no checkpoint holds: beside itself, under a name that says before which moment it was there.
// Owns that name; a look at the workspace passes over what bears it, for it may be a secret, ignored or far too large.
import { randomBytes } from 'node:crypto';
import { lstat, rename } from 'node:fs/promises';
import { errorCode } from '../../host/system-error.js';
import type { RawPath } from './raw-path.js';
import { joined, onDisk, parentOf, shown } from './raw-path.js';

/** For an exclude file of git. */
export const ASIDE_RULE = `*.before-${'[0-9a-f]'.repeat(8)}`;

const MOST_NAME_BYTES = 255;
const MOST_SAID = 20;
const DIGITS = 8;

/** @param mark 40 hexadecimal digits. @returns undefined: nothing was there */
export async function setAside(workspace: string, path: RawPath, mark: string): Promise<RawPath | undefined> {
  const aside = await freeName(workspace, path, mark);
  try {
    await rename(onDisk(workspace, path), onDisk(workspace, aside));
    return aside;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function freeName(workspace: string, path: RawPath, mark: string): Promise<RawPath> {
  const folder = parentOf(path);
  const name = path.slice(path.lastIndexOf('/') + 1);
  for (let at = 0; ; at += DIGITS) {
    const digits = mark.slice(at, at + DIGITS);
    const end = `.before-${digits.length === DIGITS ? digits : randomBytes(DIGITS / 2).toString('hex')}`;
    const aside = joined(folder, `${name.slice(0, MOST_NAME_BYTES - end.length)}${end}`);
    if (await isFree(onDisk(workspace, aside))) return aside;
  }
}

async function isFree(place: Buffer): Promise<boolean> {
  try {
    await lstat(place);
    return false;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return true;
  }
}

export type Moved = { path: RawPath; aside: RawPath };

export function sayMoved(moved: readonly Moved[]): string[] {
  const named = moved
    .slice(0, MOST_SAID)
    .map(({ path, aside }) => `${shown(path)} was in the way, and no checkpoint holds it: it is now ${shown(aside)}`);
  const rest = moved.length - named.length;
  return rest > 0 ? [...named, `${rest} more were in the way; they are beside it, as \`.before-…\``] : named;
}
