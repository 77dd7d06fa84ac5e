// The user's repositories for the tests of checkouts, and moments of a workspace that is one: real git, plain settings.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import type { Moment, MomentAt } from '../../../src/context/moment.js';
import { taskRefs } from '../../../src/context/store/task-ref.js';
import { describedMoment, type Files, type PlainStore, plainEnv, writeFiles } from './compare-store.js';

export interface Repository {
  dir: string;
  git(...args: string[]): Promise<string>;
  /** Lays these files over those that are there, and commits all. */
  commit(files: Files): Promise<string>;
}

const WHO = ['-c', 'user.name=user', '-c', 'user.email=user@localhost'];

export async function repository(dir: string, options: readonly string[] = []): Promise<Repository> {
  const run = async (...args: string[]): Promise<string> => {
    const done = await execa('git', [...WHO, '-C', dir, ...args], { env: plainEnv(), extendEnv: false });
    return done.stdout;
  };
  await execa('git', ['init', '-q', '-b', 'main', ...options, dir], { env: plainEnv(), extendEnv: false });
  const commit = async (files: Files): Promise<string> => {
    await writeFiles(dir, files);
    await run('add', '-A');
    await run('commit', '-q', '--allow-empty', '-m', 'work');
    return run('rev-parse', 'HEAD');
  };
  return { dir, git: run, commit };
}

/** Its objects as one file in a commit's tree, as a shallow clone is kept. */
async function sealedIn(store: PlainStore, from: Repository, heads: readonly string[]): Promise<string> {
  const options = { env: plainEnv(), extendEnv: false, encoding: 'buffer' as const };
  const input = `${heads.join('\n')}\n`;
  const pack = await execa('git', ['-C', from.dir, 'pack-objects', '-q', '--revs', '--stdout'], { ...options, input });
  const file = join(store.dir, `${heads[0]}.pack`);
  await writeFile(file, pack.stdout);
  const blob = await store.git(['hash-object', '-w', '--no-filters', file]);
  return store.git(['commit-tree', '-m', 'anchor', await store.git(['mktree'], `100644 blob ${blob}\tpack\n`)]);
}

/** A moment whose workspace is this repository, with these files in it. */
export async function momentOf(
  store: PlainStore,
  from: Repository,
  files: Files,
  says: Partial<Moment> = {},
): Promise<MomentAt> {
  const heads = (await from.git('rev-parse', '--all', 'HEAD')).split('\n').filter((id) => id !== '');
  const isShallow = (await from.git('rev-parse', '--is-shallow-repository')) === 'true';
  const anchor = isShallow ? await sealedIn(store, from, heads) : undefined;
  const repositories = [{ path: '.', emptyFolders: [], ...(anchor === undefined ? {} : { anchor }) }];
  const moment = describedMoment({ repositories, ...says });
  if (!isShallow) await store.git(['fetch', '-q', '--no-tags', from.dir, ...heads]);
  const notes = await store.git(['hash-object', '-w', '--stdin'], JSON.stringify(moment));
  const state = await store.tree(await stateOf(join(from.dir, '.git')));
  const numbered = await store.git(['mktree'], `040000 tree ${state}\t0\n`);
  const entries = [
    `100644 blob ${notes}\tcheckpoint.json`,
    `040000 tree ${numbered}\tgit`,
    `040000 tree ${await store.tree(files)}\tworkspace`,
  ];
  const tree = await store.git(['mktree'], `${entries.join('\n')}\n`);
  const parents = anchor === undefined ? [...new Set(heads)] : [anchor];
  const id = await store.git(['commit-tree', '-m', 'test', ...parents.flatMap((parent) => ['-p', parent]), tree]);
  await store.git(['update-ref', taskRefs(moment.task).moment(moment.attempt.id), id]);
  return { id, moment };
}

async function stateOf(gitDir: string): Promise<Files> {
  const entries = await readdir(gitDir, { recursive: true, withFileTypes: true });
  const files: Files = {};
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = relative(gitDir, join(entry.parentPath, entry.name));
    if (!/^(objects|hooks)\//.test(path)) files[path] = await readFile(join(gitDir, path));
  }
  return files;
}
