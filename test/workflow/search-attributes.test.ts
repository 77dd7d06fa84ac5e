// Search attributes are a convenience: a namespace that knows all of them, some, none, or one with another type works,
// and only what it knows is written.
import { Client, type WorkflowHandle } from '@temporalio/client';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/contract/names.js';
import { setUpNamespace } from '../../src/host/dev-server-setup.js';
import { until } from '../support/poll.js';
import { failedWorkflowTasks, phaseIs, tell, viewOf } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld({ cached: 100, withSearchAttributes: true });

const { TaskRunPhase, TaskRunSessions, ...others } = SEARCH_ATTRIBUTES;
const NAMESPACES = {
  some: { TaskRunPhase, TaskRunSessions },
  odd: { TaskRunPhase: 'Text', TaskRunContextVersion: 'Keyword', TaskRunSessions, TaskRunService: 'Keyword' },
  none: {},
} as const;

const clientIn = (namespace: string): Client => new Client({ connection: at.world.connection, namespace });

beforeAll(async () => {
  const { binary, address } = at.world.server;
  for (const [namespace, searchAttributes] of Object.entries(NAMESPACES)) {
    await execa(binary, ['operator', 'namespace', 'create', '--namespace', namespace, '--address', address]);
    // A namespace is known everywhere a moment after it was made.
    await until(async () => (await setUpNamespace({ binary, address, namespace, searchAttributes })).length === 0, {
      what: `the search attributes of ${namespace}`,
    });
    await until(() => at.world.startWorker({ namespace }), { what: `a worker of ${namespace}` });
  }
});

async function worked(namespace: string, spec: object): Promise<WorkflowHandle> {
  const client = clientIn(namespace);
  const { workflowId } = await client.workflow.start('taskRun', {
    workflowId: `in-${namespace}-${Math.random()}`,
    taskQueue: at.world.taskQueue,
    args: [spec],
  });
  const handle = client.workflow.getHandle(workflowId);
  (await at.world.attempts.launched(workflowId, 1)).done('done', { sessionCostUsd: 0.5 });
  await phaseIs(handle, 'idle');
  return handle;
}

const attributesOf = async (handle: WorkflowHandle): Promise<Record<string, unknown>> => {
  const { BuildIds: _, ...ours } = (await handle.describe()).searchAttributes;
  return ours;
};

async function attributesAre(handle: WorkflowHandle, expected: object): Promise<void> {
  const hold = async (): Promise<true> => {
    expect(await attributesOf(handle)).toEqual(expected);
    return true;
  };
  await until(hold, { what: 'the attributes' });
}

const SPEC = { prompt: 'x', service: 'billing', requestedBy: 'ann' };

describe('a namespace that knows', () => {
  it('all search attributes: each is written, and the task is found by it', async () => {
    const handle = await worked('default', SPEC);
    const { activeSessionId } = await viewOf(handle);
    await attributesAre(handle, {
      TaskRunPhase: ['idle'],
      TaskRunService: ['billing'],
      TaskRunRequestedBy: ['ann'],
      TaskRunSessions: [activeSessionId],
      TaskRunContextVersion: [1],
      TaskRunCostUsd: [0.5],
    });
    await tell(handle, 'stop', {});
    await until(async () => (await attributesOf(handle))['TaskRunWaiting'], { what: 'the wait' });
    expect(await attributesOf(handle)).toMatchObject({ TaskRunWaiting: ['operator'], TaskRunPhase: ['waiting'] });
    await tell(handle, 'resume', {});
    await until(async () => (await attributesOf(handle))['TaskRunWaiting'] === undefined, { what: 'the wait lifted' });
    const query = `TaskRunSessions = "${activeSessionId}" AND TaskRunCostUsd > 0.4`;
    await until(async () => (await clientIn('default').workflow.count(query)).count === 1, { what: 'found' });
    await tell(handle, 'finish', {});
    await handle.result();
    expect(await attributesOf(handle)).toMatchObject({ TaskRunPhase: ['finished'] });
  });

  it('none: the task works all the same', async () => {
    const handle = await worked('none', SPEC);
    await tell(handle, 'stop', {});
    await phaseIs(handle, 'waiting');
    expect(await attributesOf(handle)).toEqual({});
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('some: those are written', async () => {
    const handle = await worked('some', SPEC);
    await attributesAre(handle, { TaskRunPhase: ['idle'], TaskRunSessions: [(await viewOf(handle)).activeSessionId] });
    expect(Object.keys(others)).not.toHaveLength(0);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('one with another type: that one is left alone', async () => {
    const handle = await worked('odd', SPEC);
    await attributesAre(handle, {
      TaskRunService: ['billing'],
      TaskRunSessions: [(await viewOf(handle)).activeSessionId],
    });
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });
});

describe('what people write', () => {
  it.each([
    ['too long', '漢'.repeat(500)],
    ['control characters', 'a\u0000\u0001b'],
    ['lone surrogates', 'a\ud800b'],
  ])('is cut to what a store takes: %s', async (_, text) => {
    const handle = await worked('default', { prompt: 'x', service: text, requestedBy: text });
    await until(async () => (await attributesOf(handle))['TaskRunService'], { what: 'the service' });
    const [service = ''] = (await attributesOf(handle))['TaskRunService'] as string[];
    expect(Buffer.byteLength(service)).toBeLessThanOrEqual(200);
    expect(service).not.toMatch(/[\p{Cc}\p{Cs}]/u);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('keeps to the newest 20 sessions', async () => {
    const handle = await worked('default', { prompt: 'x' });
    at.world.attempts.onLaunch = (attempt) => attempt.done();
    for (let i = 0; i < 25; i += 1) await handle.signal('update', { prompt: `p${i}`, newSession: true });
    await until(async () => (await viewOf(handle)).attemptsTotal === 26, { what: 'all worked' });
    at.world.attempts.onLaunch = () => {};
    const view = await phaseIs(handle, 'idle');
    const newest = view.sessions.slice(-20).map(({ sessionId }) => sessionId);
    const { BuildIds: _, ...rest } = { BuildIds: 0, ...(await attributesOf(handle)) };
    await attributesAre(handle, {
      ...rest,
      TaskRunSessions: newest,
      TaskRunPhase: ['idle'],
      TaskRunContextVersion: [26],
    });
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });
});
