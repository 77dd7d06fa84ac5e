// Keeps the home's dev server there while this process needs it. Several `taskrun run` share one, and whoever started it
// takes it along when done: the others then start it again, on the same data and port; their tasks only pause.
import { type DevServer, stopDevServer } from '../host/dev-server.js';
import { recordAgeMs, STALE_AFTER_MS } from '../host/dev-server-record.js';
import { aliveness } from '../host/process-identity.js';

const LOOK_MS = 1_000;

export type KeptServer = { stop(): Promise<void> };

/** `start` finds the server of this home or starts it. A failed start is tried again at the next look. */
export function keepServer(dir: string, first: DevServer, start: (port: number) => Promise<DevServer>): KeptServer {
  let server = first;
  let starting: Promise<void> | undefined;
  // Elsewhere it would be of no use: client and worker hold on to the address they know.
  const startAt = async (address: string): Promise<DevServer> => {
    const again = await start(portOf(address));
    if (again.address === address) return again;
    await again.stop();
    throw new Error(`${address} is taken`);
  };
  const look = (): void => {
    if (starting !== undefined || aliveness(server.identity) !== 'dead') return;
    starting = startAt(first.address)
      .then((again) => {
        server = again;
      })
      .catch(() => {})
      .finally(() => {
        starting = undefined;
      });
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await starting;
      // Whoever started it is gone without it: the last one out turns off the light.
      if (server.reused && (await recordAgeMs(dir)) > STALE_AFTER_MS) await stopDevServer(dir);
      else await server.stop();
    },
  };
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));
