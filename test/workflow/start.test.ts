// What a plain Temporal client gets from a start: one JSON object in, a working task out; anything else fails at once.
import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { attemptView, sessionView, taskMemo, taskView, waitingView } from '../../src/contract/views.js';
import { until } from '../support/poll.js';
import { json, payload, rawStart } from '../support/raw-temporal.js';
import { eventsOf, failedWorkflowTasks, phaseIs, viewOf, viewWhen } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld();

const scheduledOf = async (handle: WorkflowHandle) =>
  (await eventsOf(handle)).filter(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'attempt',
  );

const textOf = (data: Uint8Array | null | undefined): unknown => JSON.parse(Buffer.from(data ?? []).toString('utf8'));

describe('a task that any client starts with {prompt}', () => {
  it('works its prompt in a session of its own and is idle then, open for more', async () => {
    const { world } = at;
    const handle = await world.start({ prompt: 'sort the letters' });
    const attempt = await world.attempts.launched(handle.workflowId, 1);
    expect(attempt.request).toMatchObject({
      taskId: handle.workflowId,
      number: 1,
      cause: 'first',
      intention: 'start',
      instruction: { prompt: 'sort the letters' },
      claude: { permissionMode: 'acceptEdits' },
      attemptTimeoutMs: 7_200_000,
      silenceTimeoutMs: 600_000,
    });
    const working = await viewOf(handle);
    expect(working).toMatchObject({ phase: 'working', contextVersion: 1, queued: 0, attemptsTotal: 1 });
    expect(working.attempts).toMatchObject([{ number: 1, outcome: null, cause: 'first' }]);

    attempt.done('sorted', { sessionCostUsd: 0.25, turns: 3 });
    const idle = await phaseIs(handle, 'idle');
    expect(idle).toMatchObject({
      costUsd: 0.25,
      result: { text: 'sorted' },
      activeSessionId: attempt.request.session.id,
    });
    expect(idle.sessions).toMatchObject([
      { number: 1, status: 'active', attempts: 1, turns: 3, recent: [{ asked: 'sort the letters', said: 'sorted' }] },
    ]);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('answers all four queries in the shapes of the contract', async () => {
    const { world } = at;
    const handle = await world.start();
    await world.attempts.launched(handle.workflowId, 1);
    expect(taskView.strict().safeParse(await handle.query('task')).error).toBeUndefined();
    expect(
      z
        .array(sessionView.strict())
        .length(1)
        .safeParse(await handle.query('sessions')).error,
    ).toBeUndefined();
    expect(
      z
        .array(attemptView.strict())
        .length(1)
        .safeParse(await handle.query('attempts')).error,
    ).toBeUndefined();
    expect(await handle.query('waiting')).toBeNull();
    (await world.attempts.launched(handle.workflowId, 1)).fault({ class: 'credit', says: 'Credit balance is too low' });
    await phaseIs(handle, 'waiting');
    expect(waitingView.strict().safeParse(await handle.query('waiting')).error).toBeUndefined();
    expect(z.array(attemptView.strict()).safeParse(await handle.query('attempts')).error).toBeUndefined();
  });

  it('mirrors its phase and what it waits for into the memo, which no worker is needed to read', async () => {
    const { world } = at;
    const handle = await world.start();
    const memo = async () => taskMemo.strict().parse((await handle.describe()).memo?.['taskrun']);
    const attempt = await world.attempts.launched(handle.workflowId, 1);
    expect(await memo()).toEqual({ phase: 'working', waiting: null });
    attempt.fault({ class: 'credit', says: 'Credit balance is too low' });
    await phaseIs(handle, 'waiting');
    const waits = { for: 'operator', answerWith: [{ command: 'continue' }, {}, {}] };
    await until(async () => (await memo()).phase === 'waiting', { what: 'the memo' });
    expect(await memo()).toMatchObject({ phase: 'waiting', waiting: waits });
  });

  it.each([
    ['control characters', '\u0001'],
    ['lone surrogates', '\ud800'],
    ['wide characters', '漢'],
    ['quotes', '"'],
  ])('keeps the memo within 2 KB whatever is said, also in %s', async (_, char) => {
    const { world } = at;
    const handle = await world.start({ prompt: 'x', requestedBy: char.repeat(500), title: char.repeat(500) });
    await world.attempts.launched(handle.workflowId, 1);
    await handle.executeUpdate('stop', { args: [{ reason: char.repeat(2_000), requestedBy: char.repeat(500) }] });
    await phaseIs(handle, 'waiting');
    // A query may answer from a step whose memo the server has yet to write.
    const data = await until(
      async () => {
        const written = (await handle.describe()).raw.workflowExecutionInfo?.memo?.fields?.['taskrun']?.data;
        expect(textOf(written)).toMatchObject({ phase: 'waiting', waiting: { for: 'operator' } });
        return written;
      },
      { what: 'the memo of the wait' },
    );
    expect(data.length).toBeLessThanOrEqual(2_048);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('gives the attempt a summary that reads well in a timeline, and its priority', async () => {
    const { world } = at;
    const handle = await world.start({ prompt: 'x', priority: 2 });
    (await world.attempts.launched(handle.workflowId, 1)).end('timedOut', {
      problem: { class: 'timedOut', says: 'the attempt took longer than 2h' },
    });
    await world.attempts.launched(handle.workflowId, 2);
    const scheduled = await scheduledOf(handle);
    expect(scheduled.map((event) => textOf(event.userMetadata?.summary?.data))).toEqual([
      'attempt 1 · --session-id · first attempt',
      'attempt 2 · --continue · after time-out',
    ]);
    expect(scheduled[0]?.activityTaskScheduledEventAttributes?.priority?.priorityKey).toBe(2);
    const [, second] = world.attempts.of(handle.workflowId);
    expect(scheduled[1]?.activityTaskScheduledEventAttributes?.activityId).toBe(second?.request.attemptId);
  });

  it('takes commands sent together with its start', async () => {
    const { world } = at;
    const handle = await world.client.workflow.signalWithStart('taskRun', {
      workflowId: `task-${randomUUID()}`,
      taskQueue: world.taskQueue,
      args: [{ prompt: 'first' }],
      signal: 'update',
      signalArgs: [{ prompt: 'second', id: 'with-start' }],
    });
    (await world.attempts.launched(handle.workflowId, 1)).done();
    expect((await world.attempts.launched(handle.workflowId, 2)).request.instruction.prompt).toBe('second');
    expect((await viewOf(handle)).commands).toMatchObject([{ id: 'with-start', state: 'working' }]);
  });

  it('keeps the memo that its starter gave it, also one that cannot be read here', async () => {
    const { world } = at;
    const workflowId = await rawStart(world.connection, {
      taskQueue: world.taskQueue,
      payloads: [json('{"prompt":"x"}')],
      memo: { team: json('"blue"'), secret: payload('binary/encrypted', 'xyz') },
    });
    await world.attempts.launched(workflowId, 1);
    const { raw } = await describeRaw(workflowId);
    expect(Object.keys(raw ?? {}).toSorted()).toEqual(['secret', 'taskrun', 'team']);
  });

  async function describeRaw(workflowId: string) {
    const { world } = at;
    const answer = await world.connection.workflowService.describeWorkflowExecution({
      namespace: 'default',
      execution: { workflowId },
    });
    return { raw: answer.workflowExecutionInfo?.memo?.fields };
  }
});

describe('a start whose spec is refused', () => {
  const failureOf = async (handle: WorkflowHandle): Promise<ApplicationFailure> => {
    const error: unknown = await handle.result().then(
      () => new Error('it did not fail'),
      (thrown: unknown) => thrown,
    );
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) return error.cause;
    throw error;
  };

  it.each([
    ['an unknown field', [{ prompt: 'x', promt: 'y' }], 'spec.promt: unknown field; did you mean "prompt"?'],
    ['no prompt', [{}], 'spec.prompt: got nothing'],
    ['an empty prompt', [{ prompt: ' ' }], 'spec.prompt: got " "'],
    ['a part that is not built', [{ prompt: 'x', ask: ['Bash'] }], 'spec.ask'],
    [
      'a wrong duration',
      [{ prompt: 'x', limits: { attemptTimeout: '2 hours' } }],
      'spec.limits.attemptTimeout: got "2 hours"',
    ],
    ['null', [null], 'spec: got null; allowed: one JSON object'],
    ['a string', ['do it'], 'spec: got "do it"; allowed: one JSON object'],
    ['an array', [[{ prompt: 'x' }]], 'spec: got a list of 1; allowed:'],
    ['two arguments', [{ prompt: 'x' }, {}], 'spec: got more than one argument'],
    ['three arguments', [{ prompt: 'x' }, {}, 1], 'spec: got more than one argument'],
    ['a carried state of its own making', [{ carried: { version: 99 } }], 'spec.carried: unknown field'],
  ])('fails at once, for good and with one sentence: %s', async (_, args, sentence) => {
    const { world } = at;
    const handle = await world.start(...args);
    const failure = await failureOf(handle);
    expect(failure).toMatchObject({ type: 'InvalidSpec', nonRetryable: true });
    expect(failure.message).toContain(sentence);
    expect(failure.message.length).toBeLessThanOrEqual(1_500);
    expect(world.attempts.of(handle.workflowId)).toEqual([]);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it.each([
    ['no argument', [], 'spec: got no argument'],
    ['garbage for JSON', [json('{"prompt":')], "that can't be decoded"],
    ['an encrypted payload', [payload('binary/encrypted', 'abc')], 'encoding "binary/encrypted"'],
    ['a payload without encoding', [payload(undefined, 'abc')], "that can't be decoded"],
    ['bytes', [payload('binary/plain', 'abc')], '3 bytes of binary data'],
    ['a great depth', [json('['.repeat(200_000) + ']'.repeat(200_000))], 'levels of lists and objects'],
    ['100,000 arguments', Array.from({ length: 100_000 }, () => ({})), 'spec: got'],
  ])('fails so too where no client of Temporal would send it: %s', async (_, payloads, sentence) => {
    const { world } = at;
    const workflowId = await rawStart(world.connection, { taskQueue: world.taskQueue, payloads });
    const handle = world.client.workflow.getHandle(workflowId);
    expect((await failureOf(handle)).message).toContain(sentence);
  });

  it('is failed in the query and in the memo, and is not retried under a retry policy', async () => {
    const { world } = at;
    const handle = await world.client.workflow.start('taskRun', {
      workflowId: `task-${randomUUID()}`,
      taskQueue: world.taskQueue,
      args: [{ prompt: 7 }],
      retry: { maximumAttempts: 3 },
    });
    expect((await failureOf(handle)).message).toContain('spec.prompt: got 7');
    expect(await viewWhen(handle, 'the failed view', () => true)).toMatchObject({ phase: 'failed', sessions: [] });
    const described = await handle.describe();
    expect(described.memo).toEqual({ taskrun: { phase: 'failed', waiting: null } });
    expect(described.status.name).toBe('FAILED');
    expect([await handle.query('sessions'), await handle.query('attempts'), await handle.query('waiting')]).toEqual([
      [],
      [],
      null,
    ]);
  });
});
