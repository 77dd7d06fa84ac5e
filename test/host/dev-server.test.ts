// One Temporal server on a home's data: its data survives its death, and a second `taskrun` finds it instead of starting another.
import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type DevServer, type DevServerOptions, startDevServer, stopDevServer } from '../../src/host/dev-server.js';
import { stopServer } from '../../src/host/dev-server-process.js';
import { choosePort } from '../../src/host/ports.js';
import { aliveness } from '../../src/host/process-identity.js';
import { findMarked, killMarked } from '../../src/host/process-tree.js';
import { probeTemporal } from '../../src/host/temporal-probe.js';
import { until } from '../support/poll.js';
import { bundleProgram, talkTo } from '../support/program.js';
import { newTempDir, tempDir } from '../support/temp.js';
import { testTemporalBinary } from '../support/temporal.js';

let binary: string;
const started: DevServer[] = [];
let out: Awaited<ReturnType<typeof newTempDir>>;
let serve: string;
beforeAll(async () => {
  binary = await testTemporalBinary();
  out = await newTempDir('program');
  serve = await bundleProgram(fileURLToPath(new URL('programs/serve.ts', import.meta.url)), out.dir);
});
afterAll(() => out.remove());

describe('startDevServer', () => {
  it('serves, with its web UI, and ends gently', async () => {
    const server = await start(await home(), { uiPort: await choosePort('127.0.0.1') });
    expect(await probeTemporal(server.address)).toEqual({
      is: 'temporal',
      serverVersion: expect.stringMatching(/^1\.\d+/),
    });
    expect((await fetch(server.uiUrl ?? '')).status).toBe(200);
    await server.stop();
    expect(aliveness(server.identity)).toBe('dead');
    expect(await probeTemporal(server.address)).toMatchObject({ is: 'nothing' });
  });

  it('keeps what was started, over the death of the server, at the same address', async () => {
    const dir = await home();
    const first = await start(dir);
    await temporal(first, 'workflow', 'start', '--type', 'any', '--task-queue', 'none', '--workflow-id', 'survivor');
    await kill(first);
    const second = await start(dir, { port: undefined });
    expect(second.reused).toBe(false);
    expect(second.address).toBe(first.address);
    expect(await temporal(second, 'workflow', 'describe', '--workflow-id', 'survivor')).toContain('survivor');
  });

  it('registers search attributes that an older database does not know yet, and keeps closed tasks for 90 days', async () => {
    const dir = await home();
    await kill(await start(dir, { searchAttributes: { Former: 'Keyword' } }));
    const server = await start(dir, { searchAttributes: { Former: 'Int', Later: 'KeywordList', Last: 'Double' } });
    const attributes = await temporal(server, 'operator', 'search-attribute', 'list');
    expect(attributes).toMatch(/Later\s+KeywordList/);
    expect(attributes).toMatch(/Last\s+Double/);
    expect(attributes).toMatch(/Former\s+Keyword/);
    expect(server.notes).toEqual([
      expect.stringMatching(/^The search attribute Former \(Int\) could not .* different type Keyword/),
    ]);
    expect(await temporal(server, 'operator', 'namespace', 'describe', '-n', 'default')).toContain('2160h');
  });

  it('starts in a namespace of another name, on a database that lacks it', async () => {
    const dir = await home();
    await kill(await start(dir));
    const server = await start(dir, { namespace: 'mine' });
    expect(await temporal(server, 'operator', 'namespace', 'describe', '-n', 'mine')).toContain('mine');
  });

  it('takes another port when the wished one is taken by another program', async () => {
    const stranger = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void stranger.close());
    await until(() => stranger.listening, { what: 'the stranger listens' });
    const taken = stranger.address();
    const port = typeof taken === 'object' && taken !== null ? taken.port : 0;
    const server = await start(await home(), { port });
    expect(server.address).not.toBe(`127.0.0.1:${port}`);
    expect(await probeTemporal(server.address)).toMatchObject({ is: 'temporal' });
  });

  it("says the server's own last words when it can't start", async () => {
    const dir = await home();
    await mkdir(dir);
    await writeFile(join(dir, 'temporal.db'), 'not a database, and long enough to be taken for one'.repeat(10));
    const answer = await startDevServer({ binary, dir, uiPort: false, searchAttributes: {} });
    expect(answer).toMatchObject({
      ok: false,
      says: expect.stringMatching(/did not start: .*not a database.*server\.log/s),
    });
    expect(findMarked('TASKRUN_DEV_SERVER', join(dir, 'temporal.db'))).toEqual([]);
  });

  it('says so when the program is none', async () => {
    const answer = await startDevServer({ binary: '/nowhere/temporal', dir: await home(), searchAttributes: {} });
    expect(answer).toMatchObject({ ok: false, says: expect.stringContaining('/nowhere/temporal') });
  });
});

describe('a second taskrun', () => {
  it('finds the server of the first, and leaves it running', async () => {
    const dir = await home();
    const first = await start(dir);
    const second = await start(dir);
    expect(second).toMatchObject({ reused: true, address: first.address, pid: first.pid });
    await second.stop();
    expect(aliveness(first.identity)).toBe('alive');
  });

  it('of four at once: one starts it, three find it', async () => {
    const dir = await home();
    const four = Array.from({ length: 4 }, () => talkTo(process.execPath, [serve, binary, dir]));
    const answers = await Promise.all(four.map((one) => one.next<{ server: DevServer }>()));
    expect(answers.filter(({ server }) => server.reused)).toHaveLength(3);
    expect(new Set(answers.map(({ server }) => server.pid)).size).toBe(1);
    expect(findMarked('TASKRUN_DEV_SERVER', join(dir, 'temporal.db'))).toHaveLength(1);
    for (const one of four) one.process.kill('SIGKILL');
  });

  it('ends the server with itself when it started it, and finds it again when it was killed', async () => {
    const dir = await home();
    const killed = talkTo(process.execPath, [serve, binary, dir]);
    const { server } = await killed.next<{ server: DevServer }>();
    killed.process.kill('SIGKILL');
    await killed.ended;
    expect(await start(dir)).toMatchObject({ reused: true, pid: server.pid });
    expect(await stopDevServer(dir)).toBe(true);
    expect(aliveness(server.identity)).toBe('dead');

    const ended = talkTo(process.execPath, [serve, binary, dir]);
    const another = await ended.next<{ server: DevServer }>();
    ended.tell('end');
    expect(await ended.ended).toMatchObject({ code: 0 });
    await until(() => aliveness(another.server.identity) === 'dead', { what: 'the server ended too' });
  });

  it('never puts a second server beside one that nobody recorded', async () => {
    const dir = await home();
    const unrecorded = await start(dir);
    await temporal(
      unrecorded,
      'workflow',
      'start',
      '--type',
      'any',
      '--task-queue',
      'none',
      '--workflow-id',
      'survivor',
    );
    await rm(join(dir, 'server.json'));
    const server = await start(dir);
    expect(server.pid).not.toBe(unrecorded.pid);
    expect(aliveness(unrecorded.identity)).toBe('dead');
    expect(await temporal(server, 'workflow', 'describe', '--workflow-id', 'survivor')).toContain('survivor');
  });

  it('refuses to start beside one that runs and does not answer, and says which', async () => {
    const dir = await home();
    const frozen = await start(dir);
    process.kill(frozen.pid, 'SIGSTOP');
    const answer = await startDevServer({ binary, dir, searchAttributes: {}, answerWithinMs: 100 });
    expect(answer).toMatchObject({
      ok: false,
      says: expect.stringMatching(new RegExp(`pid ${frozen.pid}.*does not answer.*kill -9 ${frozen.pid}`)),
    });
    expect(aliveness(frozen.identity)).toBe('alive');
  });

  it("waits for another container's server until its record is stale, then starts one", async () => {
    const dir = await home();
    const first = await start(dir);
    await kill(first);
    const { pid, address } = first;
    const identity = { ...first.identity, pidNamespace: 'pid:[1]' };
    await writeFile(
      join(dir, 'server.json'),
      JSON.stringify({ identity, address, startedAt: new Date().toISOString() }),
    );
    const almostStale = new Date(Date.now() - 14_000);
    await utimes(join(dir, 'server.json'), almostStale, almostStale);
    const before = Date.now();
    const server = await start(dir);
    expect(Date.now() - before).toBeGreaterThan(900);
    expect(server.reused).toBe(false);
    expect(server.pid).not.toBe(pid);
    expect(JSON.parse(await readFile(join(dir, 'server.json'), 'utf8'))).toMatchObject({
      identity: { pid: server.pid },
    });
  });
});

describe('stopServer', () => {
  it('ends a server that does not answer signals, in bounded time', async () => {
    const server = await start(await home());
    process.kill(server.pid, 'SIGSTOP');
    expect(await stopServer(server.identity, 100)).toBe(true);
    expect(aliveness(server.identity)).toBe('dead');
  });
});

/** A home's directory; what still serves it when the test is over is killed. */
async function home(): Promise<string> {
  const dir = join(await tempDir('home'), 'temporal');
  onTestFinished(async () => {
    await killMarked('TASKRUN_DEV_SERVER', join(dir, 'temporal.db'));
    for (const server of started.splice(0)) await server.stop();
  });
  return dir;
}

/** As if its machine had lost its power: quicker than a gentle end, too. */
async function kill(server: DevServer): Promise<void> {
  process.kill(server.pid, 'SIGKILL');
  await until(() => aliveness(server.identity) === 'dead', { what: 'it is dead' });
}

async function start(dir: string, options: Partial<DevServerOptions> = {}): Promise<DevServer> {
  const answer = await startDevServer({
    binary,
    dir,
    uiPort: false,
    port: await choosePort('127.0.0.1'),
    searchAttributes: {},
    ...options,
  });
  if (!answer.ok) throw new Error(answer.says);
  started.push(answer.server);
  return answer.server;
}

async function temporal(server: DevServer, ...args: string[]): Promise<string> {
  const ran = await execa(binary, [...args, '--address', server.address], {
    extendEnv: false,
    env: { HOME: dirname(server.log) },
  });
  return ran.stdout;
}
