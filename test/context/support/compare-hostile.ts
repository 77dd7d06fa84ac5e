// A trap for whatever compares or merges: attributes in the trees and in the store, drivers in the store's settings. It
// springs in plain git, which shows that a test that finds no marker has looked.
import { access, appendFile, chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Files, PlainStore } from './compare-store.js';

export interface Trap {
  marker: string;
  /** What plain git does with this command: the trap must work. */
  springsIn(args: readonly string[]): Promise<void>;
}

const ATTRIBUTES = '* merge=evil diff=evil filter=evil\n';
export const HOSTILE: Files = { '.gitattributes': ATTRIBUTES, 'sub/.gitattributes': ATTRIBUTES };

/** Set last: whatever plain git does in this store from now on runs the drivers. */
export async function setTrap(store: PlainStore): Promise<Trap> {
  const marker = join(store.dir, 'marker');
  const script = join(store.dir, 'evil.sh');
  await writeFile(script, `#!/bin/sh\ntouch '${marker}'\ncat "$1" 2>/dev/null\nexit 0\n`);
  await chmod(script, 0o755);
  await mkdir(join(store.gitDir, 'info'), { recursive: true });
  await appendFile(join(store.gitDir, 'info', 'attributes'), ATTRIBUTES);
  for (const setting of drivers(script)) await store.git(['config', ...setting]);
  const springsIn = async (args: readonly string[]): Promise<void> => {
    await store.git(args).catch(() => '');
    expect(await existsNot(marker)).toBe(false);
    await rm(marker);
  };
  return { marker, springsIn };
}

const drivers = (script: string): [string, string][] => [
  ['diff.evil.textconv', script],
  ['diff.evil.command', script],
  ['merge.evil.driver', `${script} %A`],
  ['filter.evil.clean', script],
  ['filter.evil.smudge', script],
  ['filter.evil.process', script],
  ['diff.external', script],
  ['core.fsmonitor', script],
  ['core.pager', script],
  ['merge.default', 'evil'],
];

export const existsNot = (path: string): Promise<boolean> =>
  access(path).then(
    () => false,
    () => true,
  );
