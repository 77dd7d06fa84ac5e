// Which Temporal server is meant: the configured one, else one already on this machine's usual port, else the one that
// this home's last `taskrun` started. Starts nothing (embedded-server.ts) and speaks no Temporal beyond "are you one?".
import { join } from 'node:path';
import { type Config, DEFAULT_ADDRESS } from '../config.js';
import { readRecord, type ServerRecord } from '../host/dev-server-record.js';
import { aliveness } from '../host/process-identity.js';
import { probeTemporal } from '../host/temporal-probe.js';
import { unreachable } from './failure.js';
import { atLocalServer } from './settings.js';

/** `home`: the dev server of this home, whoever started it. */
export type FoundServer = { config: Config; via: 'configured' | 'usual port' | 'home'; uiUrl?: string };

/** Undefined where none is configured and none runs. */
export async function findServer(config: Config): Promise<FoundServer | undefined> {
  if (config.temporal.configured) return { config, via: 'configured' };
  const record = await livingRecord(config.home);
  if ((await probeTemporal(DEFAULT_ADDRESS)).is === 'temporal')
    return record?.address === DEFAULT_ADDRESS
      ? ofHome(config, record)
      : { config: atLocalServer(config, DEFAULT_ADDRESS), via: 'usual port' };
  return record === undefined ? undefined : ofHome(config, record);
}

/** @throws CliFailure of exit code 3 with how to get a server */
export async function mustFindServer(config: Config): Promise<FoundServer> {
  const found = await findServer(config);
  if (found !== undefined) return found;
  throw unreachable(
    `No Temporal server is configured, none answers at ${DEFAULT_ADDRESS}, and none of ${config.home} runs. ` +
      'Start one (taskrun dev), or name yours (--address or TEMPORAL_ADDRESS).',
  );
}

export const serverDirOf = (home: string): string => join(home, 'temporal');

async function livingRecord(home: string): Promise<ServerRecord | undefined> {
  const record = await readRecord(serverDirOf(home));
  if (record === undefined || aliveness(record.identity) === 'dead') return undefined;
  return (await probeTemporal(record.address)).is === 'temporal' ? record : undefined;
}

const ofHome = (config: Config, { address, uiUrl }: ServerRecord): FoundServer => ({
  config: atLocalServer(config, address),
  via: 'home',
  ...(uiUrl === undefined ? {} : { uiUrl }),
});
