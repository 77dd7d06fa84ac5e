// What a tool leaves running in a session of its own, forked twice and handed to init, does not outlive the attempt.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readProcess } from '../../../src/host/process-table.js';
import { until } from '../../support/poll.js';
import { useDriver } from './support/drive.js';
import { atStep, cliAtWork, processesOf } from './support/oracle.js';
import { newSite, type TaskOnSite } from './support/site.js';

const drive = useDriver();

/** setsid, fork, the parent ends, fork again: no parent, no session and no group of the CLI's is left. */
const DAEMON =
  "setsid -f sh -c '(echo $$ > first; exec tail -f /dev/null) > /dev/null 2>&1 & echo $! > orphan.tmp; mv orphan.tmp orphan'";
const TOOL = `[[tool Bash ${JSON.stringify({ command: DAEMON })}]]`;

async function orphanOf(task: TaskOnSite): Promise<number> {
  const path = join(task.workspace, 'orphan');
  await until(() => existsSync(path), { what: 'the tool left its orphan' });
  const pid = Number(readFileSync(path, 'utf8'));
  onTestFinished(() => {
    if (isAlive(pid) && processesOf(task).some((each) => each.pid === pid)) process.kill(pid, 'SIGKILL');
  });
  return pid;
}

const isAlive = (pid: number): boolean => readProcess(pid)?.gone === false;

test('dead when the attempt is over', async () => {
  const site = await newSite();
  const task = site.task();
  const request = task.request({ prompt: `${TOOL} [[sleep 500ms]] [[say done]]` });
  const running = site.run(request);
  const cli = await cliAtWork(request);
  const orphan = await orphanOf(task);
  const row = readProcess(orphan);
  expect(row).toMatchObject({ gone: false });
  expect([row?.parent, row?.session, row?.group]).not.toContain(cli.pid);
  expect(await running).toMatchObject({ outcome: 'done', text: 'done' });
  expect(isAlive(orphan)).toBe(false);
});

test('alive after the driver was killed, dead before the next attempt’s Claude begins', async () => {
  const site = await newSite();
  const task = site.task();
  const request = task.request({ prompt: `${TOOL} [[hang]] [[say done]]` });
  const killed = drive(site, request);
  const orphan = await orphanOf(task);
  await atStep(site, request, 'hang');
  await until(async () => JSON.stringify(await task.transcript(request)).includes('"tool_result"'), {
    what: 'the tool is over, on disk too',
  });
  killed.signal('SIGKILL');
  await killed.ended;
  expect(isAlive(orphan)).toBe(true);
  const next = task.again(request);
  const running = site.run(next);
  await cliAtWork(next);
  expect(isAlive(orphan)).toBe(false);
  expect(await running).toMatchObject({ outcome: 'done', text: 'done' });
});
