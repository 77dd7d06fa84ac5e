// The one file that reads the environment: worker, client and command line all get their settings from here.
// A wrong value is a sentence that names the variable, what came, what is allowed and what to do.
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { type ClientConnectConfig, loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import { parseDurationMs } from './contract/duration.js';
import { WORKER_DEFAULTS } from './contract/limits.js';
import { TASK_QUEUE } from './contract/names.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export type Config = {
  /** `TASKRUN_HOME`, absolute; default `~/.taskrun`. */
  home: string;
  /** `TASKRUN_TASK_QUEUE`; default `taskrun`. */
  taskQueue: string;
  /** `TASKRUN_CLAUDE`: path or name of the CLI; default: `claude` on PATH, else one installed beside us. */
  claude?: string;
  /** `TASKRUN_CLAUDE_ENV`: names of further variables that Claude gets. */
  claudeEnvNames: string[];
  /** `TASKRUN_CONCURRENCY`: attempts at a time on this worker; default 4. */
  concurrency: number;
  /** `TASKRUN_DRAIN`: how long a worker that ends lets its attempts go on; default 60 s. */
  drainMs: number;
  /** `TASKRUN_STORE`: where checkpoints lie, an absolute path or a git URL; default: under the home. */
  store?: string;
  /** `TASKRUN_CHECKPOINT_EVERY`: between checkpoints while an attempt works; "0" takes none then; default 5 min. */
  checkpointEveryMs: number;
  /** `TASKRUN_FORBID_BYPASS`: refuse attempts with permission mode `bypassPermissions`; default no. */
  forbidBypass: boolean;
  /** `TASKRUN_HEALTH_PORT`, `TASKRUN_METRICS_PORT`: on 127.0.0.1; unset: none. */
  healthPort?: number;
  metricsPort?: number;
  /** `TASKRUN_LOG_LEVEL`; default `info`. */
  logLevel: LogLevel;
  /** Temporal's own variables and profile; `configured` is false where none names a server. */
  temporal: ClientConnectConfig & { configured: boolean; address: string; namespace: string };
};

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const DEFAULT_ADDRESS = '127.0.0.1:7233';

export type ReadConfig = { ok: true; config: Config } | { ok: false; says: string };

/** Reads every setting at once. An empty variable counts as unset. */
export function readConfig(env: Environment = process.env): ReadConfig {
  const at = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  try {
    return { ok: true, config: parse(at, env) };
  } catch (error) {
    if (error instanceof SettingError) return { ok: false, says: error.message };
    throw error;
  }
}

class SettingError extends Error {}

type At = (name: string) => string | undefined;

function parse(at: At, env: Environment): Config {
  const claude = at('TASKRUN_CLAUDE');
  const store = at('TASKRUN_STORE');
  return {
    home: homeOf(at),
    taskQueue: taskQueueOf(at),
    ...(claude === undefined ? {} : { claude }),
    claudeEnvNames: names(at, 'TASKRUN_CLAUDE_ENV'),
    concurrency: whole(at, 'TASKRUN_CONCURRENCY', 1, 1_000) ?? WORKER_DEFAULTS.concurrency,
    drainMs: span(at, 'TASKRUN_DRAIN') ?? WORKER_DEFAULTS.drainMs,
    ...(store === undefined ? {} : { store }),
    checkpointEveryMs:
      at('TASKRUN_CHECKPOINT_EVERY') === '0'
        ? 0
        : (span(at, 'TASKRUN_CHECKPOINT_EVERY') ?? WORKER_DEFAULTS.checkpointEveryMs),
    forbidBypass: flag(at, 'TASKRUN_FORBID_BYPASS'),
    ...port(at, 'TASKRUN_HEALTH_PORT', 'healthPort'),
    ...port(at, 'TASKRUN_METRICS_PORT', 'metricsPort'),
    logLevel: logLevel(at),
    temporal: temporal(env),
  };
}

function homeOf(at: At): string {
  const given = at('TASKRUN_HOME');
  if (given === undefined) return join(at('HOME') ?? homedir(), '.taskrun');
  if (given.includes('\0')) throw wrong('TASKRUN_HOME', given, 'a path without NUL bytes');
  return isAbsolute(given) ? given : resolve(given);
}

function taskQueueOf(at: At): string {
  const given = at('TASKRUN_TASK_QUEUE') ?? TASK_QUEUE;
  if (given.length > 200) throw wrong('TASKRUN_TASK_QUEUE', given, 'a name of at most 200 characters');
  return given;
}

function names(at: At, variable: string): string[] {
  const listed = (at(variable) ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const odd = listed.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (odd !== undefined)
    throw wrong(variable, odd, 'names of variables, separated by commas, such as "GH_TOKEN,NPM_TOKEN"');
  return listed;
}

function whole(at: At, variable: string, least: number, most: number): number | undefined {
  const given = at(variable);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < least || value > most)
    throw wrong(variable, given, `a whole number from ${least} to ${most}`);
  return value;
}

const port = <K extends string>(at: At, variable: string, key: K): { [P in K]?: number } => {
  const value = whole(at, variable, 0, 65_535);
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: number };
};

function span(at: At, variable: string): number | undefined {
  const given = at(variable);
  if (given === undefined) return undefined;
  const ms = parseDurationMs(given);
  if (ms === undefined || ms > 24 * 3_600_000)
    throw wrong(variable, given, 'a duration of at most "24h", such as "60s"');
  return ms;
}

function flag(at: At, variable: string): boolean {
  const given = at(variable);
  if (given === undefined || ['0', 'false', 'no'].includes(given)) return false;
  if (['1', 'true', 'yes'].includes(given)) return true;
  throw wrong(variable, given, '"1" or "0"');
}

function logLevel(at: At): LogLevel {
  const given = at('TASKRUN_LOG_LEVEL') ?? 'info';
  const level = LOG_LEVELS.find((known) => known === given);
  if (level === undefined) throw wrong('TASKRUN_LOG_LEVEL', given, LOG_LEVELS.join(', '));
  return level;
}

function temporal(env: Environment): Config['temporal'] {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  ) as Record<string, string>;
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: set });
    const address = profile.address ?? DEFAULT_ADDRESS;
    const options = toClientOptions({ ...profile, address });
    return {
      ...options,
      configured: profile.address !== undefined,
      address,
      namespace: profile.namespace ?? 'default',
    };
  } catch (error) {
    throw new SettingError(
      `Temporal's settings can't be read: ${error instanceof Error ? error.message : String(error)}. Mend the TEMPORAL_… variables or the profile file they name.`,
    );
  }
}

const wrong = (variable: string, got: string, allowed: string): SettingError =>
  new SettingError(`${variable}: got ${JSON.stringify(got.slice(0, 80))}; allowed: ${allowed}. Change it or unset it.`);
