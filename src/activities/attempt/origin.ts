// The moment that a session begins from as a fork: found in the store by its id, its label, or as another task's newest.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MomentAt } from '../../context/moment.js';
import { listRefs, readMoment, readMoments } from '../../context/store/read.js';
import type { Store } from '../../context/store/store.js';
import { idRoot, taskRefs } from '../../context/store/task-ref.js';
import { restoreTranscripts } from '../../context/transcripts/restore.js';
import type { AttemptRequest, ForkOf } from '../../contract/attempt.js';
import type { ForkParent } from '../../domain/attempt/ground.js';
import { attemptProblem } from './failure.js';
import type { SafetyNet } from './safety-net.js';

/** Undefined where the session is no fork. @throws AttemptProblem */
export async function originOf({ session, taskId }: AttemptRequest, net: SafetyNet): Promise<MomentAt | undefined> {
  const { forkOf } = session;
  if (forkOf === undefined) return undefined;
  const store = await net.mustHaveStore();
  const id = await momentIdOf(store, net, forkOf);
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
  return found.toSorted((a, b) => b.moment.token - a.moment.token)[0]?.id;
}

function markSuffix(net: SafetyNet, label: string): string {
  const refs = taskRefs(net.task);
  return `/${refs.mark(label).slice(refs.root.length).replace(/^\//, '')}`;
}

/** The conversation to fork, in place for the CLI; undefined where the moment holds none. @throws AttemptProblem */
export async function forkParent(
  { session }: AttemptRequest,
  net: SafetyNet,
  workspace: string,
  origin: MomentAt,
): Promise<(ForkParent & { placed: boolean }) | undefined> {
  const sessionId = session.forkOf?.sessionId ?? origin.moment.sessionId;
  const notes = origin.moment.transcripts.find((known) => known.sessionId === sessionId);
  if (notes === undefined && session.forkOf?.sessionId !== undefined) throw noSuchSession(origin, sessionId);
  if (notes?.lastMessageId === undefined) return undefined;
  const folder = await net.folder(workspace);
  const here = await stat(join(folder, `${sessionId}.jsonl`)).catch(() => undefined);
  if (here !== undefined)
    return { sessionId, placed: false, ...(here.size > notes.bytes ? { at: notes.lastMessageId } : {}) };
  await restoreTranscripts({ store: await net.mustHaveStore(), ...origin, folder, sessions: [sessionId] });
  return { sessionId, placed: session.forkOf?.taskId !== undefined };
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
