// Hands over to the remote what this host kept while it was away: to the head where its writer still owns it, else aside.

import type { Store } from './place.js';
import { listRefs, readNamed } from './read.js';
import { moveRefs } from './refs.js';
import { dropScratch } from './scratch.js';
import { putAside } from './side.js';
import { type TaskKey, taskRefs } from './task-ref.js';

/** After a fetch of the head. What can't be handed over now stays for the next time. */
export async function catchUp(store: Store, task: TaskKey): Promise<void> {
  const pending = await listRefs(store, taskRefs(task).pending, { local: true });
  for (const { ref, id } of pending) {
    try {
      await handOver(store, task, ref, id);
      await dropScratch(store, ref);
    } catch {
      // The task goes on without it; whoever collects garbage leaves it here.
    }
  }
}

async function handOver(store: Store, task: TaskKey, ref: string, id: string): Promise<void> {
  const { head, pending } = taskRefs(task);
  const [kept, tip] = await readNamed(store, [id, head]);
  if (kept === undefined || kept.id === tip?.id) return;
  const writer = kept.moment.attempt.id;
  if (ref.startsWith(`${pending}head/`) && tip?.moment.attempt.id === writer) {
    if (tip.moment.kind === 'checkpoint' && tip.moment.at >= kept.moment.at) return;
    if (await moveRefs(store, [{ ref: head, to: id, from: tip.id }])) return;
  }
  await putAside(store, task, writer, id);
}
