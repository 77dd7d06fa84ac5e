// A Temporal is told from any other program, and from nothing: nobody's port 7233 is taken for a server.
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { choosePort } from '../../src/host/ports.js';
import { namespaceAnswers, probeTemporal } from '../../src/host/temporal-probe.js';
import { startTestServer, type TestServer } from '../support/temporal.js';

let temporal: TestServer;
beforeAll(async () => {
  temporal = await startTestServer();
});
afterAll(() => temporal.stop());

describe('probeTemporal', () => {
  it('knows a Temporal, and its version', async () => {
    expect(await probeTemporal(temporal.address)).toEqual({
      is: 'temporal',
      serverVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });

  it('knows when nothing listens', async () => {
    const address = `127.0.0.1:${await choosePort('127.0.0.1')}`;
    expect(await probeTemporal(address)).toEqual({
      is: 'nothing',
      says: `nothing listens at ${address} (ECONNREFUSED)`,
    });
    expect(await probeTemporal('no such host:7233')).toMatchObject({ is: 'nothing' });
  });

  it('takes a web server for what it is', async () => {
    const address = await listen(createHttp((_, response) => void response.end('hello')));
    expect(await probeTemporal(address)).toMatchObject({ is: 'otherProgram', says: expect.stringContaining(address) });
  });

  it('takes an HTTP/2 server without gRPC for what it is', async () => {
    const server = createHttp2((_, response) => void response.end('hello'));
    expect(await probeTemporal(await listen(server))).toMatchObject({ is: 'otherProgram' });
  });

  it('takes another gRPC server for what it is', async () => {
    const server = createHttp2((_, response) => void response.writeHead(200, { 'grpc-status': '12' }).end());
    expect(await probeTemporal(await listen(server))).toMatchObject({
      is: 'otherProgram',
      says: expect.stringContaining('12'),
    });
  });

  it('takes one that asks for credentials for a Temporal', async () => {
    const server = createHttp2((_, response) => void response.writeHead(200, { 'grpc-status': '7' }).end());
    expect(await probeTemporal(await listen(server))).toEqual({ is: 'temporal' });
  });

  it('gives up on one that says nothing, and on one that hangs up', async () => {
    expect(await probeTemporal(await listen(createServer()), 100)).toMatchObject({
      is: 'otherProgram',
      says: expect.stringContaining('says nothing'),
    });
    const rude = createServer((socket) => void socket.end());
    expect(await probeTemporal(await listen(rude), 1_000)).toMatchObject({ is: 'otherProgram' });
  });
});

describe('namespaceAnswers', () => {
  it('is true for a namespace that is there, and for no other', async () => {
    expect(await namespaceAnswers(temporal.address, 'default')).toBe(true);
    expect(await namespaceAnswers(temporal.address, 'another')).toBe(false);
  });
});

/** For any server on a TCP socket. */
async function listen(server: Pick<Server, 'listen' | 'close' | 'address'> & NodeJS.EventEmitter): Promise<string> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket: { destroy(): void; on(event: 'error', ignore: () => void): void }) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}
