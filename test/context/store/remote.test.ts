// One store for several hosts, over git's own protocol: each host has a mirror, and the remote decides.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../../../src/context/git.js';
import { keepAside, mark } from '../../../src/context/store/fence.js';
import { locate } from '../../../src/context/store/locate.js';
import { listRefs, readMoment, readMoments } from '../../../src/context/store/read.js';
import { openStore } from '../../../src/context/store/store.js';
import { taskRefs } from '../../../src/context/store/task-ref.js';
import { gitServer, lossyProxy, portOf } from '../support/store-daemon.js';
import { aTask, aWriter, claim, contentOf, homeIn, keep, refsOf, textAt } from '../support/store-world.js';

test('what one host kept, another goes on from', async () => {
  const server = await gitServer();
  const task = aTask();
  const [a, b] = [aWriter(1), aWriter(2)];
  const here = await openStore({ configured: server.url, home: await homeIn() });
  const one = await claim(here, task, a, { since: [a.id] });
  await keep(one, 'draft');
  const { id } = await keep(one, 'of the first host');

  const there = await openStore({ configured: server.url, home: await homeIn() });
  const two = await claim(there, task, b, { head: id, since: [b.id] });
  expect(await textAt(there, two.tip)).toBe('of the first host');
  const { id: newest } = await keep(two, 'of the second');

  expect(await keep(one, 'thawed')).toMatchObject({ where: 'side' });
  const refs = await refsOf(server.gitDir, taskRefs(task).root);
  expect(refs).toMatchObject({ head: newest, [`moments/${a.id}`]: id });
  expect(Object.keys(refs).sort()).toEqual(['head', `moments/${a.id}`, `side/${a.id}-1`]);
  expect(await refsOf(here.gitDir, 'refs/taskrun-pending/')).toEqual({});
  await git({ gitDir: server.gitDir, args: ['fsck', '--full', '--strict'] });
});

test('two hosts at once: exactly one wins each round', async () => {
  const server = await gitServer();
  const stores = [
    await openStore({ configured: server.url, home: await homeIn() }),
    await openStore({ configured: server.url, home: await homeIn() }),
  ];
  for (let round = 0; round < 4; round++) {
    const task = aTask(`round ${round}`);
    const writers = [aWriter(1), aWriter(2)].toSorted(() => (round % 2 === 0 ? 1 : -1));
    const kept = await Promise.all(
      stores.map(async (store, n) => {
        const writer = writers[n] ?? aWriter();
        const fence = await claim(store, task, writer, { since: [] }).catch(() => undefined);
        return fence === undefined ? undefined : { ...(await keep(fence, writer.id)), number: writer.number };
      }),
    );
    const heads = kept.filter((one) => one?.where === 'head');
    const refs = await refsOf(server.gitDir, taskRefs(task).root);
    expect(heads.at(-1)).toBeDefined();
    expect((await readMoment(stores[0] ?? never(), refs['head'] ?? ''))?.attempt.number).toBe(2);
    for (const one of kept) if (one !== undefined) expect(Object.values(refs)).toContain(one.id);
  }
});

test('a push whose answer was lost is recognised', async () => {
  const server = await gitServer();
  const proxy = await lossyProxy(portOf(server.url));
  const store = await openStore({ configured: `git://127.0.0.1:${proxy.port}/store.git`, home: await homeIn() });
  const task = aTask();
  const fence = await claim(store, task, aWriter(), { since: [] });
  proxy.loseAnswers(/git-receive-pack/);
  const { id, where } = await keep(fence, 'one');
  expect(where).toBe('head');
  expect(await refsOf(server.gitDir, taskRefs(task).root)).toEqual({ head: id });
  expect((await keep(fence, 'two')).where).toBe('head');
});

test('the remote is away: a typed fault, and the next one that gets through hands everything over', async () => {
  const server = await gitServer();
  const store = await openStore({ configured: server.url, home: await homeIn() });
  const task = aTask();
  const fence = await claim(store, task, aWriter(), { since: [] });
  await server.stop();
  await expect(keep(fence, 'one')).rejects.toMatchObject({ kind: 'unreachable' });
  await expect(keep(fence, 'one')).rejects.toMatchObject({ kind: 'unreachable' });
  await expect(keep(fence, 'two')).rejects.toThrow(
    /TASKRUN_STORE git:\/\/127\.0\.0\.1:\d+\/store\.git cannot be reached/,
  );
  await server.start();
  const { id, changed } = await keep(fence, 'two');
  expect(changed).toBe(false);
  expect(await refsOf(server.gitDir, taskRefs(task).root)).toEqual({ head: id });
  expect(await textAt({ ...store, gitDir: server.gitDir }, id)).toBe('two');
});

test('what a worker kept while the remote was away is handed over by the next one on its host', async () => {
  const server = await gitServer();
  const home = await homeIn();
  const store = await openStore({ configured: server.url, home });
  const [task, moved] = [aTask(), aTask('moved on')];
  const [a, b] = [aWriter(1), aWriter(2)];
  const fence = await claim(store, task, a, { since: [a.id] });
  const outrun = await claim(store, moved, a, { since: [a.id] });
  const aside = aWriter(1);
  await server.stop();
  await expect(keep(fence, 'kept here')).rejects.toMatchObject({ kind: 'unreachable' });
  await expect(keep(outrun, 'too late')).rejects.toMatchObject({ kind: 'unreachable' });
  await expect(keepAside(store, moved, aside, await contentOf(store, 'aside'))).rejects.toMatchObject({
    kind: 'unreachable',
  });
  await server.start();

  const again = await openStore({ configured: server.url, home });
  const found = await locate(again, task, { since: [a.id, b.id] });
  expect(found.base?.moment.attempt.id).toBe(a.id);
  expect(await textAt(again, found.base?.id ?? '')).toBe('kept here');

  const elsewhere = await openStore({ configured: server.url, home: await homeIn() });
  const { id } = await keep(await claim(elsewhere, moved, b, { since: [b.id] }), 'of another host');
  await locate(again, moved, { head: id, since: [] });
  const refs = await refsOf(server.gitDir, taskRefs(moved).root);
  expect(Object.keys(refs).sort()).toEqual(['head', `side/${a.id}-1`, `side/${aside.id}-1`].sort());
  expect(refs['head']).toBe(id);
  expect(await textAt(again, refs[`side/${a.id}-1`] ?? '')).toBe('too late');
  expect(await refsOf(again.gitDir, 'refs/taskrun-pending/')).toEqual({});
});

test('the mirror is lost: nothing is', async () => {
  const server = await gitServer();
  const home = await homeIn();
  const task = aTask();
  const a = aWriter(1);
  const store = await openStore({ configured: server.url, home });
  const { id } = await keep(await claim(store, task, a, { since: [] }), 'kept');
  await rm(home, { recursive: true });
  const fresh = await openStore({ configured: server.url, home });
  expect(await locate(fresh, task, { head: id, since: [] })).toMatchObject({ base: { id } });
});

test('moments and refs of other tasks are fetched when they are asked for', async () => {
  const server = await gitServer();
  const task = aTask();
  const here = await openStore({ configured: server.url, home: await homeIn() });
  const fence = await claim(here, task, aWriter(1), { since: [] });
  const { id: replaced } = await keep(fence, 'one');
  const { id } = await keep(fence, 'two');
  await mark(here, task, 'release', id);

  const there = await openStore({ configured: server.url, home: await homeIn() });
  expect(await listRefs(there, taskRefs(task).root, { local: true })).toEqual([]);
  expect(await readMoments(there, [id, '1'.repeat(40), replaced])).toMatchObject([{ id }, { id: replaced }]);
  expect(await readMoment(there, '1'.repeat(40))).toBeUndefined();
  const refs = await listRefs(there, taskRefs(task).root);
  expect(refs.map(({ ref }) => ref)).toEqual([taskRefs(task).head, taskRefs(task).mark('release')]);
  await git({ gitDir: server.gitDir, args: ['update-ref', '-d', taskRefs(task).mark('release')] });
  expect(await listRefs(there, taskRefs(task).root)).toHaveLength(1);
});

test('file:// and a server that may only be read', async () => {
  const server = await gitServer();
  const [home, task] = [await homeIn(), aTask()];
  const file = await openStore({ configured: `file://${server.gitDir}`, home });
  expect(file.gitDir).toMatch(/store-mirror-[0-9a-f]{20}\.git$/);
  const { id } = await keep(await claim(file, task, aWriter(1), { since: [] }), 'by file');

  await server.stop();
  await server.start({ readOnly: true });
  const store = await openStore({ configured: server.url, home });
  const found = await locate(store, task, { head: id, since: [] });
  expect(found.base?.id).toBe(id);
  await expect(claim(store, task, aWriter(2), { head: id, since: [] })).rejects.toMatchObject({ kind: 'readOnly' });
  expect(join(store.gitDir, '..')).toBe(home);
});

function never(): never {
  throw new Error('there are two stores');
}
