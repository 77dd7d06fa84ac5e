// One command is one command, whichever way and how often it is sent; a refusal leaves no trace; sent order is kept.
import { randomUUID } from 'node:crypto';
import { type WorkflowHandle, WorkflowUpdateStage } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { until } from '../support/poll.js';
import { eventsOf, failedWorkflowTasks, phaseIs, refusalOf, tell, viewOf, viewWhen } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld();

async function workingTask(spec: object = { prompt: 'first' }): Promise<WorkflowHandle> {
  const handle = await at.world.start(spec);
  await at.world.attempts.launched(handle.workflowId, 1);
  return handle;
}

describe('the id of a command makes it one command', () => {
  it('answers the same again to the same id, as Update or Signal, whatever the payload', async () => {
    const handle = await workingTask();
    const first = await tell(handle, 'update', { id: 'c-1', prompt: 'second' });
    expect(first).toMatchObject({ commandId: 'c-1', contextVersion: 2, position: 1 });
    await tell(handle, 'update', { prompt: 'third' });
    expect(await tell(handle, 'update', { id: 'c-1', prompt: 'second' })).toEqual(first);
    expect(await tell(handle, 'update', { id: 'c-1', prompt: 'another text' })).toEqual(first);
    expect(await tell(handle, 'stop', { id: 'c-1' })).toEqual(first);
    expect(await tell(handle, 'update', { id: 'c-1', nonsense: true })).toEqual(first);
    await handle.signal('update', { id: 'c-1', prompt: 'by signal' });
    await handle.signal('finish', { id: 'c-1' });
    await handle.signal('update', { id: 'last', prompt: 'fourth' });
    const view = await viewWhen(handle, 'the last signal', ({ commands }) => commands.some(({ id }) => id === 'last'));
    expect(view).toMatchObject({ phase: 'working', contextVersion: 4, commandsTotal: 3, refusedTotal: 0 });
    expect(view.commands.map(({ id }) => id)).toHaveLength(3);
  });

  it('takes the Update id where the payload brings none, and the hash of a long one', async () => {
    const handle = await workingTask();
    const send = (updateId: string) =>
      handle.executeUpdate<{ commandId: string }, [unknown]>('update', { args: [{ prompt: 'x' }], updateId });
    expect((await send('u-1')).commandId).toBe('u-1');
    const long = 'u'.repeat(65);
    const { commandId } = await send(long);
    expect(commandId).toMatch(/^[0-9a-f]{64}$/);
    expect((await tell(handle, 'update', { id: commandId, prompt: 'again' })).commandId).toBe(commandId);
    expect((await viewOf(handle)).contextVersion).toBe(3);
  });

  it('gives a Signal without one a uuid, shown in the list of commands', async () => {
    const handle = await workingTask();
    await handle.signal('update', { prompt: 'x' });
    const view = await viewWhen(handle, 'the signal', ({ commandsTotal }) => commandsTotal === 1);
    expect(view.commands[0]?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('lets a refused one be sent again, mended, under the same id', async () => {
    const handle = await workingTask();
    await handle.signal('update', { id: 'c-1', promt: 'typo' });
    await viewWhen(handle, 'the refusal', ({ refusedTotal }) => refusedTotal === 1);
    expect(await tell(handle, 'update', { id: 'c-1', prompt: 'mended' })).toMatchObject({
      commandId: 'c-1',
      position: 1,
    });
    expect((await viewOf(handle)).commands).toMatchObject([{ id: 'c-1', state: 'queued' }]);
  });
});

describe('a refused Update', () => {
  it.each([
    [
      'a mistyped field',
      'update',
      { prompt: 'x', sessionID: 'y' },
      'update.sessionID: unknown field; did you mean "sessionId"?',
    ],
    [
      'an unknown session',
      'update',
      { prompt: 'x', sessionId: 'nobody' },
      'update.sessionId: no session "nobody"; sessions of this task: 1 =',
    ],
    [
      'an unknown milestone',
      'resume',
      { checkpoint: 'abc' },
      'resume.checkpoint: no milestone "abc"; this task has no',
    ],
    ['a part that is not built', 'fork', { prompt: 'x', costUsd: 1 }, 'fork.costUsd'],
    ['null', 'update', null, 'update: got null; allowed: one JSON object'],
    ['nothing to answer', 'answer', { pick: 2 }, 'answer: nothing is asked'],
  ])('says why, changes nothing and is no event in history: %s', async (_, name, payload, sentence) => {
    const handle = await workingTask();
    const before = await viewOf(handle);
    expect(await refusalOf(handle, name, payload)).toContain(sentence);
    expect(await viewOf(handle)).toEqual(before);
    const events = await eventsOf(handle);
    expect(events.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes != null)).toEqual([]);
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('of a command that this version has not built is refused by its name', async () => {
    const handle = await workingTask();
    expect(await refusalOf(handle, 'extend', { attempts: 3 })).toContain('extend');
    await handle.signal('extend', { attempts: 3, id: 'e' });
    const view = await viewWhen(handle, 'the refusal', ({ refusedTotal }) => refusedTotal === 1);
    expect(view.commands).toMatchObject([
      { id: 'e', name: 'extend', state: 'refused', why: 'extend is not built in this version; nothing was changed' },
    ]);
  });
});

describe('an Update', () => {
  it('answers at acceptance, while an attempt works, and never waits for it', async () => {
    const handle = await workingTask();
    const answers = [];
    for (const prompt of ['a', 'b', 'c']) answers.push(await tell(handle, 'update', { prompt }));
    expect(answers.map(({ position }) => position)).toEqual([1, 2, 3]);
    expect(answers.map(({ contextVersion }) => contextVersion)).toEqual([2, 3, 4]);
    expect(world().attempts.of(handle.workflowId)).toHaveLength(1);
  });

  it('is accepted and completed in one, so that a client who waits for acceptance alone has its answer too', async () => {
    const handle = await workingTask();
    const update = await handle.startUpdate<unknown, [unknown]>('update', {
      args: [{ prompt: 'x' }],
      waitForStage: WorkflowUpdateStage.ACCEPTED,
    });
    expect(await update.result()).toMatchObject({ position: 1 });
  });
});

describe('commands sent before the task takes its first step', () => {
  it('take effect in the order in which they were sent, whatever their names', async () => {
    await world().stopWorkers();
    const ids: string[] = [];
    const handle = await world().start({ prompt: 'first' });
    const sent: [string, object][] = [
      ['stop', {}],
      ['update', { prompt: 'second' }],
      ['nonsense', {}],
      ['continue', {}],
      ['update', { prompt: 'third' }],
      ['drop', { command: '1' }],
    ];
    for (const [index, [name, payload]] of sent.entries()) {
      await handle.signal(name, { ...payload, id: String(index) });
      ids.push(String(index));
    }
    await world().startWorker();
    await world().attempts.launched(handle.workflowId, 1);
    const view = await viewOf(handle);
    expect(view.commands.map(({ id }) => id)).toEqual(ids);
    expect(view).toMatchObject({ phase: 'working', contextVersion: 3, queued: 1 });
    expect(view.commands.map(({ state }) => state)).toEqual(['done', 'dropped', 'refused', 'done', 'queued', 'done']);
  });

  it('may end it before anything was launched', async () => {
    await world().stopWorkers();
    const handle = await world().start({ prompt: 'first' });
    await handle.signal('update', { prompt: 'second', id: 'second' });
    await handle.signal('finish', { summary: 'changed my mind' });
    await world().startWorker();
    const result = await handle.result();
    expect(result).toMatchObject({ instructionId: null, text: 'changed my mind', summary: 'changed my mind' });
    expect(result).toHaveProperty('dropped');
    expect(world().attempts.of(handle.workflowId)).toEqual([]);
  });
});

describe('after the close', () => {
  it('commands get NOT_FOUND and the queries answer from history', async () => {
    const handle = await workingTask();
    await tell(handle, 'finish', {});
    await phaseIs(handle, 'finished');
    await handle.result();
    await expect(tell(handle, 'update', { prompt: 'x' })).rejects.toThrow(/already completed|not found/i);
    await expect(handle.signal('update', { prompt: 'x' })).rejects.toThrow(/already completed|not found/i);
    expect(await viewOf(handle)).toMatchObject({ phase: 'finished' });
    expect(await handle.query('waiting')).toBeNull();
  });

  it('the same workflow id starts another task, which knows nothing of the first', async () => {
    const handle = await workingTask();
    await tell(handle, 'finish', {});
    await handle.result();
    await at.world.client.workflow.start('taskRun', {
      workflowId: handle.workflowId,
      taskQueue: at.world.taskQueue,
      args: [{ prompt: 'anew' }],
    });
    const second = await until(() => world().attempts.of(handle.workflowId)[1], { what: 'the second task' });
    expect(second.request).toMatchObject({ number: 1, instruction: { prompt: 'anew' } });
    expect(second.request.incarnation).not.toBe(world().attempts.of(handle.workflowId)[0]?.request.incarnation);
    const again = at.world.client.workflow.getHandle(handle.workflowId);
    expect(await tell(again, 'update', { id: randomUUID(), prompt: 'x' })).toMatchObject({ contextVersion: 2 });
  });
});

const world = () => at.world;
