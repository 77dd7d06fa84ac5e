// The moment that a session begins from as a fork: found in the store by its id, its label, or as another task's newest.
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { notedCostUsd } from '../../claude/cost-state.js';
import type { MomentAt } from '../../context/moment.js';
import { listRefs, readMoment, readMoments } from '../../context/store/read.js';
import type { Store } from '../../context/store/store.js';
import { idRoot, taskRefs } from '../../context/store/task-ref.js';
import { restoreTranscripts } from '../../context/transcripts/restore.js';
import type { AttemptRequest, ForkOf } from '../../contract/attempt.js';
import type { ForkParent } from '../../domain/attempt/ground.js';
import { holds, placeApart } from './apart.js';
import { attemptProblem } from './failure.js';
import type { SafetyNet } from './safety-net.js';

/** `chosen`: what another task's newest was when the workspace was made from it. @throws AttemptProblem */
export async function originOf(
  { taskId }: Pick<AttemptRequest, 'taskId'>,
  net: SafetyNet,
  forkOf: ForkOf,
  chosen?: string,
): Promise<MomentAt> {
  const store = await net.mustHaveStore();
  const id = (forkOf.taskId === undefined ? undefined : chosen) ?? (await momentIdOf(store, net, forkOf));
  const moment = id === undefined ? undefined : await readMoment(store, id);
  if (id === undefined || moment === undefined) throw noSuchMoment(forkOf, taskId);
  const { task } = moment;
  if (task.namespace !== net.task.namespace || task.taskId !== (forkOf.taskId ?? taskId)) {
    const says = `Checkpoint ${id.slice(0, 12)} is one of task "${task.taskId}", not of "${forkOf.taskId ?? taskId}".`;
    throw attemptProblem('checkpoint', says);
  }
  return { id, moment };
}

async function momentIdOf(store: Store, net: SafetyNet, { checkpoint, taskId }: ForkOf): Promise<string | undefined> {
  if (checkpoint !== undefined && /^[0-9a-f]{40}$/.test(checkpoint)) return checkpoint;
  const task = { namespace: net.task.namespace, taskId: taskId ?? net.task.taskId };
  const refs = await listRefs(store, idRoot(task));
  const ofOurs = taskRefs(net.task).root;
  const others = taskId === undefined ? refs : refs.filter(({ ref }) => !ref.startsWith(ofOurs));
  const name = checkpoint === undefined ? '/head' : markSuffix(net, checkpoint);
  const found = await readMoments(
    store,
    others.filter(({ ref }) => ref.endsWith(name)).map(({ id }) => id),
  );
  const newest = found.filter(holdsAnything).toSorted((a, b) => b.moment.token - a.moment.token)[0];
  return newest?.moment.kind === 'claim' ? checkpointOf(store, newest) : newest?.id;
}

/** The claim of a task's first attempt stands for nothing yet. */
const holdsAnything = ({ moment }: MomentAt): boolean => moment.kind === 'checkpoint' || moment.previous !== undefined;

/** A claim goes with its attempt's next checkpoint; what it stands for stays, and where that is gone it holds the same. */
async function checkpointOf(store: Store, { id, moment: { previous } }: MomentAt): Promise<string> {
  return previous !== undefined && (await readMoment(store, previous)) !== undefined ? previous : id;
}

function markSuffix(net: SafetyNet, label: string): string {
  const refs = taskRefs(net.task);
  return `/${refs.mark(label).slice(refs.root.length).replace(/^\//, '')}`;
}

/** `costUsd`: what the CLI's count of the fork begins with. */
export type PlacedParent = {
  fork: ForkParent;
  /** The session itself, whatever id its conversation lies under here. */
  parentSessionId: string;
  costUsd?: number;
  remove(): Promise<void>;
};

/** The conversation to fork, in place for the CLI; undefined where the moment holds none. @throws AttemptProblem */
export async function forkParent(
  { session }: AttemptRequest,
  net: SafetyNet,
  workspace: string,
  origin: MomentAt,
): Promise<PlacedParent | undefined> {
  const sessionId = session.forkOf?.sessionId ?? origin.moment.sessionId;
  const notes = origin.moment.transcripts.find((known) => known.sessionId === sessionId);
  if (notes === undefined && session.forkOf?.sessionId !== undefined) throw noSuchSession(origin, sessionId);
  if (notes?.lastMessageId === undefined) return undefined;
  const folder = await net.folder(workspace);
  const path = join(folder, `${sessionId}.jsonl`);
  const here = await stat(path).catch(() => undefined);
  if (here !== undefined && !(await holds(path, notes))) {
    const placed = await placeApart(await net.mustHaveStore(), origin, sessionId, folder);
    const costUsd = await notedCostUsd(join(folder, `${placed.sessionId}.jsonl`));
    const fork = { sessionId: placed.sessionId };
    return {
      parentSessionId: sessionId,
      fork,
      remove: () => placed.remove(),
      ...(costUsd === undefined ? {} : { costUsd }),
    };
  }
  if (here === undefined)
    await restoreTranscripts({ store: await net.mustHaveStore(), ...origin, folder, sessions: [sessionId] });
  const costUsd = await notedCostUsd(path);
  return {
    parentSessionId: sessionId,
    fork: {
      sessionId,
      ...(here !== undefined && here.size > notes.bytes ? { at: notes.lastMessageId } : {}),
    },
    ...(costUsd === undefined ? {} : { costUsd }),
    // A session of another task is not one of this one's: it is there for the launch alone.
    remove: async () => {
      if (here !== undefined || session.forkOf?.taskId === undefined) return;
      await rm(path, { force: true });
      await rm(join(folder, sessionId), { recursive: true, force: true });
    },
  };
}

function noSuchMoment({ checkpoint, taskId }: ForkOf, own: string): Error {
  const whose = `task "${taskId ?? own}"`;
  const says =
    checkpoint === undefined
      ? `The store holds no checkpoint of ${whose}.`
      : `The store holds no checkpoint or milestone "${checkpoint}" of ${whose}.`;
  return attemptProblem('checkpoint', says);
}

const noSuchSession = ({ id, moment }: MomentAt, sessionId: string): Error =>
  attemptProblem(
    'checkpoint',
    `Checkpoint ${id.slice(0, 12)} holds no session ${sessionId}; it holds ${moment.transcripts.map((one) => one.sessionId).join(', ') || 'none'}.`,
  );
