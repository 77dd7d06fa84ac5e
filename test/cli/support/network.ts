// A network of its own for commands that look at this machine's usual port: neither somebody's server there nor that of
// another test may be found. Where the system allows no such network, the port has to be free.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { probeTemporal } from '../../../src/host/temporal-probe.js';

export interface Network {
  /** Put before a command, it runs in this network. */
  prefix: readonly string[];
  close: () => Promise<void>;
}

// A fresh network's loopback is down: SIOCSIFFLAGS with IFF_UP, IFF_LOOPBACK, IFF_RUNNING.
const UP = "import fcntl,socket,struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh14x', b'lo', 0x49))";
const SCRIPT = `python3 -c "${UP}" && echo up && exec sleep 900`;

/** Without them, tests that need one have to go one after the other. */
export const mayHaveNetworks = spawnSync('unshare', ['-rn', 'true']).status === 0;

export async function ownNetwork(): Promise<Network> {
  const holder = mayHaveNetworks ? await hold() : undefined;
  if (holder?.pid !== undefined) {
    const prefix = ['nsenter', '--preserve-credentials', '-U', '-n', '-t', String(holder.pid), '--'];
    return { prefix, close: () => kill(holder) };
  }
  const found = await probeTemporal('127.0.0.1:7233');
  if (found.is !== 'nothing')
    throw new Error(`this test needs 127.0.0.1:7233 free, or unshare -rn: ${JSON.stringify(found)}`);
  return { prefix: [], close: async () => {} };
}

async function hold(): Promise<ChildProcess | undefined> {
  const holder = spawn('unshare', ['-rn', 'sh', '-c', SCRIPT], { stdio: ['ignore', 'pipe', 'ignore'] });
  const up = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    once(holder, 'close').then(() => false),
  ]);
  return up ? holder : undefined;
}

async function kill(holder: ChildProcess): Promise<void> {
  const gone = once(holder, 'close');
  holder.kill('SIGKILL');
  await gone;
}
