// A disk that is full, or fills up while Claude works: said by name, no session begun anew in silence, and the work goes
// on when there is room again. On a small filesystem, mounted where nobody but the test's own processes see it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { useDriver } from '../../activities/attempt/support/drive.js';
import { conversation, lastHeard } from '../../activities/attempt/support/oracle.js';
import { newSite, readTranscript, type Site, timesDelivered } from '../../activities/attempt/support/site.js';
import { mayMount } from '../../support/namespaces.js';
import { until } from '../../support/poll.js';

const drive = useDriver();

interface SmallDisk {
  site: Site;
  /** Before a command: runs it where the disk is mounted. */
  there: string[];
  shell: (script: string) => void;
  /** A path on the disk, as this process can read it. */
  seen: (path: string) => string;
}

/** The site's home on a disk of its own. */
async function onSmallDisk(size: string): Promise<SmallDisk> {
  const site = await newSite();
  const { path } = site.host.home;
  const mounted = join(site.root, 'mounted');
  const script = `mount -t tmpfs -o size=${size} none '${path}' && touch '${mounted}' && exec tail -f /dev/null`;
  const holder = spawn('unshare', ['-rm', 'sh', '-c', script], { stdio: 'ignore' });
  onTestFinished(async () => {
    const ended = once(holder, 'exit');
    if (holder.kill('SIGKILL')) await ended;
  });
  await until(() => existsSync(mounted), { what: 'the small disk is mounted' });
  const there = ['nsenter', '-t', String(holder.pid), '-U', '-m', '--preserve-credentials'];
  return {
    site,
    there,
    shell: (command) => void spawnSync(there[0] ?? '', [...there.slice(1), 'sh', '-c', command], { stdio: 'ignore' }),
    seen: (at) => `/proc/${holder.pid}/root${at}`,
  };
}

// In some containers nobody may mount: nothing of this can be tried there.
describe.skipIf(!mayMount)('on a disk of a few megabytes', () => {
  test('full before the attempt: the fault disk, nothing launched; with room again it is worked', async () => {
    const { site, there, shell } = await onSmallDisk('16m');
    const task = site.task();
    const request = task.request({ prompt: '[[say done]]' });
    const filler = join(site.host.home.path, 'filler');
    shell(`head -c 100M /dev/zero > '${filler}'`);
    const full = await drive(site, request, { command: there }).ended;
    expect(full).toMatchObject({ outcome: 'fault', sent: '', seen: false, delivered: false });
    expect(full?.problem).toMatchObject({ class: 'disk', says: expect.stringMatching(/disk of .* is full/) });
    expect(site.api.requests).toEqual([]);
    shell(`rm '${filler}'`);
    const roomy = await drive(site, task.again(request), { command: there }).ended;
    expect(roomy).toMatchObject({ outcome: 'done', text: 'done' });
    expect(conversation(site)).toHaveLength(1);
  });

  test('with too little room for a turn: the fault disk, before Claude is told anything', async () => {
    const { site, there } = await onSmallDisk('1m');
    const report = await drive(site, site.task().request({}), { command: there }).ended;
    expect(report?.problem).toMatchObject({ class: 'disk', says: expect.stringContaining('KiB left') });
    expect(site.api.requests).toEqual([]);
  });

  test('filled up by the work itself: the answer counts with a warning, the next attempt waits for room, nothing is said twice', async () => {
    const { site, there, shell, seen } = await onSmallDisk('16m');
    const task = site.task();
    const fill = JSON.stringify({ command: 'head -c 100M /dev/zero > filler; echo filled' });
    const first = task.request({ prompt: `[[tool Bash ${fill}]] [[say done]]` });
    const done = await drive(site, first, { command: there }).ended;
    expect(done).toMatchObject({ outcome: 'done', text: 'done', seen: true, problem: { class: 'disk' } });

    const session = { ...first.session, seen: true };
    const update = task.request({ cause: 'update', intention: 'resume', session, prompt: '[[say updated]]' });
    const full = await drive(site, update, { command: there }).ended;
    expect(full).toMatchObject({ outcome: 'fault', sent: '', problem: { class: 'disk' } });
    expect(conversation(site)).toHaveLength(2);

    shell(`rm '${join(task.workspace, 'filler')}'`);
    const roomy = await drive(site, task.again(update), { command: there }).ended;
    expect(roomy).toMatchObject({ outcome: 'done', text: 'updated' });
    expect(lastHeard(site, first.session.id).filter((text) => text === first.instruction.prompt)).toHaveLength(1);
    const transcript = `${task.place.claudeConfig}/projects/${task.workspace.replace(/[^a-zA-Z0-9]/g, '-')}/${first.session.id}.jsonl`;
    const lines = await readTranscript(seen(transcript));
    expect([timesDelivered(lines, first), timesDelivered(lines, update)]).toEqual([1, 1]);
  });
});
