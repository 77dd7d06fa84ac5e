// Temporal's download is fetched with progress, and a site that is closed, mute or wrong is given up soon, with its reason.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporalDownload } from '../../src/host/temporal-sources.js';
import { tempDir } from '../support/temp.js';

describe("Temporal's download", () => {
  it('unpacks the program of this machine, and tells how far it is', async () => {
    const dir = await tempDir('download');
    await writeFile(join(dir, 'temporal'), '#!/bin/sh\necho hello\n'.padEnd(300_000, '#'));
    await chmod(join(dir, 'temporal'), 0o755);
    execFileSync('tar', ['-czf', 'archive.tar.gz', 'temporal'], { cwd: dir });
    const archive = await readFile(join(dir, 'archive.tar.gz'));
    const asked: string[] = [];
    const site = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(200, { 'content-length': archive.length }).end(archive);
    });
    const fractions: (number | undefined)[] = [];
    const into = await emptyIn(dir);
    const fetched = await temporalDownload(site).fetch(into, (_, fraction) => fractions.push(fraction));
    expect(fetched).toEqual({ ok: true, binary: join(into, 'temporal') });
    expect(execFileSync(join(into, 'temporal'), { encoding: 'utf8' })).toBe('hello\n');
    expect(fractions.at(-1)).toBe(1);
    const arch = process.arch === 'x64' ? 'amd64' : process.arch;
    expect(asked).toEqual([`/cli/archive/v1.9.1?platform=${process.platform}&arch=${arch}`]);
  });

  it('is given up when nobody listens', async () => {
    expect(await fetchFrom('http://127.0.0.1:9')).toMatchObject({ ok: false });
  });

  it('is given up when a connection stays mute', async () => {
    const site = await listen(createTcpServer());
    expect(await fetchFrom(site)).toEqual({ ok: false, why: 'no answer for 0.2 s' });
  });

  it('is given up with the status when the site refuses', async () => {
    const site = await serve((_, response) => void response.writeHead(404).end());
    expect(await fetchFrom(site)).toEqual({ ok: false, why: 'it answered 404' });
  });

  it('is given up when what came is no archive', async () => {
    const site = await serve((_, response) => void response.end('<html>log in first</html>'));
    expect(await fetchFrom(site)).toMatchObject({ ok: false, why: expect.stringMatching(/tar|gzip/) });
  });

  it('is given up when the connection breaks in the middle', async () => {
    const site = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 }).write('a beginning');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await fetchFrom(site)).toMatchObject({ ok: false });
  });
});

async function fetchFrom(site: string) {
  return temporalDownload(site, 200).fetch(await tempDir('download'), () => {});
}

async function emptyIn(dir: string): Promise<string> {
  await mkdir(join(dir, 'into'));
  return join(dir, 'into');
}

const serve = (answer: RequestListener): Promise<string> => listen(createServer(answer));

async function listen(server: Server): Promise<string> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => void sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}
