// A process is called dead only when that very process is proven dead: never by its pid alone.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  aliveness,
  identityOf,
  judgeAliveness,
  ownIdentity,
  type ProcessIdentity,
} from '../../src/host/process-identity.js';
import { commandOf } from '../../src/host/process-table.js';
import { mayStartPidNamespace } from '../support/namespaces.js';
import { until } from '../support/poll.js';
import { bundleProgram, type TalkingProgram, talkTo } from '../support/program.js';
import { newTempDir, tempDir } from '../support/temp.js';

let out: Awaited<ReturnType<typeof newTempDir>>;
let program: string;
beforeAll(async () => {
  out = await newTempDir('program');
  program = await bundleProgram(fileURLToPath(new URL('programs/identity.ts', import.meta.url)), out.dir);
});
afterAll(() => out.remove());

describe('aliveness', () => {
  it('is alive for oneself, and for another that runs or is stopped', async () => {
    expect(aliveness(ownIdentity())).toBe('alive');
    const { identity, other } = await startOther();
    expect(aliveness(identity)).toBe('alive');
    other.process.kill('SIGSTOP');
    expect(aliveness(identity)).toBe('alive');
    expect(identityOf(other.pid)).toEqual(identity);
  });

  it('is dead once the process was killed', async () => {
    const { identity, other } = await startOther();
    other.process.kill('SIGKILL');
    await other.ended;
    expect(aliveness(identity)).toBe('dead');
    expect(identityOf(other.pid)).toBeUndefined();
  });

  it('is dead for a zombie', async () => {
    // The shell becomes `sleep`, which never asks after the child it inherited.
    const parent = talkTo('sh', ['-c', 'sleep 300 & echo $!; exec sleep 300']);
    onTestFinished(() => void parent.process.kill('SIGKILL'));
    const pid = Number(await parent.next());
    const identity = await until(() => identityOf(pid), { what: 'the child runs' });
    await until(() => commandOf(parent.pid) === 'sleep 300', { what: 'the shell is no shell any more' });
    process.kill(pid, 'SIGKILL');
    await until(() => aliveness(identity) === 'dead', { what: 'the zombie counts as dead' });
    expect(() => process.kill(pid, 0)).not.toThrow();
  });

  it('is dead when the pid was given to another process', () => {
    const own = ownIdentity();
    expect(aliveness({ ...own, startTime: own.startTime - 1 })).toBe('dead');
  });

  it('is unknown in another PID namespace, whatever the pid says here', () => {
    const own = ownIdentity();
    expect(aliveness({ ...own, pidNamespace: 'pid:[1]' })).toBe('unknown');
    expect(aliveness({ ...own, pidNamespace: 'pid:[1]', pid: 4_000_000 })).toBe('unknown');
  });

  it.skipIf(!mayStartPidNamespace)('is unknown for a process in a container, and from there for us', async () => {
    const { identity } = await startOther('unshare', [
      '-rpf',
      '--kill-child',
      '--mount-proc',
      process.execPath,
      program,
    ]);
    expect(identity.pid).toBeLessThan(10);
    expect(aliveness(identity)).toBe('unknown');
    const { pidNamespace, bootId, machine } = identity;
    expect(judgeAliveness(ownIdentity(), { pidNamespace, bootId, machine })).toBe('unknown');
  });

  const here = { bootId: 'now', pidNamespace: 'pid:[4026531836]', machine: 'm1' };
  const before = { ...here, bootId: 'before', pid: process.pid, startTime: 1 };
  it.each([
    ['dead after a restart of this machine', before, here, 'dead'],
    ['unknown on another machine', { ...before, machine: 'm2' }, here, 'unknown'],
    ['unknown on a machine without a name', { ...before, machine: '' }, { ...here, machine: '' }, 'unknown'],
    [
      'unknown after a restart, in a container: machines may share what names them there',
      { ...before, pidNamespace: 'pid:[5]' },
      { ...here, pidNamespace: 'pid:[5]' },
      'unknown',
    ],
    ['unknown after a restart, seen from a container', before, { ...here, pidNamespace: 'pid:[5]' }, 'unknown'],
  ] as const)('is %s', (_, identity, from, verdict) => {
    expect(judgeAliveness(identity, from)).toBe(verdict);
  });
});

describe('identityOf', () => {
  it('reads a process whose name imitates the fields of /proc', async () => {
    const trap = join(await tempDir('trap'), 'x) Z 1 1 (');
    await copyFile('/bin/sleep', trap);
    const other = talkTo(trap, ['300']);
    onTestFinished(() => void other.process.kill('SIGKILL'));
    const identity = await until(() => identityOf(other.pid), { what: 'it runs' });
    expect(aliveness(identity)).toBe('alive');
    expect(identity.startTime).toBeGreaterThan(ownIdentity().startTime);
  });
});

async function startOther(
  command = process.execPath,
  args = [program],
): Promise<{ identity: ProcessIdentity; other: TalkingProgram }> {
  const other = talkTo(command, args);
  onTestFinished(() => void other.process.kill('SIGKILL'));
  return { identity: await other.next(), other };
}
