// Writes one moment as one commit, in one git process: trees that are in the store already, new pieces of transcripts,
// the description. Moves no ref of a task.
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { GitFailure, git } from '../git.js';
import { MOMENT_FILE, type Moment } from '../moment.js';
import type { TranscriptPlan } from '../transcripts/plan-shape.js';
import { despiteLocks } from './locks.js';
import type { Store } from './place.js';
import type { MomentTrees } from './read.js';

export interface Draft {
  moment: Moment;
  trees: MomentTrees;
  writes: TranscriptPlan['writes'];
  deletes: TranscriptPlan['deletes'];
}

export interface Committed {
  id: string;
  moment: Moment;
  trees: MomentTrees;
}

/** @param ref where the commit is found until a ref of the task names it */
export async function writeCommit(store: Store, ref: string, draft: Draft): Promise<Committed> {
  let failure: unknown;
  const write = async (): Promise<Buffer> => {
    const input = Readable.from(stream(ref, draft, (error) => (failure = error)));
    return git({ gitDir: store.gitDir, args: ['fast-import', '--quiet', '--force', '--done'], input });
  };
  const output = await despiteLocks(write).catch(async (error: unknown) => {
    await removeRemains(store, error);
    throw failure ?? error;
  });
  const [id = '', claude = ''] = output.toString('utf8').split('\n');
  const claudeTree = /^040000 tree ([0-9a-f]+)\t/.exec(claude)?.[1];
  const { workspaceTree, stateTrees, anchors } = draft.trees;
  const trees = { workspaceTree, stateTrees, anchors };
  return { id, moment: draft.moment, trees: claudeTree === undefined ? trees : { ...trees, claudeTree } };
}

/** A half-written pack would keep a full disk full. Git names it, and its crash report, when it gives up. */
async function removeRemains(store: Store, error: unknown): Promise<void> {
  if (!(error instanceof GitFailure)) return;
  for (const [name] of error.stderr.matchAll(/\bobjects\/pack\/tmp_pack_\w+|\bfast_import_crash_\d+/g))
    await rm(join(store.gitDir, name), { force: true }).catch(() => undefined);
}

async function* stream(ref: string, draft: Draft, failed: (error: unknown) => void): AsyncGenerator<Buffer> {
  try {
    yield Buffer.from(opening(ref, draft));
    for (const write of draft.writes) yield* piece(write);
    const notes = Buffer.from(`${JSON.stringify(draft.moment)}\n`);
    yield Buffer.from(`M 100644 inline ${MOMENT_FILE}\ndata ${notes.length}\n`);
    yield notes;
    yield Buffer.from('\n\nget-mark :1\nls :1 claude\ndone\n');
  } catch (error) {
    failed(error);
    throw error;
  }
}

function opening(ref: string, { moment, trees, deletes }: Draft): string {
  const message = Buffer.from(describe(moment));
  const [first, ...others] = [...new Set(trees.anchors)];
  return [
    `commit ${ref}`,
    'mark :1',
    `committer taskrun <taskrun@localhost> ${Math.floor(Date.now() / 1000)} +0000`,
    `data ${message.length}`,
    message,
    ...(first === undefined ? [] : [`from ${first}`, ...others.map((anchor) => `merge ${anchor}`), 'deleteall']),
    `M 040000 ${trees.workspaceTree} workspace`,
    ...trees.stateTrees.map((tree, n) => `M 040000 ${tree} git/${n}`),
    ...(trees.claudeTree === undefined ? [] : [`M 040000 ${trees.claudeTree} claude`]),
    ...deletes.map((path) => `D ${quoted(path)}`),
    '',
  ].join('\n');
}

/** For people who read the store with plain git; no word of what was asked. */
function describe({ kind, attempt, sessionId, during }: Moment): string {
  const when = kind === 'claim' ? 'claim' : during ? 'while it worked' : 'when it ended';
  return `attempt ${attempt.number} · session ${sessionId.slice(0, 8).replace(/[^0-9a-z]/gi, '')} · ${when}`;
}

const CHUNK_BYTES = 1024 * 1024;

async function* piece({ path, file, offset, length }: TranscriptPlan['writes'][number]): AsyncGenerator<Buffer> {
  yield Buffer.from(`M 100644 inline ${quoted(path)}\ndata ${length}\n`);
  const handle = await open(file, 'r');
  try {
    for (let at = 0; at < length; ) {
      const wanted = Math.min(CHUNK_BYTES, length - at);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, offset + at);
      if (bytesRead === 0) throw new Error(`${file} became shorter while it was kept`);
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
  yield Buffer.from('\n');
}

const quoted = (path: string): string => `"${path.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
