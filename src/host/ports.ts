// Owns TCP ports: choosing a free one, and whether a given process is the one that listens there. Between choosing and
// listening another program may take a port: who starts a listener must be ready to choose again.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';

/** A port that is free on `ip` now: the first free one of `wished`, else one the system picks. */
export async function choosePort(ip: string, wished: readonly (number | undefined)[] = []): Promise<number> {
  for (const port of wished) if (port !== undefined && (await tryPort(ip, port)) !== undefined) return port;
  const port = await tryPort(ip, 0);
  if (port === undefined) throw new Error(`no TCP port of ${ip} is free`);
  return port;
}

function tryPort(ip: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, ip, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : undefined));
    });
  });
}

/** True when this very process listens on the port: an answer there alone may be another program's. */
export function listensOn(pid: number, port: number): boolean {
  const sockets = new Set(listeningInodes(pid, port).map((inode) => `socket:[${inode}]`));
  return sockets.size > 0 && openFiles(pid).some((target) => sockets.has(target));
}

/** proc(5), /proc/net/tcp: local address is the 2nd field (port in hex), the state the 4th (0A: listening), the inode the 10th. */
function listeningInodes(pid: number, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = ['tcp', 'tcp6'].flatMap((table) => readLines(`/proc/${pid}/net/${table}`));
  const rows = lines.map((line) => line.trim().split(/\s+/));
  return rows.filter((row) => row[1]?.endsWith(suffix) && row[3] === '0A').map((row) => row[9] ?? '');
}

function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return attempt(() => readdirSync(folder), []).map((name) => attempt(() => readlinkSync(`${folder}/${name}`), ''));
}

function readLines(path: string): string[] {
  return attempt(() => readFileSync(path, 'utf8'), '').split('\n');
}

/** A process may end while it is looked at. */
function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
