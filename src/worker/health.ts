// The health endpoint of a worker: one small JSON document for probes and people, on 127.0.0.1 alone.
import { createServer } from 'node:http';

export type Health = {
  status: 'starting' | 'running' | 'draining' | 'stopped';
  attempts: number;
  concurrency: number;
  namespace: string;
  taskQueue: string;
  claude: string;
};
export type HealthServer = { port: number; close(): Promise<void> };

/** 200 while the worker takes attempts, 503 otherwise. Throws where the port is taken. */
export async function serveHealth(port: number, health: () => Health): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const known = request.url === '/healthz' || request.url === '/';
    const body = known ? health() : { error: 'GET /healthz' };
    const code = !known ? 404 : health().status === 'running' ? 200 : 503;
    response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
