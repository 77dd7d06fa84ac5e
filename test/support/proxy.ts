// A network that a test can cut: passes bytes on to a port until it is told to let nothing through any more.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface CuttableProxy {
  port: number;
  /** Every connection hangs as it is; new ones get no answer. */
  cut(): void;
  /** What hung is closed, so that it is made anew; new ones go through. */
  mend(): void;
  close(): Promise<void>;
}

export async function cuttableProxy(targetPort: number): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    pass(client, target);
    pass(target, client);
  });
  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (data: Buffer) => {
      if (!isCut) to.write(data);
    });
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const closeAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut: () => (isCut = true),
    mend: () => {
      isCut = false;
      closeAll();
    },
    close: async () => {
      closeAll();
      server.close();
      await once(server, 'close');
    },
  };
}
