// Nothing configured: `run` and `dev` bring up a real server of their own, and tasks outlive it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, vi } from 'vitest';
import { until } from '../support/poll.js';
import { jsonLines, type Running } from './support/cli.js';
import { type Machine, newMachine } from './support/machine.js';
import { mayHaveNetworks } from './support/network.js';

vi.setConfig({ testTimeout: 150_000 });
const group = mayHaveNetworks ? describe.concurrent : describe;

/** The first line of the kind that a command with --json has printed. */
const printed = (running: Running, holds: (line: Record<string, unknown>) => boolean) =>
  until(
    () => {
      const whole = running.stdout().slice(0, running.stdout().lastIndexOf('\n'));
      return whole === '' ? undefined : jsonLines({ stdout: whole }).find(holds);
    },
    { timeoutMs: 50_000, what: `a line of ${running.process.spawnargs.at(-1)}` },
  );

group('on a machine where nothing is configured', () => {
  it('run survives the loss of everything at once: its data stays, and run --task goes on with --continue', async (context) => {
    const { expect } = context;
    const machine = await newMachine(context);
    expect(await machine.taskrun('ls')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('Start one (taskrun dev)'),
    });

    const running = machine.start('run', 'Hello. [[say begun]] [[sleep 60s]] [[recall]]', '--id', 'lasting', '--json');
    await printed(running, (line) => lastWords(line) === 'begun');
    await powerCut(machine, running);

    const ended = await machine.taskrun('run', '--task', 'lasting');
    expect(ended.stderr).toMatch(/attempt 1 · --session-id · lost/);
    expect(ended.stderr).toMatch(/attempt 2 · --continue · done/);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('recall: ["Hello. ') });
    expect(await machine.serverPid()).toBeUndefined();
  });

  it('two runs share one server, and the first to end does not take it from the other', async (context) => {
    const { expect } = context;
    const machine = await newMachine(context);
    const first = machine.start('run', 'One. [[sleep 4s]] [[say one]]', '--id', 'one');
    await first.says('started', 50_000);
    const served = await machine.serverPid();
    const waits = JSON.stringify({ command: 'while ! test -e go; do sleep 0.2; done' });
    const prompt = `Two. [[tool Bash ${waits}]] [[say two]]`;
    const second = machine.start('run', prompt, '--id', 'two', '--dir', machine.dir, '--allow', 'Bash');
    await second.says('started', 50_000);
    expect(await first.ended).toMatchObject({ code: 0, stdout: 'one\n' });
    await until(async () => ![undefined, served].includes(await machine.serverPid()), {
      timeoutMs: 30_000,
      what: 'a server is up again',
    });
    await writeFile(join(machine.dir, 'go'), '');
    expect(await second.ended).toMatchObject({ code: 0, stdout: 'two\n' });
    expect(await machine.serverPid()).toBeUndefined();
  });

  it('dev prints its addresses, serves the other commands, and Ctrl-C ends all of it gently', async (context) => {
    const { expect } = context;
    const machine = await newMachine(context);
    const dev = machine.start('dev', '--json');
    const up = await printed(dev, () => true);
    expect(up).toMatchObject({
      server: { via: 'home', uiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
      worker: { taskQueue: 'taskrun' },
    });

    const started = await machine.taskrun('start', 'Hello. [[say hi]]', '--id', 'hello', '--close', 'when-done');
    expect(started).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect(await machine.taskrun('show', 'hello', '--follow')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\nhi\n$/),
    });
    expect((await machine.taskrun('ls', '--all')).stdout).toMatch(/^hello +finished/m);

    dev.process.kill('SIGINT');
    expect((await dev.ended).code).toBe(0);
    expect(await machine.serverPid()).toBeUndefined();
    expect((await machine.taskrun('ls')).code).toBe(3);
  });
});

function lastWords(line: Record<string, unknown>): unknown {
  const { underWay } = line as { underWay?: { progress?: { lastWords?: string } } };
  return underWay?.progress?.lastWords;
}

/** The command and the server it started, both without a chance to say goodbye. */
async function powerCut(machine: Machine, running: Running): Promise<void> {
  const server = await machine.serverPid();
  running.process.kill('SIGKILL');
  if (server !== undefined) process.kill(server, 'SIGKILL');
  await running.ended;
}
