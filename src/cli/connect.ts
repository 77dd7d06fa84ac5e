// A connected client for a command, and the sentence where there is none to be had. Loads Temporal's client only when
// it is needed: help and refusals come without it, in a fraction of the time.
import type { TaskrunClient } from '../client.js';
import type { Config } from '../config.js';
import { probeTemporal } from '../host/temporal-probe.js';
import type { CommonOptions } from './base-program.js';
import { asFailure, isTurnedAway, unreachable } from './failure.js';
import { mustFindServer } from './find-server.js';
import { settingsOf } from './settings.js';

const CONNECT_WITHIN_MS = 5_000;
const LARGEST_MESSAGE_BYTES = 64 * 1024 * 1024;

export type Connected = { client: TaskrunClient; config: Config };

/** For commands that need a server and start none: finds it, connects, and closes behind `use`. */
export async function withClient<T>(options: CommonOptions, use: (connected: Connected) => Promise<T>): Promise<T> {
  const { config } = await mustFindServer(settingsOf(options));
  const client = await connectTo(config);
  try {
    return await use({ client, config });
  } catch (error) {
    throw asFailure(error, config.temporal);
  } finally {
    await client.close().catch(() => {});
  }
}

/** @throws CliFailure of exit code 3 */
export async function connectTo(config: Config): Promise<TaskrunClient> {
  const { address, namespace, connectionOptions } = config.temporal;
  const local = isLoopback(address);
  if (local) await mustListen(address);
  const [{ Client, Connection }, { TaskrunClient }] = await Promise.all([
    import('@temporalio/client'),
    import('../client.js'),
  ]);
  try {
    const connection = await Connection.connect({
      ...(connectionOptions as NonNullable<Parameters<typeof Connection.connect>[0]>),
      connectTimeout: CONNECT_WITHIN_MS,
      channelArgs: {
        // Histories full of long prompts come in larger messages than a client takes by default.
        'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
        // A proxy of the user's network can't know what runs on this machine.
        ...(local ? { 'grpc.enable_http_proxy': 0 } : {}),
      },
    });
    return new TaskrunClient(new Client({ connection, namespace }), config.taskQueue);
  } catch (error) {
    throw isTurnedAway(error) ? asFailure(error, config.temporal) : noServer(address, error);
  }
}

/** Refused at once instead of after the time a connection may take. */
async function mustListen(address: string): Promise<void> {
  const probe = await probeTemporal(address);
  if (probe.is === 'nothing') throw noServer(address);
}

function noServer(address: string, cause?: unknown): Error {
  const why = cause instanceof Error ? ` (${cause.message.split('\n')[0]})` : '';
  return unreachable(
    `No Temporal server answers at ${address}${why}. Start it, or name another (--address or TEMPORAL_ADDRESS); taskrun doctor looks closer.`,
  );
}

export const isLoopback = (address: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(address);
