// Who may write a task's next checkpoint: the owner of the newest claim, and nobody else. Moves the refs of a task; what
// a checkpoint says is content.ts's.
import type { Moment, MomentAt } from '../moment.js';
import { writeCommit } from './commit.js';
import { type Content, checkpointDraft, claimDraft, differs, type Kept, type Writer } from './content.js';
import { type Located, readHead } from './locate.js';
import type { Store } from './place.js';
import { readMoment, readTrees } from './read.js';
import { moveRefs } from './refs.js';
import type { RefChange } from './remote.js';
import { dropScratch, scratchFor, scratchForHead, scratchForSide } from './scratch.js';
import { putAside, sideChanges } from './side.js';
import { orStoreError, problem } from './store-error.js';
import { type TaskKey, taskRefs } from './task-ref.js';

export type { Content, Writer } from './content.js';

export interface Fence {
  store: Store;
  task: TaskKey;
  attempt: { id: string; number: number };
  token: number;
  host: string;
  sessionId: string;
  /** What the head must be for us to move it: our claim, or our newest checkpoint. */
  tip: string;
  /** The moment that the attempt goes on from. */
  base?: MomentAt;
  /** What is kept by now, to compare with: our newest checkpoint, or the base; undefined: nothing yet. */
  known: Moment | undefined;
  /** The same with its id and trees. */
  kept: Kept | undefined;
  /** It has not reached the remote. */
  unsent: boolean;
  /** The fence is lost: where our checkpoints go from then on. */
  aside?: { ref: string; id: string };
}

export type Claimed = { ok: true; fence: Fence } | { ok: false; by: Moment };
export type Advanced = { id: string; where: 'head' | 'side'; changed: boolean };

/** @param located as `locate` found it; what came in between is put aside */
export async function claimHead(store: Store, task: TaskKey, located: Located, writer: Writer): Promise<Claimed> {
  return orStoreError(store, async () => {
    const base = await keptOf(store, located.base);
    const scratch = scratchFor(writer.id);
    const claim = await writeCommit(store, scratch, claimDraft(task, writer, base));
    try {
      const by = await takeHead(store, task, located, writer, claim.id);
      return by === undefined ? { ok: true, fence: fenceOf(store, task, writer, claim.id, base) } : { ok: false, by };
    } finally {
      await dropScratch(store, scratch);
    }
  });
}

/**
 * Keeps a moment and moves the head to it. Nothing changed: no commit, and the id of what is there. The fence lost:
 * the same commit, aside. @throws StoreError; what was written by then is handed over by the next one that succeeds
 */
export async function advance(fence: Fence, content: Content): Promise<Advanced> {
  const { store, task, attempt } = fence;
  return orStoreError(store, async () => {
    const changed = fence.kept === undefined || differs(fence.kept, content);
    const scratch = scratchForHead(store, task, attempt.id);
    if (changed) {
      const replaces = fence.known?.attempt.id === attempt.id;
      const draft = checkpointDraft(task, writerOf(fence), content, fence.kept, replaces);
      const kept = await writeCommit(store, scratch, draft);
      Object.assign(fence, { kept, known: kept.moment, unsent: true });
    }
    const id = fence.kept?.id ?? '';
    if (fence.unsent) await publish(fence, id);
    if (changed || store.url !== undefined) await dropScratch(store, scratch);
    return { id, where: fence.aside === undefined ? 'head' : 'side', changed };
  });
}

/**
 * Keeps a moment beside the line; whoever holds the fence. Its id, or the base's where nothing has changed since.
 * @param base what the plan of the transcripts was made against
 */
export async function keepAside(
  store: Store,
  task: TaskKey,
  writer: Writer,
  content: Content,
  base?: MomentAt,
): Promise<string> {
  return orStoreError(store, async () => {
    const before = await keptOf(store, base);
    if (before !== undefined && !differs(before, content)) return before.id;
    const scratch = scratchForSide(store, task, writer.id);
    const { id } = await writeCommit(store, scratch, checkpointDraft(task, writer, content, before, false));
    await putAside(store, task, writer.id, id);
    await dropScratch(store, scratch);
    return id;
  });
}

/** Names a checkpoint as a milestone: it is kept as long as the task's refs are. The same label again moves. */
export async function mark(store: Store, task: TaskKey, label: string, id: string): Promise<void> {
  return orStoreError(store, async () => {
    if ((await readMoment(store, id)) === undefined)
      throw problem('failed', store, `there is no checkpoint ${JSON.stringify(id.slice(0, 100))} to mark`);
    await moveRefs(store, [{ ref: taskRefs(task).mark(label), to: id }]);
  });
}

/** Keeps the moment that a task was taken back to from retention, until its next attempt begins there. */
export async function keepForRewind(store: Store, id: string): Promise<void> {
  return orStoreError(store, async () => {
    const moment = await readMoment(store, id);
    if (moment !== undefined) await moveRefs(store, [{ ref: taskRefs(moment.task).rewound, to: id }]);
  });
}

/** Undefined: the head is ours. Else whose it is. */
async function takeHead(
  store: Store,
  task: TaskKey,
  located: Located,
  writer: Writer,
  claim: string,
): Promise<Moment | undefined> {
  let { tip, stray } = located;
  for (;;) {
    if (tip?.id === claim) return undefined;
    if (tip !== undefined && isNewer(tip.moment, writer)) return tip.moment;
    if (await moveRefs(store, await claimChanges(store, task, claim, { ...located, tip, stray }))) return undefined;
    tip = await readHead(store, task);
    stray = tip?.moment.kind === 'checkpoint' && tip.id !== located.base?.id ? tip : undefined;
  }
}

const isNewer = ({ token, attempt }: Moment, writer: Writer): boolean =>
  token > writer.token || (token === writer.token && attempt.id > writer.id);

type Standing = { [name in keyof Located]: Located[name] | undefined };

/** The head comes last: git moves them in this order, and a crash in between must leave no moment without a name. */
async function claimChanges(store: Store, task: TaskKey, claim: string, at: Standing): Promise<RefChange[]> {
  const refs = taskRefs(task);
  const { tip, base, stray } = at;
  const head: RefChange = { ref: refs.head, to: claim, from: tip?.id ?? null };
  if (stray !== undefined) return [...(await sideChanges(store, task, stray.moment.attempt.id, stray.id)), head];
  const leavesLine = tip !== undefined && tip.moment.kind === 'checkpoint' && tip.id === base?.id;
  return leavesLine ? [{ ref: refs.moment(tip.moment.attempt.id), to: tip.id }, head] : [head];
}

/** Once lost it stays lost: what follows replaces what was put aside. */
async function publish(fence: Fence, id: string): Promise<void> {
  const { store, task, attempt, aside } = fence;
  if (aside === undefined && (await moveHead(fence, id))) fence.tip = id;
  else if (aside === undefined || !(await moveRefs(store, [{ ref: aside.ref, to: id, from: aside.id }])))
    fence.aside = { ref: await putAside(store, task, attempt.id, id), id };
  else fence.aside = { ref: aside.ref, id };
  fence.unsent = false;
}

async function moveHead({ store, task, tip }: Fence, id: string): Promise<boolean> {
  if (await moveRefs(store, [{ ref: taskRefs(task).head, to: id, from: tip }])) return true;
  return (await readHead(store, task))?.id === id;
}

function fenceOf(store: Store, task: TaskKey, writer: Writer, claim: string, base: Kept | undefined): Fence {
  const { id, number, token, host, sessionId } = writer;
  const known = base?.moment;
  const held = { store, task, attempt: { id, number }, token, host, sessionId, tip: claim, known, unsent: false };
  return base === undefined ? { ...held, kept: undefined } : { ...held, kept: base, base };
}

const writerOf = ({ attempt, token, host, sessionId }: Fence): Writer => ({ ...attempt, token, host, sessionId });

/** The trees come with what `locate` found; a moment from elsewhere is read for them. */
async function keptOf(store: Store, at: (MomentAt & { trees?: Kept['trees'] }) | undefined): Promise<Kept | undefined> {
  if (at === undefined) return undefined;
  const trees = at.trees ?? (await readTrees(store, at.id));
  if (trees === undefined) throw problem('damaged', store, `the checkpoint ${at.id} is gone`);
  return { id: at.id, moment: at.moment, trees };
}
