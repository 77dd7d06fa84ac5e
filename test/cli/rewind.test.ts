// `taskrun rewind` against real histories: over a chain of runs, behind an attempt under way, of a closed task, with no
// worker up. The attempts are stand-ins: what is looked at is the point that is gone back to, and what is not played again.
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/poll.js';
import { phaseIs, tell, viewOf, viewWhen } from '../support/task-probe.js';
import { newTempDir } from '../support/temp.js';
import { useWorld } from '../support/workflow-world.js';
import { cli, type Ended } from './support/cli.js';
import { cliEnv } from './support/world.js';

const at = useWorld({ cached: 100 });
let temp: Awaited<ReturnType<typeof newTempDir>>;

beforeAll(async () => {
  temp = await newTempDir('rewind');
});
afterAll(() => temp.remove());

const rewind = (taskId: string, to: string, ...more: string[]): Promise<Ended> => {
  const env = { ...cliEnv(temp.dir, 'http://127.0.0.1:9'), TEMPORAL_ADDRESS: at.world.server.address };
  return cli(['rewind', taskId, '--to', to, '--yes', ...more], { env });
};

const byId = ({ workflowId }: WorkflowHandle): WorkflowHandle => at.world.client.workflow.getHandle(workflowId);
const checkpointOf = (number: number): string => String(number).repeat(40);

/** A task whose first attempts have ended, each with a checkpoint. */
async function afterAttempts(count: number): Promise<WorkflowHandle> {
  const handle = byId(await at.world.start({ prompt: 'attempt 1' }));
  for (let number = 1; number <= count; number += 1) {
    if (number > 1) await tell(handle, 'update', { prompt: `attempt ${number}` });
    const attempt = await at.world.attempts.launched(handle.workflowId, number);
    attempt.done(`did ${number}`, { checkpoint: checkpointOf(number) });
    await viewWhen(handle, 'idle', ({ phase, attemptsTotal }) => phase === 'idle' && attemptsTotal === number);
  }
  return handle;
}

const runIdOf = async (handle: WorkflowHandle): Promise<string> => (await byId(handle).describe()).runId;

describe('taskrun rewind', () => {
  it('goes back in the same run: what came later is gone and is not played again', async () => {
    const handle = await afterAttempts(3);
    const done = await rewind(handle.workflowId, '1', '--json');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(done.stdout)).toMatchObject({ attempt: 1, checkpoint: checkpointOf(1) });
    const view = await phaseIs(handle, 'idle');
    expect(view).toMatchObject({ contextVersion: 1, attemptsTotal: 1, result: { text: 'did 1' } });
    expect(view.commands).toEqual([]);
    await tell(handle, 'update', { prompt: 'another way' });
    const launches = () => at.world.attempts.of(handle.workflowId);
    const next = await until(() => launches().find(({ request }) => request.instruction.prompt === 'another way'), {
      what: 'the next attempt',
    });
    expect(next.request).toMatchObject({ number: 2, line: { head: checkpointOf(1), since: [] } });
    next.done();
    await phaseIs(handle, 'idle');
    expect(launches()).toHaveLength(4);
  });

  it('goes back behind continue-as-new, into an earlier run', async () => {
    const handle = await afterAttempts(2);
    const first = await runIdOf(handle);
    await Promise.all(Array.from({ length: 510 }, () => handle.signal('junk', {})));
    await until(async () => (await runIdOf(handle)) !== first, { what: 'the next run' });
    await tell(handle, 'update', { prompt: 'attempt 3' });
    (await at.world.attempts.launched(handle.workflowId, 3)).done();
    await viewWhen(handle, 'idle', ({ attemptsTotal, phase }) => attemptsTotal === 3 && phase === 'idle');
    const done = await rewind(handle.workflowId, '1');
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('Gone behind: 2 attempts (2, 3)') });
    const view = await phaseIs(handle, 'idle');
    expect(view).toMatchObject({ attemptsTotal: 1, contextVersion: 1, refusedTotal: 0 });
  });

  it("ends an attempt under way, which itself can't be gone back to", async () => {
    const handle = await afterAttempts(1);
    await tell(handle, 'update', { prompt: 'attempt 2' });
    const running = await at.world.attempts.launched(handle.workflowId, 2);
    expect(await rewind(handle.workflowId, '2')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('still at work'),
    });
    const done = await rewind(handle.workflowId, '1');
    expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('The attempt under way is ended.') });
    await until(() => running.cancelled !== undefined, { what: 'it is told', timeoutMs: 30_000 });
    expect(await phaseIs(handle, 'idle')).toMatchObject({ attemptsTotal: 1, queued: 0 });
  });

  it('opens a closed task again, also with no worker to ask, and twice', async () => {
    const handle = await afterAttempts(2);
    await tell(handle, 'finish', {});
    await until(async () => (await byId(handle).describe()).status.name === 'COMPLETED', { what: 'closed' });
    expect(await rewind(handle.workflowId, '2')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('The task is closed and is open again then.'),
    });
    expect(await phaseIs(handle, 'idle')).toMatchObject({ attemptsTotal: 2 });
    await at.world.stopWorkers();
    expect(await rewind(handle.workflowId, '1')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('no worker answers'),
    });
    await at.world.startWorker();
    expect(await phaseIs(handle, 'idle')).toMatchObject({ attemptsTotal: 1 });
  });

  it('takes in an attempt of which only Temporal told how it ended', async () => {
    const handle = byId(await at.world.start({ prompt: 'x', limits: { attempts: 1 } }));
    (await at.world.attempts.launched(handle.workflowId, 1)).throw(new Error('broke'));
    await phaseIs(handle, 'waiting');
    await tell(handle, 'stop', {});
    expect(await rewind(handle.workflowId, '1')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('no checkpoint'),
    });
    await until(async () => (await viewOf(handle)).commands.length === 0, { what: 'the stop is gone' });
  });

  it('an attempt that never was is refused with those that were', async () => {
    const handle = await afterAttempts(2);
    expect(await rewind(handle.workflowId, '7')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--to: got 7; attempts of'),
    });
    expect(await rewind('nobody', '1')).toMatchObject({ code: 1, stdout: '' });
  });
});
