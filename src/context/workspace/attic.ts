// Where the state of a repository goes that gives way to a moment's and that no checkpoint holds: a folder of its own
// inside that `.git`, which git pays no heed to. Without one, what gives way is removed.
import { rename, rm } from 'node:fs/promises';
import { errorCode } from '../../host/system-error.js';
import type { RawPath } from './raw-path.js';
import { joined, onDisk, parentOf, shown } from './raw-path.js';
import { makeRealFolder } from './real-folder.js';

/** Made by git or by us in passing, and worth nothing once nobody writes. */
const PASSING = /\.lock$|(?:^|\/)\.taskrun-[0-9a-f]{12}$|(?:^|\/)gc\.pid$/;

export class Attic {
  #used = false;
  constructor(
    private readonly workspace: string,
    private readonly dotGit: RawPath,
    private readonly name: string | undefined,
  ) {}

  is(path: RawPath): boolean {
    return path === this.name;
  }

  /** Nothing may be there. */
  async takeIn(path: RawPath): Promise<void> {
    const place = onDisk(this.workspace, this.dotGit, path);
    if (this.name === undefined || PASSING.test(path)) return rm(place, { force: true, recursive: true });
    const into = joined(this.name, path);
    if (!(await makeRealFolder(this.workspace, joined(this.dotGit, parentOf(into))))) return;
    try {
      await rename(place, onDisk(this.workspace, this.dotGit, into));
      this.#used = true;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }

  /** A sentence, where there is something to say. */
  get says(): string[] {
    if (!this.#used) return [];
    const folder = shown(joined(this.dotGit, this.name ?? ''));
    return [`state of the repository that no checkpoint holds gave way: it is now in ${folder}`];
  }
}
