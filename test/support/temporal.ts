// A real Temporal dev server for a test file: a free port, its own data, gone with `stop()` or with this process.
// The binary is TASKRUN_TEST_TEMPORAL, else found once and shared by all test files under node_modules/.cache/taskrun.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SEARCH_ATTRIBUTES } from '../../src/contract/names.js';
import { launchServer, stopServer } from '../../src/host/dev-server-process.js';
import { setUpNamespace } from '../../src/host/dev-server-setup.js';
import { choosePort } from '../../src/host/ports.js';
import { findTemporalBinary } from '../../src/host/temporal-binary.js';

export interface TestServer {
  /** "127.0.0.1:<port>" */
  address: string;
  /** Always "default". */
  namespace: string;
  /** Path of the `temporal` program, for tests that speak through its CLI. */
  binary: string;
  pid: number;
  stop(): Promise<void>;
  /** SIGKILL: as if the server's machine had lost its power. */
  kill(): Promise<void>;
}

export interface TestServerOptions {
  /** Registers the search attributes of the contract; default false: the namespace knows none of them. */
  withSearchAttributes?: boolean;
  /** Keeps the data in this file; default in memory. */
  dbFile?: string;
  /** Default: a free one. Give the former one to start again at the same address. */
  port?: number;
  /** Default: no web UI. */
  uiPort?: number;
}

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/taskrun/bin', import.meta.url));
const IP = '127.0.0.1';

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const binary = await testTemporalBinary();
  const scratch = await mkdtemp(join(tmpdir(), 'taskrun-server-'));
  const launched = await launchOn(binary, options, join(scratch, 'server.log'));
  const { address, identity } = launched;
  const searchAttributes = options.withSearchAttributes === true ? SEARCH_ATTRIBUTES : {};
  const notes = await setUpNamespace({ binary, address, namespace: 'default', searchAttributes });
  if (notes.length > 0) throw new Error(notes.join('\n'));
  const end = async (gentleMs: number) => {
    await stopServer(identity, gentleMs);
    await rm(scratch, { recursive: true, force: true });
  };
  // Data in memory is lost either way: a gentle end would only cost each test file a second.
  const stop = () => end(options.dbFile === undefined ? 0 : 5_000);
  return { address, namespace: 'default', binary, pid: identity.pid, stop, kill: () => end(0) };
}

/** The program alone: for tests that start servers of their own. */
export async function testTemporalBinary(): Promise<string> {
  const given = process.env['TASKRUN_TEST_TEMPORAL'];
  if (given !== undefined && given !== '') return given;
  const found = await findTemporalBinary({ cacheDir: CACHE, onProgress: sayOnce() });
  if (!found.ok) throw new Error(found.says);
  return found.binary;
}

/** Another test file may take the port between choosing and listening. */
async function launchOn(binary: string, options: TestServerOptions, log: string) {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await choosePort(IP));
    const { dbFile, uiPort } = options;
    const launched = await launchServer({
      binary,
      dbFile,
      ip: IP,
      port,
      uiPort,
      namespace: 'default',
      log,
      outlivesSignals: false,
    });
    if (launched.ok) return launched.server;
    if (!launched.portTaken || options.port !== undefined || attempt === 3) throw new Error(launched.says);
  }
}

function sayOnce(): (says: string) => void {
  let said = '';
  return (says) => {
    if (says !== said) process.stderr.write(`${says}\n`);
    said = says;
  };
}
