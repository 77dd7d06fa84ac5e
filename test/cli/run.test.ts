// `taskrun run` on a server that is there: the way to the result, with the server's workers or one of its own.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { until } from '../support/poll.js';
import { cli, type Ended, jsonLines, type Running, startCli } from './support/cli.js';
import { KEYS, onTerminal } from './support/terminal.js';
import { openWorld, type World } from './support/world.js';

vi.setConfig({ testTimeout: 120_000 });
let world: World;

beforeAll(async () => {
  world = await openWorld();
  await world.startWorker();
});
afterAll(() => world.close());

const taskIn = (text: string): string => /task-[0-9a-f-]{36}/.exec(text)?.[0] ?? expect.fail(`no task id in:\n${text}`);

/** Waits until the task has said these words, and works on. */
const hasSaid = (taskId: string, words: string): Promise<unknown> =>
  until(async () => (await world.client.task(taskId).snapshot()).attempt?.progress?.lastWords === words, {
    timeoutMs: 40_000,
    what: `${taskId} has said "${words}"`,
  });

describe('run, with the workers of the server', () => {
  it('prints the result alone on stdout, and what happens on stderr', async () => {
    const prompt = 'Hello. [[tool Bash {"command":"echo hi > hi.txt"}]] [[say all\u001b[31m done]]';
    const ended = await world.taskrun('run', prompt, '--allow', 'Bash');
    expect(ended).toMatchObject({ code: 0, stdout: 'all done\n' });
    expect(ended.stderr).toMatch(/✔ attempt 1 · --session-id · done · 2 turns · \$0\.\d+ · /);
    expect(ended.stderr).not.toContain('\u001b');
  });

  it('with --json prints one event a line, the last with result and exit code', async () => {
    const ended = await world.taskrun('run', 'Hello. [[say hi]]', '--json', '--id', 'run/json:1');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const events = jsonLines(ended);
    expect(events[0]).toEqual({ event: 'started', taskId: 'run/json:1' });
    expect(events.at(-1)).toMatchObject({ event: 'ended', status: 'COMPLETED', exitCode: 0, result: { text: 'hi' } });
    expect(new Set(events.slice(1, -1).map(({ event }) => event))).toEqual(new Set(['task']));
  });

  it('a task that waits for a person ends it with 4, says for what, and how to go on', async () => {
    const ended = await world.taskrun('run', 'Hello. [[error 403 x*]]');
    const taskId = taskIn(ended.stderr);
    expect(ended).toMatchObject({ code: 4, stdout: '' });
    expect(ended.stderr).toContain('The task waits for a person (operator): Claude said: Failed to authenticate.');
    expect(ended.stderr).toMatch(new RegExp(`Go on with:\n  .*main\\.js run --task ${taskId}\n`));
    const again = await world.taskrun('run', '--task', taskId);
    expect(again).toMatchObject({ code: 4, stderr: expect.stringContaining('attempt 2 · ') });
  });

  it('a task that is cancelled meanwhile ends it with 1', async () => {
    const running = startCli(['run', 'Hello. [[sleep 60s]]', '--id', 'cancelled'], { env: world.env });
    await running.says('started');
    await world.client.task('cancelled').cancel();
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Task cancelled cancelled') });
  });

  it('--task with something new tells it, and follows an open task until it is idle', async () => {
    await world.client.start({ prompt: 'Hello. [[say hi]]' }, { taskId: 'open' });
    const ended = await world.taskrun('run', '--task', 'open', 'And? [[recall]]');
    expect(ended).toMatchObject({ code: 0, stdout: 'recall: ["Hello. [[say hi]]","And? [[recall]]"]\n' });
    expect(ended.stderr).toContain('stays open');
  });

  it('--task of a task that is not there ends with 1', async () => {
    const ended = await world.taskrun('run', '--task', 'absent');
    expect(ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('There is no open task "absent"'),
    });
  });

  it('says that no worker answers, and gets its result when one comes', async () => {
    const env = { ...world.env, TASKRUN_TASK_QUEUE: 'later' };
    const running = startCli(['run', 'Hello. [[say hi]]'], { env });
    await running.says('No worker answers; the task waits for one.');
    const worker = startCli(['worker'], { env });
    expect(await running.ended).toMatchObject({ code: 0, stdout: 'hi\n' });
    worker.process.kill('SIGTERM');
    expect((await worker.ended).code).toBe(0);
  });
});

// Each of these has a queue, and so a worker, of its own: one must not take up the tasks of another.
describe.concurrent('leaving a run that works in its own process', () => {
  const envOf = (queue: string): Record<string, string> => ({ ...world.env, TASKRUN_TASK_QUEUE: queue });
  const goOn = (queue: string): Promise<Ended> => cli(['run', '--worker', '--task', queue], { env: envOf(queue) });

  async function midTurn(queue: string): Promise<Running> {
    const prompt = 'Hello. [[say begun]] [[sleep 60s]] [[say came to the end]]';
    const running = startCli(['run', '--worker', prompt, '--id', queue], { env: envOf(queue) });
    await running.says('started');
    await hasSaid(queue, 'begun');
    return running;
  }

  it('Ctrl-C stops gently and says the very command that goes on, and that command finishes it', async () => {
    const running = await midTurn('gently');
    running.process.kill('SIGINT');
    const left = await running.ended;
    expect(left).toMatchObject({ code: 4, stdout: '' });
    expect(left.stderr).toMatch(/Stopped gently.*\nGo on with: {2}.*main\.js run --task gently\n$/);
    const { memo } = await world.client.task('gently').snapshot(1);
    expect(memo).toMatchObject({ phase: 'waiting', waiting: { for: 'operator' } });

    const ended = await goOn('gently');
    expect(ended).toMatchObject({ code: 0, stdout: 'came to the end\n' });
    expect(ended.stderr).toMatch(/attempt 2 · --continue · done/);
    expect(ended.stderr).toMatch(/files {3}\/.*workspace$/m);
  });

  it('SIGTERM hands the work over, and the next worker goes on with it unasked', async () => {
    const running = await midTurn('handed');
    running.process.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('handed over') });
    const worker = startCli(['worker'], { env: envOf('handed') });
    const result = await world.client.task('handed').result();
    expect(result.text).toBe('came to the end');
    worker.process.kill('SIGTERM');
    await worker.ended;
  });

  it('Ctrl-C twice on a terminal leaves at once, says what that means, and the task goes on all the same', async () => {
    const tool = JSON.stringify({ command: 'timeout 60 tail -f /dev/null' });
    const prompt = `Hello. [[say begun]] [[tool Bash ${tool}]] [[say came to the end]]`;
    const args = ['run', '--worker', prompt, '--id', 'twice', '--allow', 'Bash'];
    const { code, shown } = await onTerminal(args, envOf('twice'), [
      ['"begun"', KEYS.ctrlC],
      ['Stopping gently', KEYS.ctrlC],
    ]);
    expect(code).toBe(130);
    expect(shown).toMatch(/· Bash · "begun"/);
    expect(shown).toMatch(/Left at once: .*\r\n.*run --task twice/);
    expect(await goOn('twice')).toMatchObject({ code: 0, stdout: 'came to the end\n' });
  });
});
