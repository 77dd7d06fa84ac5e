// The server of `run` and `dev` where none is configured: one already on the usual port, else the dev server of this
// home, found running or started with its data under TASKRUN_HOME. Says what takes its time.
import { type Config, DEFAULT_ADDRESS } from '../config.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';
import { type DevServer, startDevServer } from '../host/dev-server.js';
import { type Home, openHome } from '../host/home.js';
import { findTemporalBinary } from '../host/temporal-binary.js';
import { badInput, unreachable } from './failure.js';
import { type FoundServer, findServer } from './find-server.js';
import { keepServer } from './keep-server.js';
import { atLocalServer } from './settings.js';

/** What takes its time, for people. */
export type Progress = (says: string) => void;

export type ServerUp = {
  config: Config;
  via: FoundServer['via'];
  /** One line for people: where it is and where its data lies. */
  says: string;
  uiUrl?: string;
  /** Ends it, if this process started it. */
  stop(): Promise<void>;
};

export async function bringUpServer(config: Config, progress: Progress): Promise<ServerUp> {
  const found = await findServer(config);
  if (found !== undefined && found.via !== 'home') return notOurs(found);
  const home = await mustOpen(config.home);
  const binary = await mustFindBinary(home, progress);
  const start = async (port?: number): Promise<DevServer> => {
    const started = await startDevServer({
      binary,
      dir: home.temporal,
      namespace: config.temporal.namespace,
      searchAttributes: SEARCH_ATTRIBUTES,
      ...(port === undefined ? {} : { port }),
    });
    if (!started.ok) throw unreachable(started.says);
    return started.server;
  };
  if (found === undefined) progress('starting Temporal');
  const server = await start();
  const kept = keepServer(home.temporal, server, start);
  return {
    config: atLocalServer(config, server.address),
    via: 'home',
    says: `${server.address}, ${server.reused ? 'running already' : 'started'}; its data lies in ${home.temporal}`,
    ...(server.uiUrl === undefined ? {} : { uiUrl: server.uiUrl }),
    stop: () => kept.stop(),
  };
}

function notOurs({ config, via }: FoundServer): ServerUp {
  const { address, namespace } = config.temporal;
  const says = via === 'configured' ? `${address}, namespace ${namespace}, as configured` : `${address}, found running`;
  return { config, via, says, stop: async () => {} };
}

async function mustOpen(path: string): Promise<Home> {
  const opened = await openHome(path);
  if (!opened.ok) throw badInput(opened.says);
  return opened.home;
}

async function mustFindBinary(home: Home, progress: Progress): Promise<string> {
  const found = await findTemporalBinary({
    cacheDir: home.bin,
    searchPath: process.env['PATH'],
    onProgress: (says, fraction) => progress(fraction === undefined ? says : `${says} ${Math.round(fraction * 100)}%`),
  });
  if (!found.ok) throw unreachable(`${found.says} (Looked first at ${DEFAULT_ADDRESS}: nothing there.)`);
  return found.binary;
}
