// What the task itself tells beside its moments, where it can be asked: outcomes, sessions' numbers, milestones' labels.
// Nothing here is needed: no server, no worker and no such task are all the same, and never an error.
import type { TaskView } from '../../client.js';
import type { Config } from '../../config.js';
import { connectTo } from '../connect.js';
import { findServer } from '../find-server.js';

const ANSWER_MS = 3_000;

export async function askTask(settings: Config, taskId: string): Promise<TaskView | undefined> {
  try {
    const found = await findServer(settings);
    if (found === undefined) return undefined;
    const client = await connectTo(found.config);
    try {
      return (await client.task(taskId).snapshot(ANSWER_MS)).view;
    } finally {
      await client.close();
    }
  } catch {
    return undefined;
  }
}

/** The labels of its milestones; none where it can't be asked. */
export const labelsOf = async (settings: Config, taskId: string): Promise<string[]> =>
  (await askTask(settings, taskId))?.milestones.map(({ label }) => label) ?? [];
