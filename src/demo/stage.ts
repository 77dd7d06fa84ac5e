// The demo's own world: a Temporal server, a scripted Messages API, a home and workers that nobody else uses.
// The user's server, home, login and account are never touched.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { locateClaude } from '../claude/locate.js';
import { TaskrunClient } from '../client.js';
import { type Config, readConfig } from '../config.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';
import { type DevServer, startDevServer } from '../host/dev-server.js';
import { openHome } from '../host/home.js';
import { choosePort } from '../host/ports.js';
import { findTemporalBinary } from '../host/temporal-binary.js';
import { type ScriptedApi, startScriptedApi } from './api/scripted-api.js';

const TASK_QUEUE = 'taskrun-demo';
const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const WORKER_UP_MS = 60_000;

export class StageError extends Error {}

export class Stage {
  #worker: ChildProcess | undefined;
  readonly #workers: ChildProcess[] = [];

  private constructor(
    readonly dir: string,
    readonly api: ScriptedApi,
    readonly server: DevServer,
    readonly client: TaskrunClient,
    readonly claude: { path: string; version: string },
    private readonly env: Record<string, string>,
  ) {}

  /** Sets everything up; `tell` hears of what takes its time. @throws StageError with a sentence that says what to do */
  static async open(tell: (line: string) => void): Promise<Stage> {
    const binary = await temporalBinary(tell);
    const claude = await pinnedClaude();
    const dir = await mkdtemp(join(tmpdir(), 'taskrun-demo-'));
    const api = await startScriptedApi();
    const started = await startDevServer({
      binary,
      dir: join(dir, 'temporal'),
      port: await choosePort('127.0.0.1'),
      uiPort: await choosePort('127.0.0.1'),
      searchAttributes: SEARCH_ATTRIBUTES,
    });
    if (!started.ok) {
      await api.close();
      throw new StageError(started.says);
    }
    const env = environment(dir, api.url, started.server.address, claude.path);
    const client = await TaskrunClient.connect(mustRead(env));
    return new Stage(dir, api, started.server, client, claude, env);
  }

  /** Starts a worker as a process of its own and waits until it takes work. */
  async startWorker(): Promise<number> {
    const healthPort = await choosePort('127.0.0.1');
    const worker = spawn(process.execPath, [MAIN, 'worker'], {
      env: { ...this.env, TASKRUN_HEALTH_PORT: String(healthPort) },
      stdio: 'ignore',
    });
    this.#worker = worker;
    this.#workers.push(worker);
    const until = Date.now() + WORKER_UP_MS;
    while (Date.now() < until && worker.exitCode === null) {
      const answer = await fetch(`http://127.0.0.1:${healthPort}/healthz`).catch(() => undefined);
      if (answer?.ok === true) return worker.pid ?? 0;
      await sleep(100);
    }
    throw new StageError(
      `The demo's worker did not start (exit code ${worker.exitCode ?? 'none'}). Run "npx taskrun doctor" to see why.`,
    );
  }

  /** SIGKILL: no goodbye, no clean-up. */
  async killWorker(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined || worker.exitCode !== null || worker.signalCode !== null) return;
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    worker.kill('SIGKILL');
    await gone;
  }

  /** Ends what the demo started and removes what it wrote. */
  async close(): Promise<void> {
    for (const worker of this.#workers) await ended(worker);
    await this.client.close().catch(() => {});
    await this.server.stop();
    await this.api.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}

async function ended(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const gone = new Promise((resolve) => worker.once('exit', resolve));
  worker.kill('SIGTERM');
  const timer = setTimeout(() => worker.kill('SIGKILL'), 15_000);
  await gone;
  clearTimeout(timer);
}

/** From nothing: the user's keys, servers and profiles stay out. */
function environment(dir: string, apiUrl: string, address: string, claude: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: join(dir, 'home'),
    TEMPORAL_ADDRESS: address,
    TASKRUN_HOME: join(dir, 'taskrun'),
    TASKRUN_TASK_QUEUE: TASK_QUEUE,
    TASKRUN_CLAUDE: claude,
    TASKRUN_DRAIN: '1s',
    ANTHROPIC_BASE_URL: apiUrl,
    ANTHROPIC_API_KEY: 'no-key-is-needed-here',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
}

function mustRead(env: Record<string, string>): Config {
  const read = readConfig(env);
  if (!read.ok) throw new StageError(read.says);
  return read.config;
}

/** Kept in the user's TASKRUN_HOME, where `taskrun run` finds it again: only the program, no data. */
async function temporalBinary(tell: (line: string) => void): Promise<string> {
  const config = readConfig();
  if (!config.ok) throw new StageError(config.says);
  const home = await openHome(config.config.home);
  if (!home.ok) throw new StageError(home.says);
  let last = '';
  const onProgress = (says: string, fraction?: number): void => {
    const line = fraction === undefined ? says : `${says} ${Math.floor(fraction * 10) * 10}%`;
    if (line !== last) tell(line);
    last = line;
  };
  const found = await findTemporalBinary({ cacheDir: home.home.bin, searchPath: process.env['PATH'], onProgress });
  if (!found.ok) throw new StageError(found.says);
  return found.binary;
}

/** The one this package was tested with, where it is installed; else the user's. */
async function pinnedClaude(): Promise<{ path: string; version: string }> {
  const beside = await locateClaude({ path: '' });
  const found = beside.ok ? beside : await locateClaude();
  if (!found.ok) throw new StageError(`${found.says} ${found.remedy}`);
  return { path: found.path, version: found.version };
}
