// A container's restart: driver and Claude killed at once in a PID namespace of their own, then a driver in a fresh
// namespace on the same home, which can see none of the old processes and whose own have the same numbers.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AttemptRequest } from '../../../src/contract/attempt.js';
import { useDriver } from '../../activities/attempt/support/drive.js';
import { conversation, lastHeard, onDisk, processesOf } from '../../activities/attempt/support/oracle.js';
import { newSite, type Site, type TaskOnSite, timesDelivered } from '../../activities/attempt/support/site.js';
import { mayStartPidNamespace } from '../../support/namespaces.js';
import { until } from '../../support/poll.js';

const drive = useDriver();

/** As a container's first process: numbered 1 there, and with it all others die. `unshare` itself is not heard. */
const CONTAINER = ['sh', '-c', `exec unshare -rpf --mount-proc sh -c 'exec "$@" 2>&3' sh "$@" 3>&2 2> /dev/null`, 'sh'];

const LONG_TOOL = '[[tool Bash {"command":"echo x >> effects; timeout 60 tail -f /dev/null"}]]';

// In some containers no namespace may be made: nothing of this can be tried there.
describe.skipIf(!mayStartPidNamespace)('in a fresh PID namespace on the same home', () => {
  test('the work goes on: --continue, the context kept, nothing twice', async () => {
    const site = await newSite();
    const task = site.task();
    const request = task.request({ prompt: `[[recall]] ${LONG_TOOL} [[say finished]]` });
    await killInContainer(site, task, request);

    const second = drive(site, task.again(request), { command: CONTAINER });
    expect(await second.ended).toMatchObject({ outcome: 'done', text: 'finished', sent: '--continue' });
    expect(lastHeard(site, request.session.id)).toEqual([
      request.instruction.prompt,
      expect.stringContaining('was lost'),
    ]);
    expect(timesDelivered(await task.transcript(request), request)).toBe(1);
    expect(await readFile(join(task.workspace, 'effects'), 'utf8')).toBe('x\n');
  });

  test('a claim from there is waited for as one that can’t be judged, and no longer than its holder needs to notice', async () => {
    const site = await newSite();
    const task = site.task();
    const request = task.request({ prompt: '[[hang]] [[say finished]]' });
    await killInContainer(site, task, request);
    const began = Date.now();
    expect(await site.run(task.again(request))).toMatchObject({ outcome: 'done', text: 'finished' });
    const [first, second] = conversation(site);
    expect(first?.outcome).toBe('aborted');
    expect((second?.at ?? 0) - began).toBeGreaterThan(10_000);
    expect((second?.at ?? 0) - began).toBeLessThan(30_000);
  });

  test('a driver there that lives on ends itself when a newer attempt in another container takes over', async () => {
    const site = await newSite();
    const task = site.task();
    const request = task.request({ prompt: '[[hang]] [[say finished]]' });
    const there = drive(site, request, { command: CONTAINER });
    await onDisk(task, request);
    const second = drive(site, task.again(request), { command: CONTAINER });
    expect(await there.ended).toMatchObject({ outcome: 'fault', problem: { class: 'twoWriters' } });
    expect(await second.ended).toMatchObject({ outcome: 'done', text: 'finished' });
    const [first, next] = conversation(site);
    expect(first?.endedAt).toBeLessThan(next?.at ?? 0);
    expect(lastHeard(site, request.session.id)).toHaveLength(2);
    expect(processesOf(task)).toEqual([]);
  });
});

async function killInContainer(site: Site, task: TaskOnSite, request: AttemptRequest): Promise<void> {
  const first = drive(site, request, { command: CONTAINER });
  await onDisk(task, request);
  if (request.instruction.prompt.includes('tool')) {
    await until(() => existsSync(join(task.workspace, 'effects')), { what: 'the tool runs' });
    await until(async () => JSON.stringify(await task.transcript(request)).includes('"tool_use"'), {
      what: 'its call is on disk',
    });
  }
  process.kill(firstProcessIn(first.pid), 'SIGKILL');
  expect(await first.ended).toBeUndefined();
  await until(() => processesOf(task).length === 0, { what: 'all of the container is dead' });
}

/** The one child of `unshare`: number 1 inside. */
function firstProcessIn(unshare: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => parentOf(pid) === unshare);
  return Number(children[0]);
}

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}
