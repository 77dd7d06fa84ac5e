// What becomes of attempts: whatever ends one, the next one knows why, goes on in the same session and spends what it may.

import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { TaskrunClient } from '../../src/client.js';
import { until } from '../support/poll.js';
import type { StubAttempt } from '../support/stub-attempts.js';
import { attemptOf, failedWorkflowTasks, phaseIs, tell, viewOf, viewWhen } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld();

async function working(spec: object = { prompt: 'first' }): Promise<[WorkflowHandle, StubAttempt]> {
  const handle = await at.world.start(spec);
  return [handle, await at.world.attempts.launched(handle.workflowId, 1)];
}
const launched = (handle: WorkflowHandle, number: number, timeoutMs?: number): Promise<StubAttempt> =>
  at.world.attempts.launched(handle.workflowId, number, timeoutMs);

// Together: what is waited for is the server's own time-out.
describe.concurrent('an attempt whose worker falls silent', () => {
  it('is lost, keeps what its last heartbeat told, and is continued', { timeout: 90_000 }, async () => {
    const [handle, first] = await working();
    first.progress = { ...first.progress, turns: 7, lastWords: 'half way', sessionCostUsd: 0.5, log: '/var/log/a1' };
    await until(async () => snapshotOf(handle).then(({ attempt }) => attempt?.progress?.turns === 7), {
      what: 'the beat',
    });
    first.fallSilent();
    const second = await launched(handle, 2, 60_000);
    expect(second.request).toMatchObject({
      cause: 'lost',
      intention: 'continue',
      session: { id: first.request.session.id, seen: true },
      instruction: { id: first.request.instruction.id },
      previous: { outcome: 'lost', host: 'stub-host' },
    });
    expect(await attemptOf(handle, 1)).toMatchObject({
      outcome: 'lost',
      turns: 7,
      costUsd: 0.5,
      host: 'stub-host',
      log: '/var/log/a1',
      sent: first.progress.sent,
      decided: 'continue',
      problem: { class: 'lost', says: 'The worker on stub-host was lost: no heartbeat for 20 s.' },
    });
    expect((await viewOf(handle)).sessions[0]?.recent[0]?.said).toBe('half way');

    // The first one was only cut off: what it reports now is nobody's.
    first.done('from the dead');
    second.done('from the living');
    expect(await phaseIs(handle, 'idle')).toMatchObject({ attemptsTotal: 2, result: { text: 'from the living' } });
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('is lost too where its heartbeats tell nothing that this version understands', { timeout: 90_000 }, async () => {
    const [handle, first] = await working();
    first.progress = { from: 'another version' } as never;
    await until(() => first.beats > 3, { what: 'a few beats' });
    first.fallSilent();
    const second = await launched(handle, 2, 60_000);
    expect(second.request).toMatchObject({ cause: 'lost', intention: 'continue', session: { seen: false } });
    expect(await attemptOf(handle, 1)).toMatchObject({ outcome: 'lost', sent: '', turns: 0 });
  });

  it('is lost while it was being stopped: the stop stands', { timeout: 90_000 }, async () => {
    const [handle, first] = await working();
    first.endsGently = false;
    await tell(handle, 'stop', { reason: 'enough' });
    await until(() => first.cancelled === 'asked', { what: 'asked to end' });
    first.fallSilent();
    const held = await phaseIs(handle, 'waiting', 60_000);
    expect(held.waiting).toMatchObject({ for: 'operator', says: expect.stringContaining('enough') });
    expect(held.attempts[0]).toMatchObject({ outcome: 'lost' });
    await tell(handle, 'continue', {});
    expect((await launched(handle, 2)).request).toMatchObject({ cause: 'lost', intention: 'continue' });
  });
});

const snapshotOf = (handle: WorkflowHandle) =>
  new TaskrunClient(at.world.client, at.world.taskQueue).task(handle.workflowId).snapshot();

describe('an attempt that ends otherwise than with a report', () => {
  it.each([
    ['an error', new Error('disk on fire'), 'unknown', 'disk on fire'],
    ['a failure of an unknown type', ApplicationFailure.nonRetryable('odd', 'Odd'), 'unknown', 'odd'],
    [
      'a failure of a known class',
      ApplicationFailure.nonRetryable('no CLI here', 'cliMissing'),
      'cliMissing',
      'no CLI here',
    ],
    ['a long text', new Error('x'.repeat(20_000)), 'unknown', 'xxx'],
  ])('waits for the operator with its words: %s', async (_, error, type, words) => {
    const [handle, first] = await working();
    first.throw(error);
    const view = await phaseIs(handle, 'waiting');
    expect(view.attempts).toMatchObject([{ outcome: 'fault', decided: 'ask', problem: { class: type } }]);
    expect(view.waiting).toMatchObject({ for: 'operator', says: expect.stringContaining(words) });
    expect(view.attempts[0]?.problem?.says.length).toBeLessThanOrEqual(1_500);
    expect(at.world.attempts.of(handle.workflowId)).toHaveLength(1);
    await tell(handle, 'continue', {});
    expect((await launched(handle, 2)).request).toMatchObject({ cause: 'continue', intention: 'continue' });
  });

  it.each([
    ['nothing', undefined],
    ['a string', 'done'],
    ['an outcome of another version', { outcome: 'postponed' }],
    ['a report of another version', { version: 2, attempt: { outcome: 'done' } }],
  ])('waits for the operator where this version does not understand the report: %s', async (_, answer) => {
    const [handle, first] = await working();
    first.return(answer);
    const view = await phaseIs(handle, 'waiting');
    expect(view.attempts).toMatchObject([{ outcome: 'fault', problem: { class: 'unknown' } }]);
    expect(view.waiting?.says).toContain('report that this version does not understand');
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('is ended at once where no worker had taken it, and nothing was launched', async () => {
    const { world } = at;
    await world.stopWorkers();
    await world.startWorker({ activities: {} });
    const handle = await world.start();
    await phaseIs(handle, 'working');
    expect((await snapshotOf(handle)).attempt).toEqual({ state: 'waiting for a worker' });
    await tell(handle, 'stop', {});
    const held = await phaseIs(handle, 'waiting');
    expect(held.attempts).toMatchObject([{ number: 1, outcome: 'ended', sent: '', turns: 0 }]);
    await world.stopWorkers();
    await world.startWorker();
    await tell(handle, 'continue', {});
    const second = await launched(handle, 2);
    expect(second.request).toMatchObject({ instruction: { prompt: 'first prompt' }, session: { seen: false } });
    expect(world.attempts.of(handle.workflowId)).toHaveLength(1);
  });

  it('is taken up by another worker where a draining one hands it over, without spending an attempt', async () => {
    const [handle, first] = await working({ prompt: 'first', limits: { attempts: 1 } });
    first.end('handedOver');
    const second = await launched(handle, 2);
    expect(second.request).toMatchObject({
      cause: 'handover',
      intention: 'continue',
      previous: { outcome: 'handedOver' },
    });
    second.end('handedOver');
    (await launched(handle, 3)).done();
    expect(await phaseIs(handle, 'idle')).toMatchObject({ attemptsTotal: 3 });
  });
});

describe('a fault that passes by itself', () => {
  it('is waited out, then the same session is continued; `continue` cuts the wait short', async () => {
    const [handle, first] = await working();
    first.fault({ class: 'lost', says: 'the CLI died' });
    const waits = await phaseIs(handle, 'waiting');
    expect(waits.waiting).toMatchObject({
      for: 'backoff',
      says: expect.stringContaining('the CLI died'),
      until: expect.any(String),
    });
    const second = await launched(handle, 2);
    expect(second.request).toMatchObject({ cause: 'fault', intention: 'continue', previous: { says: 'the CLI died' } });
    second.fault({ class: 'overloaded', says: 'Overloaded' });
    await phaseIs(handle, 'waiting');
    await tell(handle, 'continue', {});
    (await launched(handle, 3, 5_000)).done();
    expect(await phaseIs(handle, 'idle')).toMatchObject({ attemptsTotal: 3 });
  });

  it('spends the attempts of its instruction, then waits for the operator, who grants as many again', async () => {
    const [handle, first] = await working({ prompt: 'first', limits: { attempts: 2 } });
    first.end('timedOut', { problem: { class: 'timedOut', says: 'took longer than 2h' } });
    (await launched(handle, 2)).end('timedOut', { problem: { class: 'timedOut', says: 'took longer than 2h' } });
    const spent = await phaseIs(handle, 'waiting');
    expect(spent.waiting).toMatchObject({ for: 'budget', says: expect.stringContaining('All 2 attempts') });
    await tell(handle, 'continue', {});
    expect((await launched(handle, 3)).request).toMatchObject({ cause: 'continue', intention: 'continue' });
  });

  it('shows a usage limit with the time of its reset, and launches nothing meanwhile', async () => {
    const [handle, first] = await working();
    const resetsAt = new Date(Date.now() + 3_600_000).toISOString();
    first.fault({ class: 'usageLimit', says: "You've hit your limit · resets 5:47pm (UTC)", resetsAt });
    const waits = await phaseIs(handle, 'waiting');
    expect(waits.waiting).toMatchObject({
      for: 'operator',
      until: resetsAt,
      says: expect.stringContaining('hit your limit'),
    });
    expect(at.world.attempts.of(handle.workflowId)).toHaveLength(1);
  });
});

describe('an operator', () => {
  it('stops an attempt gently and continues it; what was queued meanwhile waits its turn', async () => {
    const [handle, first] = await working();
    await tell(handle, 'stop', { reason: 'lunch', requestedBy: 'ann' });
    await tell(handle, 'update', { id: 'u', prompt: 'second' });
    const held = await phaseIs(handle, 'waiting');
    expect(first.cancelled).toBe('asked');
    expect(held.waiting?.says).toContain('Stopped by ann: lunch');
    expect(held).toMatchObject({ queued: 2, contextVersion: 2 });
    await tell(handle, 'continue', {});
    const second = await launched(handle, 2);
    expect(second.request).toMatchObject({ cause: 'stopped', intention: 'continue', instruction: { prompt: 'first' } });
    second.done();
    expect((await launched(handle, 3)).request).toMatchObject({
      cause: 'update',
      intention: 'resume',
      instruction: { prompt: 'second' },
    });
  });

  it('interrupts with an update: delivered work gives way to it, and the session is resumed', async () => {
    const [handle, first] = await working();
    await tell(handle, 'update', { id: 'later', prompt: 'later' });
    await tell(handle, 'update', { id: 'now', prompt: 'now', when: 'interrupt' });
    const second = await launched(handle, 2);
    expect(first.cancelled).toBe('asked');
    expect(second.request).toMatchObject({
      intention: 'resume',
      instruction: { prompt: 'now' },
      session: first.request.session.id === second.request.session.id ? {} : { id: 'same' },
    });
    second.done();
    expect((await launched(handle, 3)).request.instruction.prompt).toBe('later');
    expect((await viewOf(handle)).commands).toMatchObject([
      { id: 'later', state: 'working' },
      { id: 'now', state: 'done' },
    ]);
  });

  it('opens a second session, is asked which one a resume means, and picks the first', async () => {
    const [handle, first] = await working();
    first.done('one');
    await tell(handle, 'update', { prompt: 'side work', newSession: true });
    const second = await launched(handle, 2);
    expect(second.request).toMatchObject({ intention: 'start', session: { seen: false } });
    expect(second.request.session.id).not.toBe(first.request.session.id);
    second.done('two');
    await phaseIs(handle, 'idle');
    await tell(handle, 'resume', { id: 'which', prompt: 'go on there' });
    const asks = await phaseIs(handle, 'waiting');
    expect(asks.waiting).toMatchObject({
      for: 'choice',
      options: [
        { pick: 1, label: 'first → one' },
        { pick: 2, label: 'side work → two' },
      ],
      answerWith: [
        { command: 'answer', payload: { pick: 1 } },
        { command: 'answer', payload: { pick: 2 } },
      ],
    });
    await tell(handle, 'answer', { pick: '1' });
    const third = await launched(handle, 3);
    expect(third.request).toMatchObject({
      intention: 'resume',
      cause: 'resume',
      session: { id: first.request.session.id },
      instruction: { prompt: 'go on there' },
    });
    third.done();
    expect(await phaseIs(handle, 'idle')).toMatchObject({ activeSessionId: first.request.session.id });
  });

  it('withdraws a queued command by its id', async () => {
    const [handle, first] = await working();
    await tell(handle, 'update', { id: 'oops', prompt: 'wrong task' });
    await tell(handle, 'update', { id: 'right', prompt: 'right' });
    await tell(handle, 'drop', { command: 'oops', requestedBy: 'ann' });
    first.done();
    expect((await launched(handle, 2)).request.instruction.prompt).toBe('right');
    const view = await viewWhen(handle, 'dropped', ({ commands }) => commands.length === 3);
    expect(view.commands[0]).toMatchObject({ id: 'oops', state: 'dropped', why: 'withdrawn by ann' });
    expect(view.contextVersion).toBe(3);
  });
});
