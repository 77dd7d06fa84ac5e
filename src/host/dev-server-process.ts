// Owns one process of `temporal server start-dev`: its arguments, waiting until it really serves, ending it.
// Knows nothing of homes, records or reuse (dev-server.ts), and chooses no ports.
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { listensOn } from './ports.js';
import { aliveness, identityOf, type ProcessIdentity } from './process-identity.js';
import { errorCode } from './system-error.js';
import { namespaceAnswers } from './temporal-probe.js';

export interface ServerProcessOptions {
  binary: string;
  /** Default: in memory, gone with the process. */
  dbFile?: string | undefined;
  ip: string;
  port: number;
  /** Default: no web UI. */
  uiPort?: number | undefined;
  namespace: string;
  /** Its output is appended here. */
  log: string;
  /** The whole environment of the server. */
  env?: Record<string, string>;
  /** Default true: Ctrl-C in the terminal does not reach it. False (tests): it ends with this process. */
  outlivesSignals?: boolean;
  /** Default 60 s. */
  startWithinMs?: number;
}

export interface ServerProcess {
  /** "127.0.0.1:7233" */
  address: string;
  uiUrl?: string;
  pid: number;
  identity: ProcessIdentity;
}

export type Launched = { ok: true; server: ServerProcess } | { ok: false; portTaken: boolean; says: string };

const LOOK_EVERY_MS = 25;
const GENTLE_MS = 5_000;
const KILLED_MS = 5_000;
const TAIL_BYTES = 2_000;

/** Starts a server and waits until its namespace answers. A server that did not get that far is ended again. */
export async function launchServer(
  options: ServerProcessOptions,
  onSpawned: (server: ServerProcess) => Promise<void> = async () => {},
): Promise<Launched> {
  await mkdir(dirname(options.log), { recursive: true, mode: 0o700 });
  const log = createWriteStream(options.log, { flags: 'a', mode: 0o600 });
  await once(log, 'open');
  const logFrom = (await stat(options.log)).size;
  const child = spawn(options, log);
  log.destroy();
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  const server = identity === undefined ? undefined : describeServer(options, identity);
  if (server !== undefined) {
    try {
      await onSpawned(server);
      if (await serves(options, server)) return { ok: true, server };
    } catch (error) {
      await stopServer(server.identity);
      throw error;
    }
    await stopServer(server.identity);
  }
  const result = await child;
  const said = await tail(options.log, logFrom);
  return {
    ok: false,
    portTaken: /address already in use|NewHTTPAPIServer/.test(said),
    says: `The Temporal dev server did not start: ${said || result.shortMessage || 'it said nothing'} (log: ${options.log})`,
  };
}

/** SIGTERM, after `gentleMs` SIGKILL. True once the process is gone; false when even that took no effect in 5 s. */
export async function stopServer(identity: ProcessIdentity, gentleMs = GENTLE_MS): Promise<boolean> {
  signalServer(identity, 'SIGTERM');
  if (await ended(identity, gentleMs)) return true;
  signalServer(identity, 'SIGKILL');
  return ended(identity, KILLED_MS);
}

async function ended(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (aliveness(identity) === 'alive') {
    if (performance.now() > until) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

/** An open file stream is handed on as its descriptor, so that the log does not end with this process. */
function spawn(options: ServerProcessOptions, log: WriteStream) {
  const child = execa(options.binary, argumentsOf(options), {
    stdin: 'ignore',
    stdout: log,
    stderr: log,
    // Nothing is inherited: TEMPORAL_* settings are meant for clients, and secrets have no business in a server.
    extendEnv: false,
    env: options.env ?? {},
    detached: options.outlivesSignals ?? true,
    reject: false,
  });
  child.unref();
  return child;
}

function argumentsOf({ ip, port, uiPort, dbFile, namespace }: ServerProcessOptions): string[] {
  const args = ['server', 'start-dev', '--ip', ip, '--port', String(port), '--namespace', namespace];
  args.push(...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]));
  return dbFile === undefined ? args : [...args, '--db-filename', dbFile];
}

function describeServer({ ip, port, uiPort }: ServerProcessOptions, identity: ProcessIdentity): ServerProcess {
  const ui = uiPort === undefined ? {} : { uiUrl: `http://${ip}:${uiPort}` };
  return { address: `${ip}:${port}`, ...ui, pid: identity.pid, identity };
}

async function serves(options: ServerProcessOptions, server: ServerProcess): Promise<boolean> {
  const until = performance.now() + (options.startWithinMs ?? 60_000);
  while (performance.now() < until && aliveness(server.identity) === 'alive') {
    const isOurs = listensOn(server.pid, options.port);
    if (isOurs && (await namespaceAnswers(server.address, options.namespace))) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}

/** To this very process, if it still runs. */
export function signalServer(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (aliveness(identity) !== 'alive') return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** The end of what was logged from byte `from` on. */
async function tail(path: string, from: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}
