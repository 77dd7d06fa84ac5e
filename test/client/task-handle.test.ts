// The typed client against a real task: each call answers as its docstring says, and each refusal is a class of its own
// with a sentence. What the commands mean is the workflow's; here it is what a service sees of them.
import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import {
  CommandRefusedError,
  InvalidInputError,
  type Snapshot,
  TaskAlreadyOpenError,
  type TaskHandle,
  type TaskListed,
  TaskNotFoundError,
  TaskrunClient,
} from '../../src/client.js';
import { readConfig } from '../../src/config.js';
import { attemptView, sessionView, taskView } from '../../src/contract/views.js';
import { until } from '../support/poll.js';
import type { StubAttempt } from '../support/stub-attempts.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld({ cached: 100 });

const client = (): TaskrunClient => new TaskrunClient(at.world.client, at.world.taskQueue);

async function working(): Promise<[TaskHandle, StubAttempt]> {
  const task = await client().start({ prompt: 'first', title: 'A task' });
  return [task, await at.world.attempts.launched(task.taskId, 1)];
}

async function idle(): Promise<TaskHandle> {
  const [task, attempt] = await working();
  attempt.done('the answer');
  await until(async () => (await task.view()).phase === 'idle', { what: 'idle' });
  return task;
}

describe('a task from start to result', () => {
  it('is started, told, asked and awaited', async () => {
    const [task, first] = await working();
    expect(taskView.strict().parse(await task.view())).toMatchObject({ taskId: task.taskId, phase: 'working' });
    expect(await task.waiting()).toBeNull();
    expect(await task.send('update', { prompt: 'more', id: 'more' })).toMatchObject({
      commandId: 'more',
      contextVersion: 2,
      position: 1,
    });
    expect(await task.signal('update', { prompt: 'by signal', id: 'by-signal' })).toBe('by-signal');
    const made = await task.signal('update', { prompt: 'without an id' });
    await until(async () => (await task.view()).commands.some(({ id }) => id === made), { what: 'the signal' });

    await task.send('stop', { reason: 'lunch' });
    const waiting = await until(() => task.waiting(), { what: 'the wait' });
    expect(waiting).toMatchObject({ for: 'operator', says: expect.stringContaining('lunch') });
    expect((await task.sessions()).map((one) => sessionView.strict().parse(one))).toHaveLength(1);
    expect((await task.attempts()).map((one) => attemptView.strict().parse(one))).toMatchObject([{ outcome: 'ended' }]);
    expect(first.cancelled).toBe('asked');

    await task.send('continue', {});
    (await at.world.attempts.launched(task.taskId, 2)).done('the answer');
    await at.world.attempts.launched(task.taskId, 3);
    await task.send('finish', { summary: 'enough' });
    expect(await task.result()).toMatchObject({ text: 'the answer', summary: 'enough', dropped: expect.any(Array) });
  });

  it('has a summary in which its title is no markup: the UI renders it', async () => {
    const task = await client().start({ prompt: 'first', title: 'a [link](javascript:x) and <img>' });
    const described = await at.world.client.workflow.getHandle(task.taskId).describe();
    expect(await described.staticSummary()).toBe('a \\[link\\](javascript:x) and \\<img\\>');
  });

  it('shows live progress while an attempt works', async () => {
    const [task, attempt] = await working();
    const snapshot = await until(
      async () => {
        const now = await task.snapshot();
        return now.attempt?.progress === undefined ? undefined : now;
      },
      { what: 'a heartbeat' },
    );
    expect(snapshot).toMatchObject({
      status: 'RUNNING',
      memo: { phase: 'working', waiting: null },
      attempt: { state: 'working', progress: { attemptId: attempt.request.attemptId, host: 'stub-host' } },
      view: { phase: 'working' },
    });
  });

  it('is followed until it closes, each snapshot another', async () => {
    const [task, attempt] = await working();
    const seen: Snapshot[] = [];
    for await (const snapshot of task.follow({ everyMs: 50 })) {
      seen.push(snapshot);
      if (!attempt.ended) attempt.done();
      else if (snapshot.view?.phase === 'idle') await task.send('finish', {}).catch(() => {});
    }
    expect(seen[0]?.view?.phase).toBe('working');
    expect(seen.at(-1)).toMatchObject({ status: 'COMPLETED', view: { phase: 'finished' }, closedAt: expect.any(Date) });
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(seen.length);
  });

  it('is no longer followed once the caller has enough', async () => {
    const [task] = await working();
    const enough = new AbortController();
    let seen = 0;
    for await (const _ of task.follow({ everyMs: 60_000, signal: enough.signal })) {
      seen += 1;
      setImmediate(() => enough.abort());
    }
    expect(seen).toBe(1);
  });

  it('is listed once, newest first, and filtered', async () => {
    const [older] = await working();
    const [newer] = await working();
    const listed = async (filter?: string) => {
      const found: TaskListed[] = [];
      for await (const one of client().list(filter)) found.push(one);
      return found;
    };
    const ids = await until(
      async () => {
        const found = (await listed()).map(({ taskId }) => taskId);
        return found.includes(newer.taskId) && found.includes(older.taskId) ? found : undefined;
      },
      { what: 'both listed' },
    );
    expect(ids.indexOf(newer.taskId)).toBeLessThan(ids.indexOf(older.taskId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(await listed(`WorkflowId = "${older.taskId}"`)).toMatchObject([{ taskId: older.taskId, status: 'RUNNING' }]);
  });

  it('cancelled: a gentle stop, and the result says so', async () => {
    const [task, attempt] = await working();
    await task.cancel();
    await expect(task.result()).rejects.toThrow(WorkflowFailedError);
    expect(attempt.cancelled).toBe('asked');
    expect(await task.snapshot()).toMatchObject({ status: 'CANCELLED', view: { phase: 'cancelled' } });
  });

  it('terminated: at once, and the reason stands in the result', async () => {
    const [task] = await working();
    await task.terminate('enough of it');
    await expect(task.result()).rejects.toMatchObject({ cause: { message: 'enough of it' } });
    expect(await task.snapshot()).toMatchObject({ status: 'TERMINATED' });
  });
});

describe('the client connects', () => {
  it('as the environment says', async () => {
    const read = readConfig({ TEMPORAL_ADDRESS: at.world.server.address, HOME: '/nonexistent' });
    if (!read.ok) throw new Error(read.says);
    const connected = await TaskrunClient.connect(read.config);
    const task = await connected.start({ prompt: 'first' });
    await at.world.attempts.launched(task.taskId, 1);
    await connected.close();
  });
});

describe('a refusal', () => {
  it('of a spec names the field, and nothing is started', async () => {
    const taskId = `refused-${randomUUID()}`;
    const start = (spec: object) => client().start(spec as { prompt: string }, { taskId });
    await expect(start({ promt: 'x' })).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidInputError', message: expect.stringContaining('prompt') }),
    );
    await expect(start({ prompt: '' })).rejects.toThrow(/prompt/);
    await expect(start({ prompt: 'x', limits: { attempts: 0 } })).rejects.toThrow(/limits\.attempts/);
    await expect(client().start({ prompt: 'x' }, { taskId: 'a\nb' })).rejects.toThrow(InvalidInputError);
    await expect(client().task(taskId).snapshot()).rejects.toThrow(TaskNotFoundError);
  });

  it('of a payload names the field, before anything is sent', async () => {
    const task = await idle();
    const before = await task.view();
    await expect(task.send('update', { promt: 'x' } as never)).rejects.toThrow(InvalidInputError);
    await expect(task.send('update', { promt: 'x' } as never)).rejects.toThrow(/update\.promt: .*"prompt"/);
    await expect(task.signal('drop', {} as never)).rejects.toThrow(/drop\.command/);
    expect(await task.view()).toEqual(before);
  });

  it("by the task carries the task's sentence", async () => {
    const task = await idle();
    await expect(task.send('continue', {})).rejects.toThrow(CommandRefusedError);
    await expect(task.send('continue', {})).rejects.toThrow(/^continue: nothing to continue/);
    expect((await task.view()).commandsTotal).toBe(0);
  });

  it('of a second task under an open id says what to do', async () => {
    const [task] = await working();
    const again = client().start({ prompt: 'x' }, { taskId: task.taskId });
    await expect(again).rejects.toThrow(TaskAlreadyOpenError);
    await expect(again).rejects.toThrow(`Task "${task.taskId}" is open already`);
  });

  it('of every call where there is no such task', async () => {
    const nobody = client().task(`nobody-${randomUUID()}`);
    const calls: (() => Promise<unknown>)[] = [
      () => nobody.send('stop', {}),
      () => nobody.signal('stop', {}),
      () => nobody.view(),
      () => nobody.sessions(),
      () => nobody.attempts(),
      () => nobody.waiting(),
      () => nobody.snapshot(),
      () => nobody.follow().next(),
      () => nobody.result(),
      () => nobody.cancel(),
      () => nobody.terminate('x'),
    ];
    const errors = await Promise.all(calls.map((call) => call().catch((error: unknown) => error)));
    expect(errors.map((error) => (error as Error).name)).toEqual(calls.map(() => 'TaskNotFoundError'));
  });

  it('of commands where the task is closed; queries still answer, and the id is free again', async () => {
    const task = await idle();
    await task.send('finish', {});
    await task.result();
    for (const call of [() => task.send('stop', {}), () => task.signal('stop', {}), () => task.terminate('x')])
      await expect(call()).rejects.toThrow(TaskNotFoundError);
    await task.cancel();
    expect(await task.view()).toMatchObject({ phase: 'finished' });
    await client().start({ prompt: 'again' }, { taskId: task.taskId });
  });
});

describe('the same id', () => {
  it('makes it one command, however often and by whichever way it is sent', async () => {
    const [task] = await working();
    const first = await task.send('update', { id: 'one', prompt: 'x' });
    expect(await task.send('update', { id: 'one', prompt: 'another' })).toEqual(first);
    await task.signal('update', { id: 'one', prompt: 'x' });
    const many = Array.from({ length: 8 }, () => task.send('update', { id: 'two', prompt: 'x' }));
    const [answer, ...others] = await Promise.all(many);
    expect(others).toEqual(others.map(() => answer));
    expect(await task.view()).toMatchObject({ contextVersion: 3, commandsTotal: 2 });
  });
});
