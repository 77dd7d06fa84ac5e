// The side of a task: checkpoints that are not of its line, kept until they are old.

import type { Store } from './place.js';
import { listRefs } from './read.js';
import { moveRefs } from './refs.js';
import type { RefChange } from './remote.js';
import { problem } from './store-error.js';
import { type TaskKey, taskRefs } from './task-ref.js';

const MOST_TRIES = 50;

/** What puts a checkpoint on the side; nothing where it is there already. It leaves the line. */
export async function sideChanges(store: Store, task: TaskKey, attemptId: string, id: string): Promise<RefChange[]> {
  const refs = taskRefs(task);
  const there = new Map((await listRefs(store, refs.root)).map((known) => [known.ref, known.id]));
  const moment = refs.moment(attemptId);
  const leaves: RefChange[] = there.get(moment) === id ? [{ ref: moment, to: null, from: id }] : [];
  let n = 1;
  while (there.has(refs.side(attemptId, n))) if (there.get(refs.side(attemptId, n++)) === id) return leaves;
  return [{ ref: refs.side(attemptId, n), to: id, from: null }, ...leaves];
}

/** Puts a checkpoint on the side. The ref that names it. */
export async function putAside(store: Store, task: TaskKey, attemptId: string, id: string): Promise<string> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const changes = await sideChanges(store, task, attemptId, id);
    if (changes.length === 0 || (await moveRefs(store, changes))) return sideOf(store, task, id);
  }
  throw problem('failed', store, `no place found for ${id} beside ${taskRefs(task).root}`);
}

async function sideOf(store: Store, task: TaskKey, id: string): Promise<string> {
  const refs = await listRefs(store, `${taskRefs(task).root}side/`, { local: true });
  return refs.find((known) => known.id === id)?.ref ?? '';
}
