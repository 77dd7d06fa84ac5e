// Files that are asked for, where the attempt that puts them in place is lost or killed: each wish is fulfilled, once,
// and never at the price of what was there.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AttemptRequest } from '../../../src/contract/attempt.js';
import { readRecord, writeRecord } from '../../../src/host/workspace-record.js';
import { LocalTask } from './support/local-task.js';
import { bash, type Hosts, refsOf, twoHosts, unheard } from './support/moments.js';
import { lastHeard } from './support/oracle.js';

async function twoSessions(hosts: Hosts, source = {}): Promise<LocalTask> {
  const task = new LocalTask(hosts.site, 'wishes', { prompt: `${bash('echo one > file')} [[say one]]`, ...source });
  await task.next(hosts.a);
  task.tell('update', { prompt: `${bash('echo two > file')} [[say two]]`, newSession: true });
  await task.next(hosts.a);
  return task;
}

test('a wish that one instruction had fulfilled before its attempt was lost is not taken for the next one’s', async () => {
  const hosts = await twoHosts();
  const { a } = hosts;
  const task = await twoSessions(hosts);
  const [first = '', second = ''] = task.view.attempts.map(({ checkpoint }) => checkpoint);
  task.tell('resume', {
    checkpoint: first,
    prompt: `${bash('echo three > file')} [[say x]]`,
    onFileConflict: 'restore',
  });
  await unheard(hosts, task, a, { host: 'host-a' });
  task.tell('stop', {});
  task.tell('resume', {
    checkpoint: second,
    prompt: `${bash('cat file > seen')} [[say y]]`,
    onFileConflict: 'restore',
  });
  expect(await task.next(a)).toMatchObject({ outcome: 'done', text: 'y', filesSettled: true });
  expect(await readFile(join(task.workspace(a), 'seen'), 'utf8')).toBe('two\n');
});

test('a wish that was fulfilled before its attempt was lost is not fulfilled again over what was done since', async () => {
  const hosts = await twoHosts();
  const { a } = hosts;
  const task = await twoSessions(hosts);
  task.tell('resume', {
    sessionId: task.session(1),
    prompt: `${bash('echo three > file')} [[say x]]`,
    onFileConflict: 'restore',
  });
  await unheard(hosts, task, a, { host: 'host-a' });
  expect(await task.next(a)).toMatchObject({ outcome: 'done', filesSettled: true, sent: '' });
  expect(await readFile(join(task.workspace(a), 'file'), 'utf8')).toBe('three\n');
});

/** The state that a kill leaves while wanted files are put in place. */
async function killedInChange(hosts: Hosts, task: LocalTask, dir: string): Promise<AttemptRequest> {
  const request = task.launch();
  const stop = new AbortController();
  const place = task.place(hosts.a);
  // Asked to end as soon as the files are there: what stands in the record then is what a kill would have left.
  const seen: unknown[] = [];
  await hosts.site.run(
    request,
    { signal: stop.signal, onProgress: (progress) => void seen.push(progress) },
    {
      ...hosts.a,
      claude: '/nowhere',
    },
  );
  const record = await readRecord(place.record);
  const [safety] = await refsOf(hosts, 'side');
  if (record === undefined || safety === undefined) throw new Error('no record, or no safety checkpoint');
  const { settledFor: _, ...known } = record;
  await writeRecord(place.record, { ...known, restoring: true, before: safety.id });
  await writeFile(join(dir, 'half'), 'of the new');
  return request;
}

test.each([false, true])(
  'killed while files give way (in place: %s): what was there by hand is what the next one begins with',
  async (inPlace) => {
    const hosts = await twoHosts();
    const { site, a } = hosts;
    const own = join(site.root, 'own');
    await mkdir(own);
    const task = await twoSessions(hosts, inPlace ? { source: { dir: own, inPlace } } : {});
    const dir = inPlace ? own : task.workspace(a);
    await writeFile(join(dir, 'by hand'), 'precious');
    task.tell('resume', { sessionId: task.session(1), prompt: '[[say back]]', onFileConflict: 'restore' });
    const request = await killedInChange(hosts, task, dir);
    task.lost(request, a);
    task.tell('drop', { command: task.state.queue[0]?.commandId });
    task.tell('update', { sessionId: task.session(2), prompt: `${bash('ls')} [[recall]] [[say on]]` });
    expect(await task.next(a)).toMatchObject({ outcome: 'done', text: 'on' });
    expect(await readFile(join(dir, 'by hand'), 'utf8')).toBe('precious');
    expect(await readFile(join(dir, 'file'), 'utf8')).toBe('two\n');
    await expect(readFile(join(dir, 'half'))).rejects.toThrow('ENOENT');
    expect(lastHeard(site, task.session(2)).join()).toContain('two');
  },
);
