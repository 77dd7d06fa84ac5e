// What `taskrun doctor` finds where something is missing, and what it mends. Where all is well: commands.test.ts.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/contract/names.js';
import { cli } from './support/cli.js';
import { openWorld, type World } from './support/world.js';

type Finding = { what: string; state: string; says: string; remedy?: string[] };
vi.setConfig({ testTimeout: 120_000 });
let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function doctor(env: Record<string, string>, ...args: string[]) {
  const { code, stdout } = await cli(['doctor', '--json', ...args], { env });
  const { findings, exitCode } = JSON.parse(stdout) as { findings: Finding[]; exitCode: number };
  expect(exitCode).toBe(code);
  return { code, find: (what: string) => findings.find((finding) => finding.what === what) };
}

it('tells a queue that nobody works, with its remedy, and ends with 1', async () => {
  const { code, find } = await doctor(world.env);
  expect(find('workers')).toMatchObject({ state: 'bad', remedy: [expect.stringContaining('taskrun worker')] });
  expect(code).toBe(1);
});

it('missing search attributes are a warning with the line that adds each; --fix adds them', async () => {
  const before = (await doctor(world.env)).find('search attributes');
  expect(before?.state).toBe('warning');
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES))
    expect(before?.remedy).toContain(
      `temporal operator search-attribute create --name ${name} --type ${type} --namespace default --address ${world.server.address}`,
    );
  expect((await doctor(world.env, '--fix')).find('search attributes')).toMatchObject({ state: 'good' });
  expect((await doctor(world.env)).find('search attributes')).toMatchObject({ state: 'good', says: 'all 7 known' });
});

it('tells a missing login, finds one, and prints nothing of it', async () => {
  const { ANTHROPIC_API_KEY: _, ...env } = world.env;
  const missing = await doctor(env);
  expect(missing.find('credentials')).toMatchObject({ state: 'bad', remedy: [expect.stringContaining('/login')] });
  await mkdir(join(world.dir, 'claude'), { recursive: true });
  await writeFile(join(world.dir, 'claude', '.credentials.json'), '{"token":"very-secret"}');
  const { find } = await doctor(env);
  expect(find('credentials')).toMatchObject({ state: 'good', says: expect.stringContaining('the login of this user') });
  expect(JSON.stringify(find('credentials'))).not.toContain('secret');
});

it("tells an entry of the user's settings that makes Claude ignore the whole file", async () => {
  const { ANTHROPIC_API_KEY: _, ...env } = world.env;
  await mkdir(join(world.dir, 'claude'), { recursive: true });
  await writeFile(join(world.dir, 'claude', 'settings.json'), '{"permissions":{"deny":"Bash"}}');
  expect((await doctor(env)).find('settings')).toMatchObject({
    state: 'bad',
    says: expect.stringContaining('permissions'),
  });
});

it('tells a Claude CLI that is missing, and a home that is a file', async () => {
  await writeFile(join(world.dir, 'file'), '');
  const { find } = await doctor({ ...world.env, TASKRUN_CLAUDE: '/nowhere', TASKRUN_HOME: join(world.dir, 'file') });
  expect(find('Claude Code')).toMatchObject({ state: 'bad', says: expect.stringContaining('/nowhere does not exist') });
  expect(find('TASKRUN_HOME')).toMatchObject({ state: 'bad', says: expect.stringContaining('is not a directory') });
});

it('tells a namespace that is not there, with the line that makes it', async () => {
  const { code, stdout } = await world.taskrun('doctor', '--namespace', 'elsewhere');
  expect(stdout).toMatch(/✗ namespace .*does not know namespace "elsewhere"[^]*temporal operator namespace create/);
  expect(code).toBe(1);
});
