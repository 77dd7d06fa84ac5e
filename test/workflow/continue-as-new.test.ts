// A task outlives any single run of its workflow: continue-as-new, also in the middle of an attempt and of commands in
// flight, loses nothing, does nothing twice and forgets no id.
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { TaskrunClient } from '../../src/client.js';
import type { CommandAnswer } from '../../src/contract/commands.js';
import { until } from '../support/poll.js';
import type { StubAttempt } from '../support/stub-attempts.js';
import { failedWorkflowTasks, phaseIs, runsOf, tell, viewOf, viewWhen } from '../support/task-probe.js';
import { useWorld, type World } from '../support/workflow-world.js';

const at = useWorld({ cached: 100, withSearchAttributes: true });

/** Junk of 300 KB a piece, beyond the 10 MiB at which a run ends also while an attempt works. */
async function fillHistory(handle: WorkflowHandle): Promise<number> {
  const pieces = 40;
  for (let i = 0; i < pieces; i += 10)
    await Promise.all(Array.from({ length: 10 }, () => handle.signal('junk', { prompt: 'x'.repeat(300_000) })));
  return pieces;
}

async function nextRun(handle: WorkflowHandle, before: string): Promise<void> {
  await until(async () => (await byId(handle).describe()).runId !== before, {
    what: 'the next run',
    timeoutMs: 40_000,
  });
}

/** The handle of a start is bound to the run that it began. */
const byId = ({ workflowId }: WorkflowHandle): WorkflowHandle => at.world.client.workflow.getHandle(workflowId);

async function working(world: World, spec: object = { prompt: 'first' }): Promise<[WorkflowHandle, StubAttempt]> {
  const handle = await world.start(spec);
  return [byId(handle), await world.attempts.launched(handle.workflowId, 1)];
}

describe('continue-as-new in the middle of an attempt', () => {
  it('ends it gently, hands its work to the next one, and loses none of 20 commands in flight', {
    timeout: 120_000,
  }, async () => {
    const { world } = at;
    const [handle, first] = await working(world);
    const client = new TaskrunClient(world.client, world.taskQueue).task(handle.workflowId);
    const before = await handle.describe();
    await tell(handle, 'update', { id: 'before', prompt: 'before' });

    first.endsGently = false;
    const junk = await fillHistory(handle);
    await until(() => first.cancelled === 'asked', { what: 'the attempt asked to end', timeoutMs: 40_000 });
    // In flight: half as Updates, half as Signals, while the run that takes them ends.
    const sent: Promise<unknown>[] = [];
    for (let i = 0; i < 20; i += 1) {
      const command = { id: `flight-${i}`, prompt: `flight ${i}` };
      sent.push(i % 2 === 0 ? client.send('update', command) : client.signal('update', command));
      if (i === 10) first.end('ended');
    }
    await Promise.all(sent);
    await nextRun(handle, before.runId);
    for (let i = 20; i < 24; i += 1) await client.send('update', { id: `flight-${i}`, prompt: `flight ${i}` });

    const second = await world.attempts.launched(handle.workflowId, 2);
    expect(second.request).toMatchObject({
      cause: 'handover',
      intention: 'continue',
      session: { id: first.request.session.id, seen: true },
      instruction: first.request.instruction,
      incarnation: first.request.incarnation,
    });
    const view = await viewOf(handle);
    expect(view).toMatchObject({ phase: 'working', queued: 25, contextVersion: 26, refusedTotal: junk });
    expect(view.attempts[0]).toMatchObject({ number: 1, outcome: 'ended', decidedWhy: 'ended gently: continueAsNew' });

    // The same ids again, in the new run: the same answers.
    const listed = view.commands.filter(({ state }) => state !== 'refused').map(({ id }) => id);
    const known = ['before', ...listed.filter((id) => id !== 'before')];
    expect(known.toSorted()).toEqual(['before', ...Array.from({ length: 24 }, (_, i) => `flight-${i}`)].toSorted());
    const again = await Promise.all(known.slice(0, 8).map((id) => tell(handle, 'update', { id, prompt: 'again' })));
    expect(again.map(({ commandId }) => commandId)).toEqual(known.slice(0, 8));
    expect((await viewOf(handle)).contextVersion).toBe(26);

    world.attempts.onLaunch = (attempt) => {
      if (attempt.request.taskId === handle.workflowId) attempt.done();
    };
    second.done();
    await phaseIs(handle, 'idle', 60_000);
    world.attempts.onLaunch = () => {};
    const worked = world.attempts
      .of(handle.workflowId)
      .slice(1)
      .map(({ request }) => request.instruction.prompt);
    expect(worked).toEqual(['first', ...known.map((id) => id.replace('-', ' '))]);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('costs the instruction no attempt, and a stop that came meanwhile stands', { timeout: 90_000 }, async () => {
    const { world } = at;
    const [handle, first] = await working(world, { prompt: 'first', limits: { attempts: 1 } });
    const before = await handle.describe();
    first.endsGently = false;
    await fillHistory(handle);
    await until(() => first.cancelled === 'asked', { what: 'the attempt asked to end', timeoutMs: 40_000 });
    await tell(handle, 'stop', { reason: 'wait' });
    first.end('ended');
    await nextRun(handle, before.runId);
    const held = await phaseIs(handle, 'waiting');
    expect(held.waiting).toMatchObject({ for: 'operator', says: expect.stringContaining('wait') });
    await tell(handle, 'continue', {});
    const second = await world.attempts.launched(handle.workflowId, 2);
    second.end('timedOut', { problem: { class: 'timedOut', says: 'too long' } });
    expect((await phaseIs(handle, 'waiting')).waiting).toMatchObject({ for: 'budget' });
  });
});

describe('continue-as-new between attempts', () => {
  it('comes by itself when a run grew long, and keeps what waits, the memo and the search attributes', {
    timeout: 90_000,
  }, async () => {
    const { world } = at;
    const handle = await world.client.workflow.start('taskRun', {
      workflowId: `long-${Date.now()}`,
      taskQueue: world.taskQueue,
      args: [{ prompt: 'first', service: 'billing' }],
      memo: { team: 'blue' },
    });
    (await world.attempts.launched(handle.workflowId, 1)).fault({ class: 'credit', says: 'Credit balance is too low' });
    await phaseIs(handle, 'waiting');
    const seen = await until(
      async () => {
        const described = await byId(handle).describe();
        return described.searchAttributes['TaskRunWaiting'] === undefined ? undefined : described;
      },
      { what: 'the search attributes' },
    );
    for (let i = 0; i < 6; i += 1) await Promise.all(Array.from({ length: 90 }, () => handle.signal('junk', 1)));
    await nextRun(handle, seen.runId);
    const described = await byId(handle).describe();
    expect(described.memo).toMatchObject({ team: 'blue', taskrun: { phase: 'waiting', waiting: { for: 'operator' } } });
    expect(described.searchAttributes).toMatchObject({ TaskRunService: ['billing'], TaskRunWaiting: ['operator'] });

    // At once, before the new run could ask which attributes there are: the wait of the former run must go.
    await tell(byId(handle), 'continue', {});
    const attributes = () =>
      byId(handle)
        .describe()
        .then(({ searchAttributes }) => searchAttributes);
    await until(async () => (await attributes())['TaskRunWaiting'] === undefined, { what: 'no waiting any more' });
    expect(await attributes()).toMatchObject({ TaskRunPhase: ['working'], TaskRunService: ['billing'] });
    expect((await world.attempts.launched(handle.workflowId, 2)).request).toMatchObject({ cause: 'continue' });
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });
});

describe('a queue filled to the brim', () => {
  it.each([
    ['plain text', 'x', 250_000],
    ['lone surrogates', '\ud800', 80_000],
    ['control characters', '\u0001', 150_000],
  ])('of %s is carried whole', { timeout: 90_000 }, async (_, char, chars) => {
    const { world } = at;
    const [handle] = await working(world);
    await tell(handle, 'stop', {});
    const { runId } = await handle.describe();
    const refusals: string[] = [];
    for (let i = 0; refusals.length < 2 && i < 20; i += 1) {
      const size = refusals.length === 0 ? chars : chars / 8;
      await tell(handle, 'update', { id: `u${i}`, prompt: `${i} ${char.repeat(size)}` }).catch((error: Error) => {
        refusals.push(error.cause instanceof Error ? error.cause.message : error.message);
      });
    }
    expect(refusals).toEqual([expect.stringContaining('allowed: '), expect.stringContaining('allowed: ')]);
    const { queued } = await viewOf(handle);
    for (let i = 0; i < 5; i += 1) await Promise.all(Array.from({ length: 90 }, () => handle.signal('junk', 1)));
    await nextRun(handle, runId);
    expect(await viewOf(handle)).toMatchObject({ phase: 'waiting', queued });

    const prompts: string[] = [];
    world.attempts.onLaunch = (attempt) => {
      if (attempt.request.taskId !== handle.workflowId) return;
      prompts.push(attempt.request.instruction.prompt);
      attempt.done('ok');
    };
    await tell(handle, 'continue', {});
    await phaseIs(handle, 'idle', 40_000);
    world.attempts.onLaunch = () => {};
    expect(prompts).toHaveLength(queued);
    const expected = new RegExp(`^\\d+ ${char === '\ud800' ? '[\ud800\ufffd]' : char}{${chars / 8},}$`);
    for (const prompt of prompts.slice(1)) expect(prompt).toMatch(expected);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });
});

describe('1,000 updates in one task', () => {
  it('are each accepted once, in order, across continue-as-new', { timeout: 180_000 }, async () => {
    const { world } = at;
    const [handle, first] = await working(world);
    const answers: CommandAnswer[] = [];
    const send = async (from: number, to: number): Promise<void> => {
      let next = from;
      const sender = async (): Promise<void> => {
        while (next < to) {
          const id = `u-${next++}`;
          answers.push(await tell(handle, 'update', { id, prompt: `update ${id}` }));
        }
      };
      await Promise.all(Array.from({ length: 9 }, sender));
    };
    await send(0, 300);
    const before = await handle.describe();
    // The attempt ends as it likes in the middle of the next ones.
    await Promise.all([fillHistory(handle), send(300, 600)]);
    for (let i = 600; i < 1_000; i += 40)
      await Promise.all(
        Array.from({ length: 40 }, (_, j) => handle.signal('update', { id: `u-${i + j}`, prompt: 'by signal' })),
      );
    await nextRun(handle, before.runId);
    expect(first.cancelled).toBe('asked');

    const view = await viewWhen(handle, 'all taken', ({ contextVersion }) => contextVersion >= 1_001, 60_000);
    expect(view).toMatchObject({ contextVersion: 1_001, queued: 1_000 });
    expect(new Set(answers.map(({ contextVersion }) => contextVersion)).size).toBe(600);
    expect(await tell(handle, 'update', { id: 'u-7', prompt: 'x' })).toEqual(
      answers.find(({ commandId }) => commandId === 'u-7'),
    );
    expect(await tell(handle, 'update', { id: 'u-999', prompt: 'x' })).toMatchObject({ commandId: 'u-999' });

    // Three are worked in order of acceptance, the others are listed when the task is finished.
    const inOrder = answers.toSorted((a, b) => a.contextVersion - b.contextVersion).map(({ commandId }) => commandId);
    (await world.attempts.launched(handle.workflowId, 2)).done();
    for (const [index, id] of inOrder.slice(0, 3).entries()) {
      const attempt = await world.attempts.launched(handle.workflowId, 3 + index);
      expect(attempt.request.instruction.prompt).toBe(`update ${id}`);
      if (index < 2) attempt.done();
    }
    await tell(handle, 'finish', {});
    const { dropped } = (await handle.result()) as { dropped: { id: string; why: string }[] };
    expect(dropped).toHaveLength(998);
    expect(dropped.slice(0, 598).map(({ id }) => id)).toEqual(inOrder.slice(2));
    expect(new Set(dropped.map(({ id }) => id)).size).toBe(998);
    expect((await runsOf(handle)).length).toBeGreaterThanOrEqual(2);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });
});
