// Commands of a service that meet the end of a run: each is answered, once, whatever the server does with the Update
// that was in flight when the task went on as a new run.
import { expect, it } from 'vitest';
import { type CommandAnswer, type TaskHandle, TaskrunClient } from '../../src/client.js';
import { until } from '../support/poll.js';
import { failedWorkflowTasks, runsOf } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld({ cached: 100 });
const SENDERS = 20;
const COMMANDS = 300;

it('every one of many concurrent sends is answered while the task continues as new', { timeout: 120_000 }, async () => {
  const { world } = at;
  const task = await new TaskrunClient(world.client, world.taskQueue).start({ prompt: 'first' });
  await world.attempts.launched(task.taskId, 1);
  await task.send('stop', {});
  await until(() => task.waiting(), { what: 'the wait' });

  const answers = await sendMany(task);
  expect(new Set(answers.map(({ contextVersion }) => contextVersion)).size).toBe(COMMANDS);
  expect(await task.view()).toMatchObject({ contextVersion: COMMANDS + 1, queued: COMMANDS + 1 });
  const handle = world.client.workflow.getHandle(task.taskId);
  expect((await runsOf(handle)).length).toBeGreaterThanOrEqual(2);
  expect(await failedWorkflowTasks(handle)).toEqual([]);

  // Those of the former runs too: the same id, the same answer.
  for (const answer of [answers[0], answers[COMMANDS / 2], answers.at(-1)])
    expect(await task.send('update', { id: answer?.commandId ?? '', prompt: 'again' })).toEqual(answer);
});

async function sendMany(task: TaskHandle): Promise<CommandAnswer[]> {
  const answers: CommandAnswer[] = [];
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < COMMANDS) {
      const id = `u-${next++}`;
      answers.push(await task.send('update', { id, prompt: id }));
      // Signals overtake the workflow task that would end the run.
      await task.signal('drop', { command: 'nothing of this name' });
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  return answers;
}
