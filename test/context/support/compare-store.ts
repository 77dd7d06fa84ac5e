// Stores for the tests that compare, made with plain git: a bare repository, and moments written as the layout says.
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { Moment, MomentAt } from '../../../src/context/moment.js';
import type { Store } from '../../../src/context/store/store.js';
import { type TaskKey, taskRefs } from '../../../src/context/store/task-ref.js';
import { tempDir } from '../../support/temp.js';

/** Text or bytes of a file; a link's target; `null` deletes when laid over other files. */
export type FileSpec = string | Uint8Array | { link: string } | { content: string; mode: number } | null;
export type Files = Record<string, FileSpec>;

export interface PlainStore extends Store {
  dir: string;
  git(args: readonly string[], input?: string): Promise<string>;
  /** The tree of these workspace files. */
  tree(files: Files): Promise<string>;
  /** A moment with these files, on this ref. */
  moment(files: Files, says?: Partial<Moment>, ref?: string): Promise<MomentAt>;
  /** What stands in a file of a tree, a link's target included. */
  content(tree: string, path: string): Promise<string>;
}

export const TASK: TaskKey = {
  namespace: 'default',
  taskId: 'compare',
  incarnation: '5f8c3a52-7d1e-4a42-9d63-0c7a1e8f2b11',
};
const IDENTITY = {
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@localhost',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@localhost',
};

export async function plainStore(): Promise<PlainStore> {
  const dir = await tempDir('compare');
  const gitDir = join(dir, 'store.git');
  await execa('git', ['init', '-q', '--bare', gitDir], { env: plainEnv(), extendEnv: false });
  const run = async (args: readonly string[], input = '', env: Record<string, string> = {}): Promise<string> => {
    const options = { input, env: { ...plainEnv(), ...IDENTITY, GIT_DIR: gitDir, ...env }, extendEnv: false };
    return (await execa('git', args, options)).stdout;
  };
  await run(['update-ref', 'refs/taskrun-store/v1', await run(['commit-tree', '-m', 'v1', await run(['mktree'])])]);
  const tree = (files: Files): Promise<string> => treeOf(dir, files, run);
  const moment = async (files: Files, says: Partial<Moment> = {}, ref?: string): Promise<MomentAt> => {
    const described = describedMoment(says);
    const blob = await run(['hash-object', '-w', '--stdin'], JSON.stringify(described));
    const entries = `100644 blob ${blob}\tcheckpoint.json\n040000 tree ${await tree(files)}\tworkspace\n`;
    const id = await run(['commit-tree', '-m', 'test', await run(['mktree'], entries)]);
    await run(['update-ref', ref ?? taskRefs(described.task).moment(described.attempt.id), id]);
    return { id, moment: described };
  };
  const content = (from: string, path: string): Promise<string> => run(['cat-file', '-p', `${from}:${path}`]);
  return { dir, gitDir, shown: gitDir, git: run, tree, moment, content };
}

export const plainEnv = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
});

type RunGit = (args: readonly string[], input?: string, env?: Record<string, string>) => Promise<string>;

async function treeOf(dir: string, files: Files, run: RunGit): Promise<string> {
  const work = await mkdtemp(join(dir, 'files-'));
  await writeFiles(work, files);
  const env = { GIT_INDEX_FILE: `${work}.index`, GIT_WORK_TREE: work };
  await run(['add', '-A', '-f'], '', env);
  const tree = await run(['write-tree'], '', env);
  await rm(work, { recursive: true });
  return tree;
}

export async function writeFiles(dir: string, files: Files): Promise<void> {
  for (const [name, spec] of Object.entries(files)) {
    const path = join(dir, name);
    await mkdir(dirname(path), { recursive: true });
    if (spec === null) await rm(path, { recursive: true, force: true });
    else if (typeof spec === 'string' || spec instanceof Uint8Array) await writeFile(path, spec);
    else if ('link' in spec) await symlink(spec.link, path);
    else {
      await writeFile(path, spec.content);
      await chmod(path, spec.mode);
    }
  }
}

let attempts = 0;

/** A whole description; the attempt's number counts up. */
export function describedMoment(says: Partial<Moment>): Moment {
  attempts += 1;
  const id = `00000000-0000-4000-8000-${String(attempts).padStart(12, '0')}`;
  return {
    version: 1,
    kind: 'checkpoint',
    task: TASK,
    attempt: { id, number: attempts },
    token: attempts,
    host: 'host-a',
    at: new Date(1_700_000_000_000 + attempts * 60_000).toISOString(),
    sessionId: '11111111-1111-4111-8111-111111111111',
    during: false,
    filesFrom: [],
    workspace: { emptyFolders: [], modes: [] },
    repositories: [],
    transcripts: [],
    lacks: [],
    withheld: [],
    ...says,
  };
}
