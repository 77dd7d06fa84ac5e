// What a worker makes sure of before it takes work, and the report it prints: a wrong setting ends it at once.

import { hostname } from 'node:os';
import { NativeConnection } from '@temporalio/worker';
import { attributesOfOurs } from '../activities/known-search-attributes.js';
import { locateClaude } from '../claude/locate.js';
import type { Config } from '../config.js';
import { storePlace } from '../context/store/place.js';
import { openStore, StoreError, type StoreProblemKind } from '../context/store/store.js';
import { SEARCH_ATTRIBUTES } from '../contract/names.js';
import { type Home, openHome } from '../host/home.js';
import { processTreeSupport } from '../host/process-tree.js';
import { type Survival, survivesRestart } from '../host/survives-restart.js';
import { unreachable, wrongSetting } from './refusal.js';

export type StartUp = {
  server: string;
  namespace: string;
  taskQueue: string;
  host: string;
  claude: { path: string; version: string };
  home: { path: string; survivesRestart: Survival };
  /** `trouble`: why it can't be used now; attempts go on without a safety net until it can. */
  store: { place: string; trouble?: string };
  searchAttributes: { known: string[]; missing: string[] };
  concurrency: number;
  drainMs: number;
};

/** The parts of the host that an attempt needs; throws a StartRefused of exit code 2 where one is missing. */
export async function checkHost(config: Config): Promise<{ home: Home; claude: StartUp['claude'] }> {
  const support = processTreeSupport();
  if (!support.ok) throw wrongSetting(support.says);
  const opened = await openHome(config.home);
  if (!opened.ok) throw wrongSetting(opened.says);
  const claude = await locateClaude({ configured: config.claude });
  if (!claude.ok) throw wrongSetting(`${claude.says} ${claude.remedy}`);
  return { home: opened.home, claude: { path: claude.path, version: claude.version } };
}

/** What only another setting mends, not time. */
const WRONG_STORES: readonly StoreProblemKind[] = ['notGit', 'foreign', 'otherVersion', 'noGit'];

/** A store that is out of reach, full or read-only may come back; one that is none ends the worker at once. */
async function checkStore({ store: configured, home }: Config): Promise<StartUp['store']> {
  try {
    return { place: (await openStore({ configured, home })).shown };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (WRONG_STORES.includes(error.kind)) throw wrongSetting(`${error.says}. ${error.remedy}.`);
    return { place: storePlace({ configured, home }).shown, trouble: `${error.says}. ${error.remedy}.` };
  }
}

/** A connection to the configured server, with its namespace seen to be there. */
export async function connect(config: Config): Promise<NativeConnection> {
  const { address, namespace, configured } = config.temporal;
  const hint = configured
    ? 'Check TEMPORAL_ADDRESS and the network.'
    : 'Start one (taskrun dev), or set TEMPORAL_ADDRESS.';
  let connection: NativeConnection;
  try {
    connection = await NativeConnection.connect(config.temporal.connectionOptions);
  } catch (error) {
    throw unreachable(`No Temporal server answers at ${address}: ${firstLine(error)}. ${hint}`);
  }
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    await connection.close();
    throw wrongSetting(
      `The Temporal server at ${address} does not give namespace "${namespace}": ${firstLine(error)}. Create it, or set TEMPORAL_NAMESPACE.`,
    );
  }
  return connection;
}

const firstLine = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);

export async function startUpReport(
  config: Config,
  connection: NativeConnection,
  claude: StartUp['claude'],
): Promise<StartUp> {
  const known = await knownAttributes(connection, config.temporal.namespace);
  return {
    server: config.temporal.address,
    namespace: config.temporal.namespace,
    taskQueue: config.taskQueue,
    host: hostname(),
    claude,
    home: { path: config.home, survivesRestart: await survivesRestart(config.home) },
    store: await checkStore(config),
    searchAttributes: { known, missing: Object.keys(SEARCH_ATTRIBUTES).filter((name) => !known.includes(name)) },
    concurrency: config.concurrency,
    drainMs: config.drainMs,
  };
}

/** A server that does not tell (no permission) is taken to know none: tasks work without. */
async function knownAttributes(connection: NativeConnection, namespace: string): Promise<string[]> {
  try {
    const answer = await connection.operatorService.listSearchAttributes({ namespace });
    return attributesOfOurs(answer.customAttributes);
  } catch {
    return [];
  }
}

/** The report in words, a line each. */
export function sayStartUp(report: StartUp): string[] {
  const { searchAttributes, home } = report;
  const attributes =
    searchAttributes.missing.length === 0
      ? 'all known'
      : `not known here: ${searchAttributes.missing.join(', ')} (tasks work without; taskrun doctor says how to add them)`;
  return [
    `server             ${report.server}, namespace ${report.namespace}, task queue ${report.taskQueue}`,
    `Claude Code        ${report.claude.version} at ${report.claude.path}`,
    `TASKRUN_HOME       ${home.path}: ${saySurvival(home.survivesRestart)}`,
    `TASKRUN_STORE      ${report.store.place}${report.store.trouble === undefined ? '' : `: NO SAFETY NET: ${report.store.trouble}`}`,
    `search attributes  ${attributes}`,
    `attempts           ${report.concurrency} at a time; ${Math.round(report.drainMs / 1_000)} s to end when the worker is stopped`,
  ];
}

const saySurvival = ({ survives, why }: Survival): string =>
  survives === 'yes'
    ? 'survives a restart'
    : `${survives === 'no' ? 'does NOT survive' : 'may not survive'} a restart: ${why}`;
