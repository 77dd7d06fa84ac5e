// What `run` needs before a task can be worked: a server, a worker where none is somebody else's matter, a client. And
// taking it all down again, gently, in the reverse order.

import { locateClaude } from '../../claude/locate.js';
import type { TaskrunClient } from '../../client.js';
import type { Config } from '../../config.js';
import { EXIT } from '../../contract/exit-codes.js';
import { connectTo } from '../connect.js';
import { bringUpServer, type Progress, type ServerUp } from '../embedded-server.js';
import { asFailure, badInput } from '../failure.js';
import { type LocalWorker, startLocalWorker } from '../local-worker.js';

export type Up = {
  config: Config;
  server: ServerUp;
  /** Undefined: workers of the configured server do the work. */
  worker?: LocalWorker;
  client: TaskrunClient;
  close(): Promise<void>;
};

/** Attempts of other tasks that this worker took get this long to end; then they are handed over, which costs them nothing. */
const DRAIN_AT_MOST_MS = 10_000;

export type Wishes = {
  /** Also where a server is configured. */
  withWorker: boolean;
  progress: Progress;
  /** A last look before a worker starts; what it throws is how the command ends. */
  beforeWorker: (client: TaskrunClient) => Promise<unknown>;
};

export async function bringUp(settings: Config, wishes: Wishes): Promise<Up> {
  const worksHere = wishes.withWorker || !settings.temporal.configured;
  if (worksHere) await mustHaveClaude(settings);
  for (let attempt = 1; ; attempt += 1) {
    const server = await bringUpServer(settings, wishes.progress);
    try {
      return await bringUpRest(server, worksHere, wishes);
    } catch (error) {
      // Another `taskrun` may just have ended the home's server, which it had started: then it is started anew.
      const taken = server.via === 'home' && error instanceof Error && asFailure(error).exitCode === EXIT.unreachable;
      if (!taken || attempt === 3) throw error;
    }
  }
}

async function bringUpRest(server: ServerUp, worksHere: boolean, { progress, beforeWorker }: Wishes): Promise<Up> {
  const { config } = server;
  const open: (() => Promise<void>)[] = [() => server.stop()];
  const close = async (): Promise<void> => {
    for (const end of open.toReversed()) await end().catch(() => {});
  };
  try {
    progress('connecting');
    const client = await connectTo(config);
    open.push(() => client.close());
    await beforeWorker(client);
    if (!worksHere) return { config, server, client, close };
    progress('starting a worker');
    const worker = await startLocalWorker({ ...config, drainMs: Math.min(config.drainMs, DRAIN_AT_MOST_MS) }, 'run');
    open.push(() => worker.stop());
    return { config, server, worker, client, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Before anything is fetched or started: nobody waits for a server that is of no use. */
async function mustHaveClaude({ claude }: Config): Promise<void> {
  const found = await locateClaude({ configured: claude });
  if (!found.ok) throw badInput(`${found.says} ${found.remedy}`);
}
