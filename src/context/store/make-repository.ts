// Makes the bare repository of a store, or recognises one that is there. A crash in the middle leaves nothing that the
// next one would take for somebody else's directory.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../../host/system-error.js';
import { git } from '../git.js';
import type { Store } from './place.js';
import { problem } from './store-error.js';

/** What `git init` makes, and what a fresh filesystem holds: a directory with nothing else is no one's yet. */
const BARE = new Set(['HEAD', 'config', 'description', 'hooks', 'info', 'objects', 'refs', 'branches', 'lost+found']);
/** Nothing that a path in the store is called may change its bytes. */
const ATTRIBUTES = '* -text -eol -ident -filter -working-tree-encoding\n';
const TAKEN = new Set(['ENOTEMPTY', 'EEXIST']);

export async function makeRepository(store: Store): Promise<void> {
  const names = await namesIn(store);
  if (names === undefined) return makeBeside(store);
  if (await isRepository(store.gitDir, names)) return;
  if (names.some((name) => !BARE.has(name)))
    throw problem('notGit', store, names.includes('.git') ? 'it is a work tree; a bare repository is needed' : '');
  await fill(store.gitDir);
}

async function namesIn(store: Store): Promise<string[] | undefined> {
  try {
    return await readdir(store.gitDir);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (errorCode(error) === 'ENOTDIR') throw problem('notGit', store, 'it is a file');
    throw error;
  }
}

/** As git decides it, without a process: this runs whenever a store is opened. */
async function isRepository(gitDir: string, names: readonly string[]): Promise<boolean> {
  if (!['HEAD', 'objects', 'refs', 'config'].every((name) => names.includes(name))) return false;
  return (await stat(join(gitDir, 'info', 'attributes')).catch(() => undefined)) !== undefined || isForeign(gitDir);
}

/** Made by a person with `git init --bare` or a server: ours to use, and its attributes are made ours. */
async function isForeign(gitDir: string): Promise<boolean> {
  await git({ gitDir, args: ['rev-parse', '--is-bare-repository'] });
  await mkdir(join(gitDir, 'info'), { recursive: true });
  await writeFile(join(gitDir, 'info', 'attributes'), ATTRIBUTES);
  return true;
}

/** Whole or not at all: made under another name first. */
async function makeBeside({ gitDir }: Store): Promise<void> {
  const draft = `${gitDir}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(draft), { recursive: true, mode: 0o700 });
    await mkdir(draft, { mode: 0o700 });
    await fill(draft);
    await rename(draft, gitDir);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!TAKEN.has(errorCode(error) ?? '')) throw error;
  }
}

async function fill(gitDir: string): Promise<void> {
  await git({ gitDir, args: ['init', '--quiet', '--bare', '--template=', '--initial-branch=main'] });
  await mkdir(join(gitDir, 'info'), { recursive: true });
  await writeFile(join(gitDir, 'info', 'attributes'), ATTRIBUTES);
}
