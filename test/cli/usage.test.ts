// The binary around the commands: a sentence on stderr and nothing on stdout, meaningful codes, what is no failure.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choosePort } from '../../src/host/ports.js';
import { newTempDir } from '../support/temp.js';
import { cli } from './support/cli.js';
import { cliEnv } from './support/world.js';

let temp: Awaited<ReturnType<typeof newTempDir>>;
let env: Record<string, string>;
let nowhere: string;

beforeAll(async () => {
  temp = await newTempDir('usage');
  nowhere = `127.0.0.1:${await choosePort('127.0.0.1')}`;
  env = { ...cliEnv(temp.dir, 'http://127.0.0.1:9'), TEMPORAL_ADDRESS: nowhere };
});
afterAll(() => temp.remove());

const run = (...args: string[]) => cli(args, { env, cwd: temp.dir });

describe.concurrent('bad input ends with 2', () => {
  it('a mistyped command gets the nearest one', async () => {
    const ended = await run('updat', 't', 'x');
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Did you mean update?') });
  });

  it('a mistyped field of a spec gets the nearest one', async () => {
    writeFileSync(join(temp.dir, 'typo.json'), JSON.stringify({ prompt: 'x', limits: { attemptTimout: '1h' } }));
    const ended = await run('start', '--spec', 'typo.json');
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('spec.limits.attemptTimout: unknown field; did you mean "attemptTimeout"?');
  });

  it('a prompt from stdin that is empty, and one above the limit', async () => {
    const [empty, huge] = await Promise.all([
      cli(['start', '-'], { env, stdin: ' \n' }),
      cli(['start', '-'], { env, stdin: 'x'.repeat(256 * 1024 + 1) }),
    ]);
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining('prompt: got nothing on stdin') });
    expect(huge).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('spec.prompt: got a string of 262145 characters'),
    });
  });

  it('a wrong setting names its variable', async () => {
    const ended = await cli(['ls'], { env: { ...env, TASKRUN_CONCURRENCY: 'lots' } });
    expect(ended).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('TASKRUN_CONCURRENCY: got "lots"'),
    });
  });

  it('a home that is a file, and a Claude CLI that is missing: before any server is started', async () => {
    writeFileSync(join(temp.dir, 'file'), '');
    const [home, claude] = await Promise.all([
      cli(['worker'], { env: { ...env, TASKRUN_HOME: join(temp.dir, 'file') } }),
      cli(['run', 'x'], { env: { ...env, TEMPORAL_ADDRESS: '', TASKRUN_CLAUDE: '/nowhere/claude' } }),
    ]);
    expect(home).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('is not a directory') });
    expect(claude).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('TASKRUN_CLAUDE: /nowhere/claude'),
    });
  });

  it('with --json the sentence is JSON, on stderr too', async () => {
    const ended = await run('ls', '--phase', 'busy', '--json');
    expect(ended.stdout).toBe('');
    expect(JSON.parse(ended.stderr)).toEqual({ error: expect.stringContaining('--phase: got "busy"'), exitCode: 2 });
  });
});

describe.concurrent('no server ends with 3', () => {
  it.each(['ls', 'worker', 'run x'])('taskrun %s', async (words) => {
    const ended = await run(...words.split(' '));
    expect(ended).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining(`No Temporal server answers at ${nowhere}`),
    });
  });

  it('taskrun doctor tells that and looks at the rest', async () => {
    const ended = await run('doctor', '--json');
    expect(ended.code).toBe(3);
    const { findings } = JSON.parse(ended.stdout) as { findings: { what: string; state: string }[] };
    expect(findings).toContainEqual(expect.objectContaining({ what: 'server', state: 'bad' }));
    expect(findings).toContainEqual(expect.objectContaining({ what: 'Claude Code', state: 'good' }));
  });
});

describe.concurrent('what is no failure', () => {
  it('--version prints one line and ends with 0', async () => {
    const version = { code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' };
    expect(await run('--version')).toMatchObject(version);
  });

  it('--help goes to stdout and ends with 0; no command at all is a usage error', async () => {
    const [help, bare] = await Promise.all([run('run', '--help'), run()]);
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: taskrun run'), stderr: '' });
    expect(bare).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage: taskrun') });
  });
});

it('a failure is one sentence; TASKRUN_LOG_LEVEL=debug shows where it comes from', async () => {
  mkdirSync(join(temp.dir, 'dir.json'), { recursive: true });
  const args = ['start', '--spec', 'dir.json'];
  const [short, long] = await Promise.all([
    cli(args, { env, cwd: temp.dir }),
    cli(args, { env: { ...env, TASKRUN_LOG_LEVEL: 'debug' }, cwd: temp.dir }),
  ]);
  expect(short.stderr).not.toMatch(/\n\s+at /);
  expect(long.stderr).toMatch(/\n\s+at /);
});
