// A worker as a process: what it reports at its start, how it refuses wrong settings, and how it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { choosePort } from '../../src/host/ports.js';
import { World } from '../support/world.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let world: World;

beforeAll(async () => {
  world = await World.open({ withSearchAttributes: false });
});
afterAll(() => world.close());

/** `taskrun worker` with wrong settings, to its end. */
async function refused(env: Record<string, string>): Promise<{ code: number | null; says: string }> {
  const child = spawn(process.execPath, [MAIN, 'worker'], {
    env: { ...world.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let says = '';
  child.stderr.on('data', (chunk: Buffer) => (says += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, says };
}

test('reports what it found, serves health and metrics, and ends with 0 when it is told to', async () => {
  const metricsPort = await choosePort('127.0.0.1');
  const worker = await world.startWorker({ TASKRUN_METRICS_PORT: String(metricsPort) });
  const health = (await (await fetch(`http://127.0.0.1:${worker.healthPort}/healthz`)).json()) as object;
  expect(health).toMatchObject({
    status: 'running',
    attempts: 0,
    concurrency: 8,
    namespace: 'default',
    taskQueue: 'taskrun',
    claude: '2.1.330',
  });
  expect((await fetch(`http://127.0.0.1:${worker.healthPort}/nothing`)).status).toBe(404);
  expect(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()).toMatch(/^temporal_/m);

  const { code } = await worker.end('SIGTERM');
  expect(code).toBe(0);
  for (const fact of [
    world.env['TEMPORAL_ADDRESS'] ?? '',
    'namespace default',
    '2.1.330',
    world.env['TASKRUN_HOME'] ?? '',
    'TaskRunPhase',
  ]) {
    expect(worker.output()).toContain(fact);
  }
});

describe('ends at once, with a sentence', () => {
  test('2: a wrong setting', async () => {
    expect(await refused({ TASKRUN_CONCURRENCY: 'lots' })).toEqual({
      code: 2,
      says: expect.stringContaining('TASKRUN_CONCURRENCY: got "lots"') as string,
    });
  });

  test('2: a home that is a file', async () => {
    const file = join(world.dir, 'a-file');
    await writeFile(file, '');
    expect(await refused({ TASKRUN_HOME: file })).toEqual({
      code: 2,
      says: expect.stringContaining('is not a directory') as string,
    });
  });

  test.each(['relative/store', '/etc/hostname'])('2: %s as a store', async (store) => {
    expect(await refused({ TASKRUN_STORE: store })).toEqual({
      code: 2,
      says: expect.stringMatching(/TASKRUN_STORE.*Set|TASKRUN_STORE.*Give/s) as string,
    });
  });

  test('2: no Claude CLI where it was said to be', async () => {
    expect(await refused({ TASKRUN_CLAUDE: '/nowhere/claude' })).toEqual({
      code: 2,
      says: expect.stringContaining('TASKRUN_CLAUDE') as string,
    });
  });

  test('2: a directory as Claude CLI', async () => {
    await mkdir(join(world.dir, 'claude'), { recursive: true });
    expect(await refused({ TASKRUN_CLAUDE: join(world.dir, 'claude') })).toEqual({
      code: 2,
      says: expect.stringContaining('is a directory') as string,
    });
  });

  test('2: a namespace that is not there', async () => {
    expect(await refused({ TEMPORAL_NAMESPACE: 'nope' })).toEqual({
      code: 2,
      says: expect.stringContaining('"nope"') as string,
    });
  });

  test('3: no server', async () => {
    const port = await choosePort('127.0.0.1');
    expect(await refused({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` })).toEqual({
      code: 3,
      says: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
  });

  test.each(['TASKRUN_HEALTH_PORT', 'TASKRUN_METRICS_PORT'])('2: a port that is taken, %s', async (variable) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    expect(await refused({ [variable]: port })).toEqual({
      code: 2,
      says: expect.stringContaining(`${variable}: port ${port}`) as string,
    });
    taken.close();
  });
});

test('no secret of its environment shows in what it says or logs', async () => {
  const worker = await world.startWorker({
    ANTHROPIC_API_KEY: 'hush-hush',
    TEMPORAL_API_KEY: '',
    TASKRUN_LOG_LEVEL: 'trace',
  });
  const task = await world.client.start({ prompt: 'say it [[say done]]' }, { taskId: 'secret' });
  const view = await world.idle(task);
  await worker.end('SIGTERM');
  expect(worker.output()).not.toContain('hush-hush');
  expect(JSON.stringify(view)).not.toContain('hush-hush');
  const history = textsIn(await world.client.temporal.workflow.getHandle('secret').fetchHistory());
  expect(history).toContain('say it [[say done]]');
  expect(history).not.toContain('hush-hush');
});

/** Every string and every payload's bytes of a history, as one text. */
function textsIn(value: unknown): string {
  if (typeof value === 'string') return `${value}\n`;
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('utf8')}\n`;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textsIn).join('');
}
