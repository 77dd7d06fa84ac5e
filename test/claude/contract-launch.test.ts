// Facts about launching the CLI: the form of its flags, where it writes, what it reads as a command, how it ends.
// Another version: TASKRUN_TEST_CLAUDE=/path/to/claude npx vitest run test/claude/contract-launch.test.ts
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectFolder } from '../../src/claude/transcript.js';
import { type ScriptedApi, startScriptedApi } from '../../src/demo/api/scripted-api.js';
import { startClaude, userMessage } from '../support/claude.js';
import { until } from '../support/poll.js';
import { newPlace, say, sessionsOnDisk } from './contract/place.js';

let api: ScriptedApi;
beforeAll(async () => {
  api = await startScriptedApi();
});
afterAll(() => api.close());

const fresh = (): string => `--session-id=${randomUUID()}`;
const TOUCH = '[[tool Bash {"command":"touch made-by-bash"}]] [[say end]]';

describe('flags in the form --flag=value', () => {
  test.each([
    ['repeated', ['--allowedTools=Read', '--allowedTools=Bash(touch *)']],
    ['joined by a comma', ['--allowedTools=Read,Bash(touch *)']],
  ])('a list of tools %s is a list', async (_how, flags) => {
    const place = await newPlace(api);
    const { result } = await say(place, [fresh(), ...flags], TOUCH);
    expect(result).toMatchObject({ is_error: false, permission_denials: [] });
    expect(existsSync(join(place.workspace, 'made-by-bash'))).toBe(true);
  });

  test('a tool that is not allowed is denied, and the turn goes on', async () => {
    const place = await newPlace(api);
    const { result } = await say(place, [fresh()], TOUCH);
    expect(result).toMatchObject({ result: 'end', is_error: false, permission_denials: [{ tool_name: 'Bash' }] });
    expect(existsSync(join(place.workspace, 'made-by-bash'))).toBe(false);
  });

  test('all options of a task are taken at once', async () => {
    const place = await newPlace(api);
    const [one, two] = [join(place.root, 'one'), join(place.root, 'two')];
    await Promise.all([mkdir(one), mkdir(two)]);
    const settings = join(place.root, 'settings.json');
    await writeFile(settings, JSON.stringify({ cleanupPeriodDays: 36_500, env: { FROM_SETTINGS: 'seen' } }));
    const mcpConfig = join(place.root, 'mcp.json');
    await writeFile(mcpConfig, JSON.stringify({ mcpServers: { none: { command: '/bin/false', args: [] } } }));
    const flags = [
      '--model=claude-haiku-4-5',
      '--permission-mode=bypassPermissions',
      '--max-turns=5',
      '--disallowedTools=WebSearch',
      '--disallowedTools=WebFetch',
      '--append-system-prompt=-- be brief',
      `--settings=${settings}`,
      `--mcp-config=${mcpConfig}`,
      `--add-dir=${one}`,
      `--add-dir=${two}`,
    ];
    const run = await say(place, [fresh(), ...flags], '[[tool Bash {"command":"echo $FROM_SETTINGS > seen"}]]');
    expect(run).toMatchObject({ exitCode: 0, stderr: '', result: { is_error: false } });
    expect(run.init).toMatchObject({
      model: 'claude-haiku-4-5',
      permissionMode: 'bypassPermissions',
      mcp_servers: [{ name: 'none' }],
      additional_directories: expect.arrayContaining([one, two]),
    });
    expect(run.init?.['tools']).not.toEqual(expect.arrayContaining(['WebSearch']));
    expect(readFileSync(join(place.workspace, 'seen'), 'utf8')).toBe('seen\n');
  });

  test.each([
    ['--no-such-flag=1', "unknown option '--no-such-flag=1'"],
    ['--permission-mode=bogus', "'bogus' is invalid. Allowed choices are"],
    ['--settings=/nowhere/settings.json', 'Settings file not found: /nowhere/settings.json'],
    ['--mcp-config=/nowhere/mcp.json', 'MCP config file not found: /nowhere/mcp.json'],
  ])('%s ends it with 1 and says why on stderr alone', async (flag, says) => {
    const run = await say(await newPlace(api), [fresh(), flag], 'x');
    expect(run).toMatchObject({ exitCode: 1, lines: [] });
    expect(run.stderr).toContain(says);
  });
});

describe('where it writes', () => {
  test.each(['with.dots and spaces', 'ünïcödé-日本_😀', `${'x'.repeat(120)}/${'y'.repeat(120)}`])(
    'the transcripts of the directory %s lie in the folder that taskrun expects',
    async (name) => {
      const place = await newPlace(api);
      const workspace = join(place.workspace, name);
      await mkdir(workspace, { recursive: true });
      const link = join(place.root, 'link');
      await symlink(workspace, link);
      await say({ ...place, workspace: link }, [fresh()], 'hello');
      expect(await readdir(join(place.configDir, 'projects'))).toContain(projectFolder(workspace));
      expect(await sessionsOnDisk(place)).toHaveLength(1);
    },
  );

  test('nothing is written to HOME when a config directory is named', async () => {
    const place = await newPlace(api);
    await say(place, [fresh()], 'hello');
    expect(readdirSync(place.home)).toEqual(['tmp']);
  });

  test('a config directory that cannot be written to is no error: the turn runs and nothing is kept', async () => {
    const place = await newPlace(api);
    await writeFile(place.configDir, 'a file in its place');
    const { exitCode, result } = await say(place, [fresh()], 'hello');
    expect([exitCode, result?.['result'], result?.['is_error']]).toEqual([0, 'ok: hello', false]);
    expect(readFileSync(place.configDir, 'utf8')).toBe('a file in its place');
  });
});

describe('what it reads in a message', () => {
  test('a leading slash is a command, even one that leaves the session: with a space before it, it is text', async () => {
    const place = await newPlace(api);
    const id = randomUUID();
    await say(place, [`--session-id=${id}`], 'hello');
    const { result } = await say(place, [`--resume=${id}`], ' /clear');
    expect(result).toMatchObject({ session_id: id, result: 'ok: /clear' });
    expect((await say(place, [`--resume=${id}`], '/clear')).exitCode).toBe(0);
    expect(await sessionsOnDisk(place)).toHaveLength(2);
  });

  test('a prompt of 1 MiB is answered, one of 10 MiB is refused before any request', async () => {
    const place = await newPlace(api);
    expect((await say(place, [fresh()], `[[say big]] ${'x'.repeat(1024 * 1024)}`)).result).toMatchObject({
      result: 'big',
    });
    const before = api.requests.length;
    const { exitCode, result } = await say(place, [fresh()], 'x'.repeat(10 * 1024 * 1024));
    expect([exitCode, result?.['terminal_reason']]).toEqual([1, 'blocking_limit']);
    expect(api.requests).toHaveLength(before);
  });
});

describe('how it ends', () => {
  test('a background command keeps it alive and adds a turn with a result of its own', async () => {
    const place = await newPlace(api);
    const command = 'touch running; while [ -e running ]; do sleep 0.1; done';
    const input = JSON.stringify({ command, run_in_background: true });
    const stdinLines = [userMessage(randomUUID(), `[[tool Bash ${input}]] [[say end]]`)];
    const env = place.env;
    const run = startClaude([fresh(), '--permission-mode=bypassPermissions'], {
      env,
      cwd: place.workspace,
      stdinLines,
    });
    const results = () => run.lines.filter((line) => line.type === 'result');
    await until(() => results().length === 1, { what: 'the first result' });
    expect(run.process.exitCode).toBeNull();
    await until(() => existsSync(join(place.workspace, 'running')), { what: 'the background command runs' });
    await rm(join(place.workspace, 'running'));
    expect((await run.ended).exitCode).toBe(0);
    expect(results()).toHaveLength(2);
  });

  test('an interrupt in a tool ends the tool and all it started, and then the CLI', async () => {
    const place = await newPlace(api);
    const marker = randomUUID();
    const command = "trap '' INT TERM; touch running; (while [ -e running ]; do sleep 0.1; done) & wait";
    const stdinLines = [userMessage(randomUUID(), `[[tool Bash ${JSON.stringify({ command })}]]`)];
    const env = { ...place.env, CONTRACT_MARKER: marker };
    const run = startClaude([fresh(), '--permission-mode=bypassPermissions'], {
      env,
      cwd: place.workspace,
      stdinLines,
    });
    await until(() => existsSync(join(place.workspace, 'running')), { what: 'the tool runs' });
    expect(markedProcesses(marker).length).toBeGreaterThanOrEqual(3);
    run.process.kill('SIGINT');
    expect(await run.ended).toMatchObject({ exitCode: 0 });
    await until(() => markedProcesses(marker).length === 0, { what: 'nothing of it is left' });
  });
});

/** Every descendant inherits the environment, so a marker in it finds them all. */
function markedProcesses(marker: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(marker);
    } catch {
      return false;
    }
  });
}
