// A started server is the one that answers: never another that happens to listen on its port.
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { launchServer } from '../../src/host/dev-server-process.js';
import { listensOn } from '../../src/host/ports.js';
import { tempDir } from '../support/temp.js';
import { startTestServer } from '../support/temporal.js';

it("does not take another Temporal's answer for its own", async () => {
  const other = await startTestServer();
  onTestFinished(() => other.stop());
  const port = Number(other.address.split(':')[1]);
  expect([listensOn(other.pid, port), listensOn(other.pid, 1), listensOn(process.pid, port)]).toEqual([
    true,
    false,
    false,
  ]);
  const log = join(await tempDir('launch'), 'logs', 'server.log');
  const launched = await launchServer({ binary: other.binary, ip: '127.0.0.1', port, namespace: 'default', log });
  expect(launched).toMatchObject({
    ok: false,
    portTaken: true,
    says: expect.stringContaining('address already in use'),
  });
});
