// What the commands need around them: a Temporal server, a scripted Messages API, a home, an environment from nothing,
// workers as processes of their own. One for a test file.
import { TaskrunClient } from '../../../src/client.js';
import { type Config, readConfig } from '../../../src/config.js';
import { type ScriptedApi, startScriptedApi } from '../../../src/demo/api/scripted-api.js';
import { hermeticEnv, pinnedClaude } from '../../support/claude.js';
import { until } from '../../support/poll.js';
import { newTempDir } from '../../support/temp.js';
import { startTestServer, type TestServer, type TestServerOptions } from '../../support/temporal.js';
import { cli, type Ended, end, type Running, startCli } from './cli.js';

export interface World {
  dir: string;
  env: Record<string, string>;
  server: TestServer;
  api: ScriptedApi;
  /** For setting a scene and for waiting: a process for each look would be slow. */
  client: TaskrunClient;
  /** A command that is expected to end by itself. */
  taskrun(...args: string[]): Promise<Ended>;
  /** A worker that takes work; ends with the world at the latest. */
  startWorker(): Promise<Running>;
  close(): Promise<void>;
}

export async function openWorld(options: TestServerOptions = {}): Promise<World> {
  const { dir, remove } = await newTempDir('cli');
  const [server, api] = await Promise.all([startTestServer(options), startScriptedApi()]);
  const env = { ...cliEnv(dir, api.url), TEMPORAL_ADDRESS: server.address };
  const client = await TaskrunClient.connect(mustRead(env));
  const workers: Running[] = [];
  const startWorker = async (): Promise<Running> => {
    const worker = startCli(['worker'], { env });
    workers.push(worker);
    await workerIsUp(worker);
    return worker;
  };
  const close = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => end(worker)));
    await client.close();
    await server.stop();
    await api.close();
    await remove();
  };
  return { dir, env, server, api, client, taskrun: (...args) => cli(args, { env }), startWorker, close };
}

/** No inherited setting reaches the CLI: not the server, not the home, not the account. */
export function cliEnv(dir: string, apiUrl: string): Record<string, string> {
  return {
    ...hermeticEnv({ home: `${dir}/user`, configDir: `${dir}/claude`, apiUrl }),
    CLAUDE_CODE_MAX_RETRIES: '0',
    TASKRUN_HOME: `${dir}/taskrun`,
    TASKRUN_CLAUDE: pinnedClaude(),
    TASKRUN_DRAIN: '1s',
  };
}

async function workerIsUp(worker: Running): Promise<void> {
  await until(
    () => {
      if (worker.process.exitCode !== null) throw new Error(`the worker ended:\n${worker.stderr()}`);
      return worker.stdout().includes('task queue');
    },
    { timeoutMs: 30_000, what: 'the worker has reported what it found' },
  );
}

function mustRead(env: Record<string, string>): Config {
  const read = readConfig(env);
  if (!read.ok) throw new Error(read.says);
  return read.config;
}
