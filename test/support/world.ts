// A whole world for end-to-end tests: a real Temporal server, the scripted Messages API, worker processes with the
// real Claude CLI, a client; and a watch over the CLI's processes as the kernel shows them.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TaskHandle, TaskrunClient, type TaskView } from '../../src/client.js';
import { readConfig } from '../../src/config.js';
import { type ScriptedApi, startScriptedApi } from '../../src/demo/api/scripted-api.js';
import { choosePort } from '../../src/host/ports.js';
import { hermeticEnv, pinnedClaude } from './claude.js';
import { until } from './poll.js';
import { ProcessWatch } from './process-watch.js';
import { newTempDir } from './temp.js';
import { startTestServer, type TestServer } from './temporal.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface WorldOptions {
  withSearchAttributes?: boolean;
  /** Keeps the server's data in a file, so that it can be killed and started again. */
  durableServer?: boolean;
  /** Gives the server its web UI on this port. */
  uiPort?: number;
  auth?: 'key' | 'oauth' | 'none';
  /** Further variables of every worker; an empty one takes it away. */
  env?: Record<string, string>;
}

export interface WorkerProcess {
  process: ChildProcess;
  pid: number;
  healthPort: number;
  output(): string;
  /** Sends the signal and, but for SIGSTOP and SIGCONT, waits for the end. */
  end(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export class World {
  readonly #workers: WorkerProcess[] = [];

  private constructor(
    readonly dir: string,
    public server: TestServer,
    readonly api: ScriptedApi,
    readonly client: TaskrunClient,
    readonly claudes: ProcessWatch,
    readonly env: Record<string, string>,
    private readonly removeDir: () => Promise<void>,
  ) {}

  static async open(options: WorldOptions = {}): Promise<World> {
    const { dir, remove } = await newTempDir('world');
    const dbFile = options.durableServer === true ? { dbFile: join(dir, 'temporal.db') } : {};
    const ui = options.uiPort === undefined ? {} : { uiPort: options.uiPort };
    const server = await startTestServer({
      withSearchAttributes: options.withSearchAttributes ?? true,
      ...dbFile,
      ...ui,
    });
    const api = await startScriptedApi();
    const env = await worldEnv(dir, api.url, server.address, options);
    const read = readConfig(env);
    if (!read.ok) throw new Error(read.says);
    const client = await TaskrunClient.connect(read.config);
    return new World(dir, server, api, client, new ProcessWatch(`ANTHROPIC_BASE_URL=${api.url}`), env, remove);
  }

  /** `taskrun worker` as its own process, once it takes work. `command` wraps it (unshare …). */
  async startWorker(env: Record<string, string> = {}, command: string[] = []): Promise<WorkerProcess> {
    const healthPort = await choosePort('127.0.0.1');
    const [program = '', ...args]: string[] = [...command, process.execPath, MAIN, 'worker'];
    const all = { ...this.env, ...env, TASKRUN_HEALTH_PORT: String(healthPort) };
    const child = spawn(program, args, { env: all, stdio: ['ignore', 'pipe', 'pipe'] });
    const worker = workerProcess(child, healthPort);
    this.#workers.push(worker);
    await until(() => isUp(worker), {
      what: `a worker is up; it said: ${worker.output()}`,
      timeoutMs: 30_000,
      everyMs: 50,
    });
    return worker;
  }

  workers(): WorkerProcess[] {
    return [...this.#workers];
  }

  /** SIGKILLs the server and starts it again on the same data and port. */
  async restartServer(): Promise<void> {
    await this.server.kill();
    const port = Number(this.server.address.split(':')[1]);
    this.server = await startTestServer({ dbFile: join(this.dir, 'temporal.db'), port });
  }

  /** Ends every worker as an upgrade does, and starts one anew. */
  async restartWorkers(): Promise<WorkerProcess> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.end('SIGTERM')));
    return this.startWorker();
  }

  /** The task once the condition holds; fails with the newest view. */
  async when(
    task: TaskHandle,
    what: string,
    holds: (view: TaskView) => boolean,
    timeoutMs = 60_000,
  ): Promise<TaskView> {
    let last: TaskView | undefined;
    try {
      return await until(
        async () => {
          last = await task.view();
          return holds(last) ? last : undefined;
        },
        { what, timeoutMs, everyMs: 100 },
      );
    } catch (error) {
      throw new Error(`${String(error)}\n${JSON.stringify(last, null, 1)}`, { cause: error });
    }
  }

  /** Idle, with everything that was asked done. */
  idle(task: TaskHandle, attempts = 1, timeoutMs = 60_000): Promise<TaskView> {
    return this.when(
      task,
      `idle after ${attempts} attempts`,
      (view) => view.phase === 'idle' && view.attemptsTotal >= attempts,
      timeoutMs,
    );
  }

  /** A request to the API, side requests aside, whose newest user text holds `text`. */
  async spoken(text: string, timeoutMs = 30_000): Promise<void> {
    await this.api.waitFor(
      (request) => !request.side && request.userTexts.some((said) => said.includes(text)),
      timeoutMs,
    );
  }

  /** How often a text stands in the fullest conversation that reached the API. */
  timesSaid(text: string): number {
    const counts = this.api.requests
      .filter((request) => !request.side)
      .map((request) => request.userTexts.filter((said) => said.includes(text)).length);
    return Math.max(0, ...counts);
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) {
      worker.process.kill('SIGCONT');
      await worker.end('SIGKILL');
    }
    await this.claudes.killAll();
    await this.client.close();
    await this.server.kill();
    await this.api.close();
    await this.removeDir();
  }
}

async function worldEnv(
  dir: string,
  apiUrl: string,
  address: string,
  options: WorldOptions,
): Promise<Record<string, string>> {
  const home = join(dir, 'home');
  await mkdir(home, { recursive: true });
  const { CLAUDE_CONFIG_DIR: _, ...claude } = hermeticEnv({
    home,
    configDir: join(home, '.claude'),
    apiUrl,
    auth: options.auth ?? 'key',
  });
  return {
    ...claude,
    TEMPORAL_ADDRESS: address,
    TASKRUN_HOME: join(dir, 'taskrun'),
    TASKRUN_CLAUDE: pinnedClaude(),
    TASKRUN_CLAUDE_ENV: 'IS_SANDBOX,CLAUDE_CODE_MAX_RETRIES',
    TASKRUN_CONCURRENCY: '8',
    TASKRUN_LOG_LEVEL: 'warn',
    ...options.env,
  };
}

function workerProcess(child: ChildProcess, healthPort: number): WorkerProcess {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return {
    process: child,
    pid: child.pid ?? 0,
    healthPort,
    output: () => output,
    end: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

async function isUp(worker: WorkerProcess): Promise<boolean> {
  if (worker.process.exitCode !== null)
    throw new Error(`the worker ended with ${worker.process.exitCode}: ${worker.output()}`);
  const answer = await fetch(`http://127.0.0.1:${worker.healthPort}/healthz`);
  return answer.ok;
}
