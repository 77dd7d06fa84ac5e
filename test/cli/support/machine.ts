// A machine on which nothing is configured and nothing runs: a network and a home of its own, `temporal` on PATH, the
// scripted Messages API as a process. Everything on it ends with it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'vitest';
import { stopDevServer } from '../../../src/host/dev-server.js';
import { newTempDir } from '../../support/temp.js';
import { testTemporalBinary } from '../../support/temporal.js';
import { CLI, type Ended, end, type Running, startCli } from './cli.js';
import { ownNetwork } from './network.js';
import { cliEnv } from './world.js';

const API = join(dirname(CLI), '../demo/api/main.js');

export interface Machine {
  /** A directory on it, for whatever a test likes. */
  dir: string;
  taskrun(...args: string[]): Promise<Ended>;
  start(...args: string[]): Running;
  /** Of the dev server of this home, as it is recorded. */
  serverPid(): Promise<number | undefined>;
}

/** Gone when the test ends: its own context says when, since several run at the same time. */
export async function newMachine({ onTestFinished }: TestContext): Promise<Machine> {
  const { dir, remove } = await newTempDir('machine');
  onTestFinished(remove);
  const { prefix, close } = await ownNetwork();
  onTestFinished(close);
  const api = await startApi(prefix);
  onTestFinished(api.stop);
  const env = { ...cliEnv(dir, api.url), PATH: `${await binDir(dir)}:${process.env['PATH'] ?? ''}` };
  const home = join(dir, 'taskrun');
  onTestFinished(async () => void (await stopDevServer(join(home, 'temporal'))));
  const start = (...args: string[]): Running => {
    const running = startCli(args, { env, prefix });
    onTestFinished(async () => void (await end(running, 'SIGKILL')));
    return running;
  };
  return {
    dir,
    taskrun: (...args) => start(...args).ended,
    start,
    serverPid: () => serverPid(home),
  };
}

async function startApi(prefix: readonly string[]): Promise<{ url: string; stop: () => Promise<void> }> {
  const [command, ...args] = [...prefix, process.execPath, API];
  const api = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(api, 'close');
  const [line] = (await once(api.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString('utf8')) as { url: string };
  const stop = async (): Promise<void> => {
    api.kill('SIGTERM');
    await gone;
  };
  return { url, stop };
}

async function binDir(dir: string): Promise<string> {
  const bin = join(dir, 'bin');
  await mkdir(bin);
  await symlink(await testTemporalBinary(), join(bin, 'temporal'));
  return bin;
}

async function serverPid(home: string): Promise<number | undefined> {
  const record = await readFile(join(home, 'temporal', 'server.json'), 'utf8').catch(() => undefined);
  return record === undefined ? undefined : (JSON.parse(record) as { identity: { pid: number } }).identity.pid;
}
