// Owns the one Temporal dev server on a home's data: starts it, or finds the one that another `taskrun` started.
// Two servers on one database file would both run and ruin each other's state (nothing in Temporal prevents it), so
// starting happens under a lock, and only after every earlier server on that file is known to be gone.
import { mkdir, realpath, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findServing } from './dev-server-find.js';
import { type Launched, launchServer, type ServerProcess, signalServer, stopServer } from './dev-server-process.js';
import { keepFresh, readRecord, removeRecord, type ServerRecord, writeRecord } from './dev-server-record.js';
import { type SearchAttributeType, setUpNamespace } from './dev-server-setup.js';
import { fullDiskSentence } from './disk.js';
import { withLock } from './lock.js';
import { choosePort } from './ports.js';
import { aliveness } from './process-identity.js';
import { killMarked, processTreeSupport } from './process-tree.js';

export interface DevServerOptions {
  binary: string;
  /** Holds temporal.db, server.json and server.log: `home.temporal`. */
  dir: string;
  /** Wished, not demanded: when it is taken, the port of this home's last server, then 7233, then any free one. */
  port?: number | undefined;
  /** Likewise (8233); false: no web UI. */
  uiPort?: number | false | undefined;
  /** Default "default". */
  namespace?: string | undefined;
  searchAttributes: Readonly<Record<string, SearchAttributeType>>;
  /** How long closed tasks can be read; default 90 days (the server's own is one day). */
  retentionHours?: number;
  /** How long another `taskrun`'s server that runs may stay mute; default 15 s. */
  answerWithinMs?: number;
}

export interface DevServer extends ServerProcess {
  namespace: string;
  /** True: another `taskrun` started it, and `stop` leaves it to that one. */
  reused: boolean;
  /** What could not be set up, a sentence each. */
  notes: string[];
  log: string;
  stop(): Promise<void>;
}

export type StartedDevServer = { ok: true; server: DevServer } | { ok: false; says: string };

const IP = '127.0.0.1';
const MARKER = 'TASKRUN_DEV_SERVER';
const START_AT_MOST_MS = 90_000;
const ANSWER_WITHIN_MS = 15_000;
const LOG_AT_MOST_BYTES = 10_000_000;
const NINETY_DAYS = 90 * 24;

/** Starts the server on the data in `dir`, or returns the one that serves it already. Data survives every end of a server. */
export async function startDevServer(given: DevServerOptions): Promise<StartedDevServer> {
  const support = processTreeSupport();
  if (!support.ok) return support;
  try {
    await mkdir(given.dir, { recursive: true, mode: 0o700 });
    // One directory has one name here, whatever links led to it: the marker of its server bears it.
    const options = { ...given, dir: await realpath(given.dir) };
    const times = { withinMs: START_AT_MOST_MS, holdsAtMostMs: START_AT_MOST_MS };
    const started = await withLock(join(options.dir, 'starting'), times, () => findOrStart(options));
    if (started.locked) return started.value;
    const pid = started.by.content?.holder.pid ?? 'unknown';
    return {
      ok: false,
      says: `Another process (pid ${pid}) has been starting the dev server in ${options.dir} for too long. End it, then try again.`,
    };
  } catch (error) {
    const full = await fullDiskSentence(error, given.dir);
    if (full !== undefined) return { ok: false, says: full };
    throw error;
  }
}

/** Ends the server that serves `dir`, whoever started it. True when none is left. */
export async function stopDevServer(dir: string): Promise<boolean> {
  const record = await readRecord(dir);
  if (record === undefined) return true;
  if (aliveness(record.identity) === 'unknown' || !(await stopServer(record.identity))) return false;
  await removeRecord(dir, record);
  return true;
}

async function findOrStart(options: DevServerOptions): Promise<StartedDevServer> {
  const found = await findServing(options.dir, logIn(options.dir), options.answerWithinMs ?? ANSWER_WITHIN_MS);
  if (found.is === 'mute') return { ok: false, says: found.says };
  if (found.is === 'serving') return { ok: true, server: await ready(options, found.record, true) };
  // One whose starter died before it could write the record: found by its marker alone.
  const strays = await killMarked(MARKER, databaseIn(options.dir));
  if (strays.left.length > 0)
    return {
      ok: false,
      says: `A dev server (pid ${strays.left.join(', ')}) holds ${databaseIn(options.dir)} and can't be ended. End it, then try again.`,
    };
  await rotateLog(logIn(options.dir));
  const launched = await launchOnFreePort(options, found.record);
  if (!launched.ok) return { ok: false, says: launched.says };
  return { ok: true, server: await ready(options, launched.server, false) };
}

/** A port may be taken between choosing and listening. */
async function launchOnFreePort(options: DevServerOptions, last?: ServerRecord): Promise<Launched> {
  for (let attempt = 1; ; attempt += 1) {
    const wished = attempt === 1 ? [options.port, portOf(last?.address), 7233] : [];
    const wishedUi = attempt === 1 ? [options.uiPort || undefined, portOf(last?.uiUrl), 8233] : [];
    const launched = await launch(options, await choosePort(IP, wished), await chooseUiPort(options, wishedUi));
    if (launched.ok || !launched.portTaken || attempt === 3) return launched;
  }
}

function launch(options: DevServerOptions, port: number, uiPort: number | undefined): Promise<Launched> {
  const { binary, dir, namespace = 'default' } = options;
  const dbFile = databaseIn(dir);
  return launchServer(
    { binary, dbFile, ip: IP, port, uiPort, namespace, log: logIn(dir), env: { [MARKER]: dbFile } },
    ({ identity, address, uiUrl }) =>
      writeRecord(dir, {
        identity,
        address,
        ...(uiUrl === undefined ? {} : { uiUrl }),
        startedAt: new Date().toISOString(),
      }),
  );
}

async function ready(
  options: DevServerOptions,
  server: ServerRecord | ServerProcess,
  reused: boolean,
): Promise<DevServer> {
  const { binary, dir, namespace = 'default', searchAttributes, retentionHours = NINETY_DAYS } = options;
  const { address, identity, uiUrl } = server;
  const notes = await setUpNamespace({ binary, address, namespace, searchAttributes, retentionHours });
  const stop = reused ? async () => {} : stopWithUs(dir, { identity });
  const ui = uiUrl === undefined ? {} : { uiUrl };
  return { address, ...ui, pid: identity.pid, identity, namespace, reused, notes, log: logIn(dir), stop };
}

/** The server is shielded from the terminal's Ctrl-C (a gentle stop needs it), so its end with this process is ours to see to. */
function stopWithUs(dir: string, server: Pick<ServerRecord, 'identity'>): () => Promise<void> {
  const unfreshen = keepFresh(dir);
  const onExit = () => signalServer(server.identity, 'SIGTERM');
  process.once('exit', onExit);
  return async () => {
    unfreshen();
    if (!(await stopServer(server.identity))) return;
    process.off('exit', onExit);
    await removeRecord(dir, server);
  };
}

async function chooseUiPort({ uiPort }: DevServerOptions, wished: (number | undefined)[]): Promise<number | undefined> {
  return uiPort === false ? undefined : choosePort(IP, wished);
}

function portOf(address: string | undefined): number | undefined {
  const port = Number(/:(\d+)$/.exec(address ?? '')?.[1]);
  return Number.isInteger(port) ? port : undefined;
}

async function rotateLog(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_AT_MOST_BYTES) await rename(log, `${log}.1`);
}

const databaseIn = (dir: string): string => join(dir, 'temporal.db');
const logIn = (dir: string): string => join(dir, 'server.log');
