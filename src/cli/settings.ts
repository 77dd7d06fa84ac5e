// The settings of a command: the environment as config.ts reads it, with what the options say on top.
import { type Config, readConfig } from '../config.js';
import type { CommonOptions } from './base-program.js';
import { badInput } from './failure.js';

/** @throws CliFailure of exit code 2, which names the variable or option */
export function settingsOf({ address, namespace, home }: CommonOptions): Config {
  const read = readConfig({
    ...process.env,
    ...(address === undefined ? {} : { TEMPORAL_ADDRESS: mustSay('--address', address) }),
    ...(namespace === undefined ? {} : { TEMPORAL_NAMESPACE: mustSay('--namespace', namespace) }),
    ...(home === undefined ? {} : { TASKRUN_HOME: mustSay('--home', home) }),
  });
  if (!read.ok) throw badInput(read.says);
  return read.config;
}

/** An empty variable counts as unset; an empty option is somebody's mistake. */
function mustSay(option: string, value: string): string {
  if (value.trim() === '') throw badInput(`${option}: got nothing; leave the option out for the default.`);
  return value;
}

/** The same settings for a server without keys or certificates on this machine: those are meant for another one. */
export const atLocalServer = (config: Config, address: string): Config => ({
  ...config,
  temporal: { ...config.temporal, address, connectionOptions: { address } },
});
