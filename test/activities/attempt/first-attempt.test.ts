// A first attempt, while it works and when it is over: what Claude is started with and told, what lies where, who may
// read it.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pinnedClaude } from '../../support/claude.js';
import { atStep, cliAtWork, conversation, processesOf } from './support/oracle.js';
import { newSite, recorder, timesDelivered } from './support/site.js';

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('--session-id of our making, the prompt on stdin alone, and a report of what came of it', async () => {
  const site = await newSite();
  const task = site.task();
  const secret = `secret ${randomUUID()}`;
  const request = task.request({ prompt: `${secret} [[sleep 500ms]] [[say well done]]` });
  const running = site.run(request);
  const cli = await cliAtWork(request);
  const report = await running;

  const { settings } = task.place.attempt(request.number, request.attemptId);
  expect(cli.argv).toEqual([
    pinnedClaude(),
    ...['-p', '--input-format=stream-json', '--output-format=stream-json', '--verbose', '--replay-user-messages'],
    `--session-id=${request.session.id}`,
    `--settings=${settings}`,
    '--permission-mode=bypassPermissions',
  ]);
  expect([...cli.argv, ...Object.values(cli.env)].join('\n')).not.toContain(secret);
  expect(report).toEqual({
    ...{ attemptId: request.attemptId, outcome: 'done', text: 'well done', turns: 1 },
    ...{ sent: `--session-id=${request.session.id}`, seen: true, delivered: true, host: 'host-a' },
    ...{ log: task.place.attempt(request.number, request.attemptId).dir, sessionCostUsd: expect.any(Number) },
    ...{ startedAt: expect.any(String), endedAt: expect.any(String) },
    ...{ checkpoint: expect.stringMatching(/^[0-9a-f]{40}$/), hostId: site.host.hostId },
  });
  expect(conversation(site).map((each) => each.userTexts)).toEqual([[request.instruction.prompt]]);
  expect(timesDelivered(await task.transcript(request), request)).toBe(1);
  expect(processesOf(task)).toEqual([]);
});

test('of the worker’s environment Claude gets what is allowed, and our markers', async () => {
  const site = await newSite();
  const env = {
    ...site.host.env,
    ...{ TEMPORAL_API_KEY: 'temporal-secret', TEMPORAL_ADDRESS: '127.0.0.1:1', TASKRUN_HOME: '/elsewhere' },
    ...{
      CLAUDECODE: '1',
      CLAUDE_CODE_SESSION_ID: randomUUID(),
      CLAUDE_CODE_ENTRYPOINT: 'cli',
      CLAUDE_CONFIG_DIR: '/outer',
    },
    ...{ AWS_PROFILE: 'work', HTTPS_PROXY: '', LC_ALL: 'C.UTF-8', DATABASE_URL: 'postgres://secret', GH_TOKEN: 'gh' },
  };
  const task = site.task('../a task/with "odd" id');
  const request = task.request({ prompt: '[[sleep 300ms]] [[say ok]]' });
  const claudeEnvNames = [...site.host.claudeEnvNames, 'GH_TOKEN', 'TEMPORAL_API_KEY'];
  const ended = site.run(request, {}, { env, claudeEnvNames });
  const { env: given } = await cliAtWork(request);
  expect(await ended).toMatchObject({ outcome: 'done' });
  expect(
    Object.keys(given).filter((name) => /^TEMPORAL_|^CLAUDECODE$|^CLAUDE_CODE_(SESSION|ENTRY)|DATABASE/.test(name)),
  ).toEqual([]);
  expect(given).toMatchObject({
    ...{ TASKRUN_TASK: task.place.key, TASKRUN_ATTEMPT: request.attemptId, CLAUDE_CONFIG_DIR: task.place.claudeConfig },
    ...{ ANTHROPIC_API_KEY: 'scripted', AWS_PROFILE: 'work', LC_ALL: 'C.UTF-8', GH_TOKEN: 'gh' },
  });
  expect(given).not.toHaveProperty('HTTPS_PROXY');
  expect(given).not.toHaveProperty('TASKRUN_HOME');
  expect(task.place.root.startsWith(join(site.host.home.tasks, 'a-task-with-odd-id-'))).toBe(true);
});

test('settings and MCP files are the owner’s alone and gone afterwards; logs stay, the owner’s alone', async () => {
  const site = await newSite();
  const task = site.task();
  const request = task.request({
    prompt: '[[hang x1]] [[say never]]',
    claude: {
      permissionMode: 'bypassPermissions',
      settings: { env: { FROM_SETTINGS: 'yes' } },
      mcpConfig: { mcpServers: { nothing: { command: 'false' } } },
    },
  });
  const stop = new AbortController();
  const running = site.run(request, { signal: stop.signal });
  await atStep(site, request, 'hang');
  const place = task.place.attempt(request.number, request.attemptId);
  expect([await modeOf(place.settings), await modeOf(place.mcp)]).toEqual(['600', '600']);
  expect(JSON.parse(await readFile(place.settings, 'utf8'))).toEqual({
    cleanupPeriodDays: 3650,
    env: { FROM_SETTINGS: 'yes' },
  });
  const cli = await cliAtWork(request);
  expect(cli.argv).toContain(`--mcp-config=${place.mcp}`);
  stop.abort();
  await running;
  expect([existsSync(place.settings), existsSync(place.mcp)]).toEqual([false, false]);
  expect([await modeOf(place.stream), await modeOf(place.stderr), await modeOf(place.dir)]).toEqual([
    '600',
    '600',
    '700',
  ]);
  expect(await readFile(place.stream, 'utf8')).toContain('"subtype":"init"');
});

test('task documents lie in .taskrun/ before Claude is told, out of sight of git', async () => {
  const site = await newSite();
  const task = site.task();
  const files = [
    { name: 'brief.md', content: 'the brief' },
    { name: 'deep/er/notes.txt', content: 'ä'.repeat(10) },
  ];
  const prompt =
    '[[tool Bash {"command":"cat .taskrun/brief.md > seen; git init -q . && git status --porcelain > status"}]] [[say read]]';
  const request = task.request({ instruction: { id: randomUUID(), prompt, files } });
  expect(await site.run(request)).toMatchObject({ outcome: 'done', text: 'read' });
  expect(await readFile(join(task.workspace, 'seen'), 'utf8')).toBe('the brief');
  expect(await readFile(join(task.workspace, '.taskrun/deep/er/notes.txt'), 'utf8')).toBe('ä'.repeat(10));
  expect(await readFile(join(task.workspace, 'status'), 'utf8')).not.toContain('.taskrun');
});

test('what it tells while it works: preparing, then working, seen and delivered as soon as the disk shows it', async () => {
  const site = await newSite();
  const task = site.task();
  const request = task.request({ prompt: '[[tool Bash {"command":"timeout 2 tail -f /dev/null; true"}]] [[say ok]]' });
  const { all, onProgress } = recorder();
  await site.run(request, { onProgress });
  expect(all[0]).toMatchObject({ doing: 'preparing', seen: false, delivered: false, turns: 0 });
  const inTool = all.filter((each) => each.tool === 'Bash');
  expect(inTool.at(-1)).toMatchObject({
    ...{ doing: 'working', sent: `--session-id=${request.session.id}`, sessionId: request.session.id },
    ...{ seen: true, delivered: true, turns: 1 },
  });
  expect(all.at(-1)).toMatchObject({ lastWords: 'ok' });
  expect(all.at(-1)).not.toHaveProperty('tool');
});
