// What becomes of today's files is asked through the server and back: as an Update, as a Signal, as the JSON in the UI.
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { json, rawSignal, rawUpdate } from '../support/raw-temporal.js';
import type { StubAttempt } from '../support/stub-attempts.js';
import { failedWorkflowTasks, phaseIs, refusalOf, signalled, tell } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld();
const FIRST = '0001'.repeat(10);
const SECOND = '0002'.repeat(10);

const launched = (handle: WorkflowHandle, number: number): Promise<StubAttempt> =>
  at.world.attempts.launched(handle.workflowId, number);

/** Two sessions took turns; the first is resumed, and its attempt asks. */
async function asking(): Promise<WorkflowHandle> {
  const handle = await at.world.start({ prompt: 'first' });
  const first = await launched(handle, 1);
  first.done('one', { checkpoint: FIRST });
  await phaseIs(handle, 'idle');
  await tell(handle, 'update', { prompt: 'second', newSession: true });
  (await launched(handle, 2)).done('two', { checkpoint: SECOND });
  await phaseIs(handle, 'idle');
  await tell(handle, 'resume', { id: 'r', sessionId: first.request.session.id, prompt: 'go on' });
  const third = await launched(handle, 3);
  expect(third.request.files).toEqual({ checkpoint: FIRST, mode: 'ask', answered: false });
  third.end('asks', {
    sent: '',
    delivered: false,
    question: { says: '1 file differs: a.txt', picks: ['keep', 'restore', 'merge'], safety: SECOND },
  });
  return handle;
}

const HOW: [how: string, answer: (handle: WorkflowHandle, payload: object) => Promise<unknown>][] = [
  ['an Update', (handle, payload) => tell(handle, 'answer', payload)],
  ['a Signal', (handle, payload) => signalled(handle, 'answer', payload)],
  [
    'the JSON in the UI, as an Update',
    (handle, payload) => rawUpdate(at.world.connection, handle, 'answer', [json(JSON.stringify(payload))]),
  ],
  [
    'the JSON in the UI, as a Signal',
    (handle, payload) => rawSignal(at.world.connection, handle, 'answer', [json(JSON.stringify(payload, null, 2))]),
  ],
];

describe('the question what becomes of the files', () => {
  it.each(HOW)('is answered with the very payload that it names, by %s', async (_, answer) => {
    const handle = await asking();
    const { waiting, attempts } = await phaseIs(handle, 'waiting');
    expect(attempts[2]).toMatchObject({ outcome: 'asks', decided: 'ask', sent: '' });
    expect(waiting).toMatchObject({ for: 'choice', says: '1 file differs: a.txt' });
    const named = waiting?.answerWith.find(({ payload }) => payload['pick'] === 'merge');
    await answer(handle, named?.payload ?? {});
    const fourth = await launched(handle, 4);
    expect(fourth.request).toMatchObject({
      cause: 'answer',
      intention: 'resume',
      instruction: { prompt: 'go on' },
      files: { checkpoint: FIRST, mode: 'merge', answered: true },
      line: { head: SECOND },
    });
    fourth.done('merged', { checkpoint: '0003'.repeat(10), filesSettled: true });
    expect(await phaseIs(handle, 'idle')).toMatchObject({ result: { text: 'merged', checkpoint: '0003'.repeat(10) } });
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });

  it('is in the memo and on the page, and refuses what it does not name', async () => {
    const handle = await asking();
    await phaseIs(handle, 'waiting');
    expect((await handle.describe()).memo).toMatchObject({
      taskrun: { phase: 'waiting', waiting: { for: 'choice', answerWith: [{ payload: { pick: 'keep' } }, {}, {}] } },
    });
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('1 file differs');
    for (const pick of ['keep', 'restore', 'merge']) expect(currentDetails).toContain(`{"pick":"${pick}"}`);
    expect(await refusalOf(handle, 'answer', { pick: 1 })).toContain('the task asks about its files: keep, restore');
    expect(await refusalOf(handle, 'continue')).toContain('answer with one of: keep, restore, merge');
    await tell(handle, 'drop', { command: 'r' });
    expect((await phaseIs(handle, 'idle')).commands).toContainEqual(
      expect.objectContaining({ id: 'r', state: 'dropped' }),
    );
  });

  it('that names no answer is a report that this version does not understand', async () => {
    const handle = await at.world.start();
    (await launched(handle, 1)).end('asks', { question: { says: 'what now', picks: [] } });
    expect((await phaseIs(handle, 'waiting')).waiting).toMatchObject({ for: 'operator' });
  });
});
