// The recorder of the kept histories: runs only with TASKRUN_RECORD=1, and only the shapes that have none yet.
//   TASKRUN_RECORD=1 npx vitest run test/replay/record.test.ts
import { describe, it } from 'vitest';
import { runsOf } from '../support/task-probe.js';
import { World } from '../support/workflow-world.js';
import { isRecorded, keepHistory } from './histories.js';
import { SHAPES } from './shapes.js';

const missing = process.env['TASKRUN_RECORD'] === '1' ? Object.keys(SHAPES).filter((shape) => !isRecorded(shape)) : [];

describe.runIf(missing.length > 0)('recorded', () => {
  it('each shape that has no history yet', { timeout: 300_000 }, async () => {
    const world = await World.open({ cached: 100, withSearchAttributes: true });
    try {
      const recorded = await Promise.allSettled(missing.map((shape) => record(world, shape)));
      const failed = recorded.filter((one) => one.status === 'rejected').map(({ reason }) => reason as unknown);
      if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join('\n'));
    } finally {
      await world.close();
    }
  });
});

async function record(world: World, shape: string): Promise<void> {
  const tell = SHAPES[shape];
  if (tell === undefined) throw new Error(`no shape ${shape}`);
  const runs = await runsOf(await tell(world, shape));
  for (const [index, { events }] of runs.entries())
    await keepHistory(runs.length === 1 ? shape : `${shape}.${index + 1}`, events);
}
