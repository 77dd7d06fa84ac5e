// What tasks need of the server: that it answers, its namespace, workers on the queue, search attributes.
import type { TaskrunClient } from '../../client.js';
import type { Config } from '../../config.js';
import { findTemporalBinary } from '../../host/temporal-binary.js';
import { connectTo } from '../connect.js';
import { asFailure } from '../failure.js';
import { findServer, serverDirOf } from '../find-server.js';
import { plainText } from '../plain-text.js';
import { workersOf } from '../pollers.js';
import { bad, type Finding, good, warning } from './check.js';
import { searchAttributeFinding } from './search-attributes.js';

export type ServerFindings = { reached: boolean; findings: Finding[] };

export async function serverFindings(settings: Config, fix: boolean): Promise<ServerFindings> {
  const found = await findServer(settings);
  if (found === undefined) return { reached: false, findings: [await noServer(settings)] };
  const { config, via } = found;
  try {
    const client = await connectTo(config);
    try {
      return {
        reached: true,
        findings: [good('server', saysWhere(config, via)), ...(await within(client, config, fix))],
      };
    } finally {
      await client.close();
    }
  } catch (error) {
    const { message, exitCode } = asFailure(error, config.temporal);
    return { reached: exitCode !== 3, findings: [bad('server', message)] };
  }
}

async function within(client: TaskrunClient, config: Config, fix: boolean): Promise<Finding[]> {
  const { namespace, address } = config.temporal;
  try {
    await client.temporal.workflowService.describeNamespace({ namespace });
  } catch (error) {
    const remedy = `temporal operator namespace create --namespace ${namespace} --address ${address}`;
    return [bad('namespace', asFailure(error, config.temporal).message, remedy)];
  }
  return [good('namespace', namespace), await queue(client, config), await searchAttributeFinding(client, config, fix)];
}

async function queue(client: TaskrunClient, { taskQueue }: Config): Promise<Finding> {
  const workers = await workersOf(client, taskQueue);
  if (workers.length > 0)
    return good(
      'workers',
      `${workers.length} on queue "${taskQueue}" within the last 90 s: ${plainText(workers.join(', '))}`,
    );
  return bad(
    'workers',
    `none takes tasks from queue "${taskQueue}": what is started now waits`,
    'taskrun worker (or taskrun dev, taskrun run: they bring their own)',
  );
}

const saysWhere = ({ temporal }: Config, via: string): string =>
  `${temporal.address} (${via === 'configured' ? 'configured' : via === 'home' ? 'the dev server of this home' : 'found on the usual port'})`;

/** Nothing is fetched for a diagnosis; it is only told what `run` and `dev` would use. */
async function noServer(config: Config): Promise<Finding> {
  const found = await findTemporalBinary({
    cacheDir: `${config.home}/bin`,
    searchPath: process.env['PATH'],
    sources: [],
  });
  const own = found.ok
    ? `taskrun run and taskrun dev start one by themselves (${found.binary}, ${found.version})`
    : 'taskrun run and taskrun dev fetch and start one by themselves';
  return warning(
    'server',
    `none is configured, none runs here or in ${serverDirOf(config.home)}`,
    own,
    'or name yours: --address, TEMPORAL_ADDRESS',
  );
}
