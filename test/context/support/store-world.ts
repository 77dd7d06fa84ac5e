// A store of a test's own, writers, and contents to write: plain trees made with git, no workspace on disk.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { git, gitLine } from '../../../src/context/git.js';
import { advance, type Content, claimHead, type Fence, type Writer } from '../../../src/context/store/fence.js';
import { type Lineage, locate } from '../../../src/context/store/locate.js';
import { openStore, type Store } from '../../../src/context/store/store.js';
import type { TaskKey } from '../../../src/context/store/task-ref.js';
import { tempDir } from '../../support/temp.js';

export const aTask = (taskId = 'a task'): TaskKey => ({ namespace: 'default', taskId, incarnation: randomUUID() });

let newest = 1_700_000_000_000;
/** Each one newer than those before, as the server's clock has it. */
export const aWriter = (number = 1, over: Partial<Writer> = {}): Writer => ({
  ...{ id: randomUUID(), number, token: (newest += 1000), host: 'host-1', sessionId: randomUUID() },
  ...over,
});

export async function localStore(): Promise<Store> {
  return openStore({ home: await tempDir('store') });
}

/** A workspace tree with one file. */
export async function treeOf(store: Store, text: string): Promise<string> {
  const blob = await gitLine({ gitDir: store.gitDir, args: ['hash-object', '-w', '--stdin'], input: text });
  return gitLine({ gitDir: store.gitDir, args: ['mktree'], input: `100644 blob ${blob}\tfile.txt\n` });
}

export async function contentOf(store: Store, text: string, over: Partial<Content> = {}): Promise<Content> {
  return {
    workspaceTree: await treeOf(store, text),
    repositories: [],
    workspace: { emptyFolders: [], modes: [] },
    transcripts: { notes: [], writes: [], deletes: [] },
    ...{ lacks: [], withheld: [], during: false },
    ...over,
  };
}

export async function claim(store: Store, task: TaskKey, writer: Writer, lineage: Lineage): Promise<Fence> {
  const claimed = await claimHead(store, task, await locate(store, task, lineage), writer);
  if (!claimed.ok) throw new Error(`refused by attempt ${claimed.by.attempt.number}`);
  return claimed.fence;
}

export const keep = async (fence: Fence, text: string) => advance(fence, await contentOf(fence.store, text));

/** What the workspace's file says at a moment. */
export const textAt = (store: Store, id: string): Promise<string> =>
  gitLine({ gitDir: store.gitDir, args: ['cat-file', 'blob', `${id}:workspace/file.txt`] });

/** The refs of a repository under `prefix`, without it. */
export async function refsOf(gitDir: string, prefix = 'refs/'): Promise<Record<string, string>> {
  const out = await git({ gitDir, args: ['for-each-ref', '--format=%(refname) %(objectname)'] });
  const lines = out.toString('utf8').split('\n').filter(Boolean);
  const pairs = lines.map((line) => line.split(' ') as [string, string]);
  return Object.fromEntries(
    pairs.flatMap(([ref, id]) => (ref.startsWith(prefix) ? [[ref.slice(prefix.length), id]] : [])),
  );
}

export const homeIn = async (): Promise<string> => join(await tempDir('home'), 'home');
