// A worker frozen past its heartbeat time-out, a second one beside it, then thawed: one writer, nothing twice.
// Judged by the API's log and the lifetimes of the processes, not by what the workflow believes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/poll.js';
import { World } from '../support/world.js';

const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;

let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

test('frozen in mid-turn, overtaken, thawed', { timeout: 240_000 }, async () => {
  const frozen = await world.startWorker();
  const task = await world.client.start(
    { prompt: `thaw ${bash('echo once >> log.txt')} [[sleep 120s]] [[recall]]`, claude: { allowedTools: ['Bash'] } },
    { taskId: 'thaw' },
  );
  await until(() => world.api.requests.some((request) => !request.side && request.messages > 2), {
    what: 'in mid-turn',
    timeoutMs: 60_000,
  });

  void frozen.end('SIGSTOP');
  await world.startWorker();
  const view = await world.idle(task, 2, 120_000);
  void frozen.end('SIGCONT');
  await until(async () => (await fetch(`http://127.0.0.1:${frozen.healthPort}/healthz`)).ok, {
    what: 'the thawed worker answers again',
  });
  await task.send('update', { prompt: 'and now? [[recall]]' });
  const after = await world.idle(task, view.attemptsTotal + 1, 60_000);

  // The server may hand the next attempt to the frozen worker's open poll once more: that one is lost too, unlaunched.
  expect(view.attempts[0]).toMatchObject({ outcome: 'lost' });
  expect(view.attempts.at(-1)).toMatchObject({ cause: 'lost', sent: '--continue', outcome: 'done' });
  expect(world.claudes.flagsOf('thaw')).toEqual([
    `--session-id=${view.activeSessionId}`,
    '--continue',
    `--resume=${view.activeSessionId}`,
  ]);
  expect(after.attempts.at(-1)).toMatchObject({ outcome: 'done' });
  expect(world.claudes.overlaps('thaw')).toEqual([]);
  expect(world.timesSaid('thaw [[tool')).toBe(1);
  expect(world.timesSaid('and now?')).toBe(1);
});

test('frozen before it took its attempt: a stale attempt launches nothing', { timeout: 240_000 }, async () => {
  const task = await world.client.start({ prompt: 'stale one [[say first]]' }, { taskId: 'stale' });
  await world.idle(task, 1, 120_000);
  const workers = world.workers();
  for (const worker of workers) void worker.end('SIGSTOP');
  // Handed to a frozen worker's poll, or waiting in the queue: either way it is the new worker that must do it, once.
  await task.signal('update', { prompt: 'stale two [[recall]]' });
  await world.startWorker();
  const view = await world.idle(task, 2, 180_000);
  for (const worker of workers) void worker.end('SIGCONT');
  await until(
    async () =>
      (await Promise.all(workers.map((worker) => fetch(`http://127.0.0.1:${worker.healthPort}/healthz`)))).every(
        (answer) => answer.ok,
      ),
    { what: 'the thawed workers answer again' },
  );
  await task.send('update', { prompt: 'stale three [[recall]]' });
  const after = await world.idle(task, view.attemptsTotal + 1, 60_000);

  expect(after.commands.map(({ state }) => state)).toEqual(['done', 'done']);
  expect(world.timesSaid('stale two')).toBe(1);
  expect(world.claudes.overlaps('stale')).toEqual([]);
});
