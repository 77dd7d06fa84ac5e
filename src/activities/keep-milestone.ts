// The short activity that has the store keep a milestone. An error here is one that trying again may mend.
import { Context } from '@temporalio/activity';
import { mark } from '../context/store/fence.js';
import { openStore } from '../context/store/store.js';
import type { MilestoneRequest } from '../contract/activities.js';

export const keepMilestone =
  ({ store: configured, home }: { store?: string; home: string }) =>
  async ({ taskId, incarnation, label, checkpoint }: MilestoneRequest): Promise<void> => {
    const store = await openStore({ configured, home });
    await mark(store, { namespace: Context.current().info.namespace, taskId, incarnation }, label, checkpoint);
  };
