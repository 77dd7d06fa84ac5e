// A git server on loopback, as a fleet's store: `git daemon` over a directory, stopped and started as a test likes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket, connect as socketTo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { git } from '../../../src/context/git.js';
import { until } from '../../support/poll.js';
import { tempDir } from '../../support/temp.js';

export interface GitServer {
  url: string;
  /** The repository behind it. */
  gitDir: string;
  stop(): Promise<void>;
  start(options?: { readOnly?: boolean }): Promise<void>;
}

export async function gitServer(): Promise<GitServer> {
  const base = await tempDir('server');
  const gitDir = join(base, 'store.git');
  await git({ gitDir, args: ['init', '--quiet', '--bare'] });
  const port = await freePort();
  let daemon: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (daemon?.exitCode === null && daemon.signalCode === null) {
      const gone = once(daemon, 'exit');
      // Its children, which serve one connection each, are in its group.
      if (daemon.pid !== undefined) process.kill(-daemon.pid, 'SIGKILL');
      await gone;
    }
    daemon = undefined;
  };
  const start = async ({ readOnly = false } = {}): Promise<void> => {
    const allowed = readOnly ? [] : ['--enable=receive-pack'];
    const args = ['daemon', '--reuseaddr', '--listen=127.0.0.1', `--port=${port}`, '--export-all', ...allowed];
    daemon = spawn('git', [...args, `--base-path=${base}`, base], {
      detached: true,
      stdio: 'ignore',
      env: serverEnv(),
    });
    await until(() => answers(port), { what: 'git daemon listens' });
  };
  onTestFinished(stop);
  await start();
  return { url: `git://127.0.0.1:${port}/store.git`, gitDir, stop, start };
}

/** Passes bytes on to a port, until told to swallow what comes back once the request is through. */
export async function lossyProxy(targetPort: number): Promise<{ port: number; loseAnswers(when: RegExp): void }> {
  let losing: RegExp | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const target = socketTo(targetPort, '127.0.0.1');
    let lose = false;
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (data: Buffer) => {
      if (losing?.test(data.toString('latin1')) === true) {
        lose = true;
        losing = undefined;
      }
      target.write(data);
    });
    let answered = 0;
    target.on('data', (data: Buffer) => {
      // The list of refs passes; what follows is the verdict.
      if (lose && answered++ > 0 && /unpack|ok refs/.test(data.toString('latin1'))) client.destroy();
      else client.write(data);
    });
    client.on('close', () => target.end());
    target.on('close', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, loseAnswers: (when) => (losing = when) };
}

export const portOf = (url: string): number => Number(new URL(url).port);

const serverEnv = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
});

async function answers(port: number): Promise<boolean> {
  const socket = socketTo(port, '127.0.0.1');
  const open = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return open;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
