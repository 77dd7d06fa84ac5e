// A container restart: worker and CLI die at once, with their whole PID namespace, and come back in a fresh one on the
// same home. Holders of the old namespace can't be judged by their pids, and nothing of it can be left.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mayStartPidNamespace } from '../../support/namespaces.js';
import { until } from '../../support/poll.js';
import { World } from '../../support/world.js';

const bash = (command: string): string => `[[tool Bash ${JSON.stringify({ command })}]]`;
const CONTAINER = ['unshare', '-r', '--pid', '--fork', '--kill-child', '--mount-proc'];

let world: World;

beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

test.skipIf(!mayStartPidNamespace)(
  'both at once in a fresh PID namespace on the same home',
  { timeout: 240_000 },
  async () => {
    const first = await world.startWorker({}, CONTAINER);
    const prompt = `container ${bash('echo once >> log.txt')} [[sleep 120s]] [[recall]]`;
    const task = await world.client.start({ prompt, claude: { allowedTools: ['Bash'] } }, { taskId: 'container' });
    await until(() => world.api.requests.some((request) => !request.side && request.messages > 2), {
      what: 'in mid-turn',
      timeoutMs: 60_000,
    });
    await first.end('SIGKILL');
    await until(() => world.claudes.alive('container').length === 0, {
      what: 'the namespace is gone',
      timeoutMs: 10_000,
    });

    await world.startWorker({}, CONTAINER);
    const view = await world.idle(task, 2, 180_000);
    expect(view.attempts).toMatchObject([{ outcome: 'lost' }, { cause: 'lost', outcome: 'done', sent: '--continue' }]);
    expect(world.timesSaid('container [[tool')).toBe(1);
    expect(world.claudes.overlaps('container')).toEqual([]);
  },
);
