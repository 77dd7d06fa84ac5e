// Only the owner of the newest claim moves a task's head; nothing that anybody wrote is lost.
import { expect, test } from 'vitest';
import { git } from '../../../src/context/git.js';
import { advance, claimHead, keepAside, mark } from '../../../src/context/store/fence.js';
import { locate } from '../../../src/context/store/locate.js';
import { readMoment } from '../../../src/context/store/read.js';
import { taskRefs } from '../../../src/context/store/task-ref.js';
import { aTask, aWriter, claim, contentOf, keep, localStore, refsOf, textAt } from '../support/store-world.js';

test('attempts follow one another: each one’s last checkpoint is kept, the newest is the head', async () => {
  const store = await localStore();
  const task = aTask('orders/2024 ..~^:');
  const [first, second] = [aWriter(1), aWriter(2)];
  const one = await claim(store, task, first, { since: [first.id] });
  await keep(one, 'draft');
  const { id, where, changed } = await keep(one, 'first');
  expect({ where, changed }).toEqual({ where: 'head', changed: true });

  const found = await locate(store, task, { head: id, since: [second.id] });
  expect(found).toMatchObject({ tip: { id }, base: { id } });
  expect(found.stray).toBeUndefined();
  const two = await claim(store, task, second, { head: id, since: [second.id] });
  expect(await textAt(store, two.tip)).toBe('first');
  const { id: newest } = await keep(two, 'second');

  expect(await refsOf(store.gitDir, taskRefs(task).root)).toEqual({ head: newest, [`moments/${first.id}`]: id });
  expect(await readMoment(store, newest)).toMatchObject({
    kind: 'checkpoint',
    attempt: { id: second.id, number: 2 },
    previous: id,
    filesFrom: [id],
  });
  await git({ gitDir: store.gitDir, args: ['fsck', '--full', '--strict'] });
  expect(await refsOf(store.gitDir, 'refs/taskrun-scratch/')).toEqual({});
});

test('a checkpoint replaced by a later one of its attempt leaves no gap in the line', async () => {
  const store = await localStore();
  const task = aTask();
  const a = await claim(store, task, aWriter(1), { since: [] });
  const { id: first } = await keep(a, 'one');
  const b = await claim(store, task, aWriter(2), { head: first, since: [] });
  await advance(b, await contentOf(store, 'two', { filesFrom: [first, first] }));
  const { id: last } = await keep(b, 'three');
  expect(await readMoment(store, last)).toMatchObject({ previous: first, filesFrom: [first, first] });
});

test('nothing changed: no commit, and the id of what is there', async () => {
  const store = await localStore();
  const task = aTask();
  const a = await claim(store, task, aWriter(1), { since: [] });
  const one = await keep(a, 'same');
  expect(await keep(a, 'same')).toEqual({ id: one.id, where: 'head', changed: false });
  const b = await claim(store, task, aWriter(2), { head: one.id, since: [] });
  expect(await keep(b, 'same')).toEqual({ id: one.id, where: 'head', changed: false });
  const lacking = await advance(b, await contentOf(store, 'same', { lacks: ['a pipe is not kept'] }));
  expect(lacking.changed).toBe(true);
});

test('a writer that was thawed writes aside, in one place, and the head stays', async () => {
  const store = await localStore();
  const task = aTask();
  const [old, young] = [aWriter(1), aWriter(2)];
  const frozen = await claim(store, task, old, { since: [old.id] });
  const { id: base } = await keep(frozen, 'before');
  const going = await claim(store, task, young, { head: base, since: [young.id] });
  const { id: head } = await keep(going, 'goes on');

  const first = await keep(frozen, 'thawed');
  const second = await keep(frozen, 'thawed, later');
  expect([first.where, second.where]).toEqual(['side', 'side']);
  expect(await refsOf(store.gitDir, taskRefs(task).root)).toEqual({
    head,
    [`moments/${old.id}`]: base,
    [`side/${old.id}-1`]: second.id,
  });
  expect(await textAt(store, second.id)).toBe('thawed, later');
});

test('an older attempt is refused the claim, and told by whom', async () => {
  const store = await localStore();
  const task = aTask();
  const [older, newer] = [aWriter(1), aWriter(2)];
  await claim(store, task, newer, { since: [] });
  const claimed = await claimHead(store, task, await locate(store, task, { since: [] }), older);
  expect(claimed).toMatchObject({ ok: false, by: { attempt: { id: newer.id, number: 2 } } });
});

test('of two attempts with one time the higher id wins, whoever comes first', async () => {
  const store = await localStore();
  for (const order of [0, 1]) {
    const task = aTask();
    const pair = [aWriter(1, { id: 'aaaa', token: 5 }), aWriter(1, { id: 'bbbb', token: 5 })];
    const [one, two] = order === 0 ? pair : pair.toReversed();
    const nothing = await locate(store, task, { since: [] });
    if (one === undefined || two === undefined) throw new Error('two writers');
    const results = [await claimHead(store, task, nothing, one), await claimHead(store, task, nothing, two)];
    expect(results.map(({ ok }) => ok)).toEqual(order === 0 ? [true, true] : [true, false]);
    expect(await readMoment(store, (await locate(store, task, { since: [] })).tip?.id ?? '')).toMatchObject({
      attempt: { id: 'bbbb' },
    });
  }
});

test('what came in between finding and claiming is put aside', async () => {
  const store = await localStore();
  const task = aTask();
  const [a, late, b] = [aWriter(1), aWriter(2), aWriter(3)];
  const { id: base } = await keep(await claim(store, task, a, { since: [] }), 'base');
  const found = await locate(store, task, { head: base, since: [b.id] });
  const { id: between } = await keep(await claim(store, task, late, { head: base, since: [] }), 'between');
  const claimed = await claimHead(store, task, found, b);
  expect(claimed).toMatchObject({ ok: true, fence: { base: { id: base } } });
  const refs = await refsOf(store.gitDir, taskRefs(task).root);
  expect(refs).toMatchObject({ [`side/${late.id}-1`]: between, [`moments/${a.id}`]: base });
  expect(await textAt(store, refs['head'] ?? '')).toBe('base');
});

test('what is outside the line is a stray: kept aside, never continued', async () => {
  const store = await localStore();
  const task = aTask();
  const [a, b, c] = [aWriter(1), aWriter(2), aWriter(3)];
  const { id: one } = await keep(await claim(store, task, a, { since: [a.id] }), 'one');
  const { id: two } = await keep(await claim(store, task, b, { head: one, since: [b.id] }), 'two');

  const rewound = { head: one, since: [c.id] };
  expect(await locate(store, task, rewound)).toMatchObject({ base: { id: one }, stray: { id: two } });
  const fence = await claim(store, task, c, rewound);
  expect(await textAt(store, fence.tip)).toBe('one');
  const refs = await refsOf(store.gitDir, taskRefs(task).root);
  expect(refs).toEqual({ head: fence.tip, [`moments/${a.id}`]: one, [`side/${b.id}-1`]: two });

  const again = aWriter(4);
  expect(await locate(store, task, { head: one, since: [c.id, again.id] })).toMatchObject({ base: { id: one } });
  const back = await locate(store, task, { head: two, since: [again.id] });
  expect(back).toMatchObject({ base: { id: two }, stray: { id: one } });
});

test('a checkpoint that the workflow never heard of belongs to the line when its attempt does', async () => {
  const store = await localStore();
  const task = aTask();
  const [a, b] = [aWriter(1), aWriter(2)];
  const first = await claim(store, task, a, { since: [a.id] });
  const { id: known } = await keep(first, 'known');
  const { id: unknown } = await keep(first, 'unknown');
  expect(await locate(store, task, { since: [a.id, b.id] })).toMatchObject({ base: { id: unknown } });
  expect(await locate(store, task, { head: known, since: [b.id] })).toMatchObject({ base: { id: unknown } });
  const nobodys = await locate(store, task, { since: [] });
  expect(nobodys.base).toBeUndefined();
  expect(nobodys.stray?.id).toBe(unknown);
});

test('a claim without a checkpoint stands for the moment before it', async () => {
  const store = await localStore();
  const task = aTask();
  const { id: base } = await keep(await claim(store, task, aWriter(1), { since: [] }), 'base');
  const lost = aWriter(2);
  await claim(store, task, lost, { head: base, since: [lost.id] });
  const found = await locate(store, task, { head: base, since: [lost.id] });
  expect(found).toMatchObject({
    tip: { moment: { kind: 'claim' } },
    base: { id: base, moment: { kind: 'checkpoint' } },
  });
  expect(found.stray).toBeUndefined();
});

test('a crash between the two refs of a claim is mended by the next one', async () => {
  const store = await localStore();
  const task = aTask();
  const [a, b] = [aWriter(1), aWriter(2)];
  const { id: base } = await keep(await claim(store, task, a, { since: [] }), 'base');
  await git({ gitDir: store.gitDir, args: ['update-ref', taskRefs(task).moment(a.id), base] });
  const fence = await claim(store, task, b, { head: base, since: [b.id] });
  expect(await refsOf(store.gitDir, taskRefs(task).root)).toEqual({ head: fence.tip, [`moments/${a.id}`]: base });

  const c = aWriter(3);
  const { id: stray } = await keep(fence, 'stray');
  await git({ gitDir: store.gitDir, args: ['update-ref', taskRefs(task).side(b.id, 1), stray] });
  const third = await claim(store, task, c, { head: base, since: [c.id] });
  expect(await refsOf(store.gitDir, taskRefs(task).root)).toEqual({
    head: third.tip,
    [`moments/${a.id}`]: base,
    [`side/${b.id}-1`]: stray,
  });
});

test('a task begins from another one’s moment', async () => {
  const store = await localStore();
  const [parent, child] = [aTask('parent'), aTask('child')];
  const { id } = await keep(await claim(store, parent, aWriter(1), { since: [] }), 'of the parent');
  const fence = await claim(store, child, aWriter(1), { head: id, since: [] });
  expect(await textAt(store, fence.tip)).toBe('of the parent');
  expect((await keep(fence, 'of the parent')).id).toBe(id);
});

test('safety checkpoints need no fence and take nothing from the line', async () => {
  const store = await localStore();
  const task = aTask();
  const [a, b] = [aWriter(1), aWriter(2)];
  const fence = await claim(store, task, a, { since: [] });
  const { id: head } = await keep(fence, 'head');
  const { base } = await locate(store, task, { head, since: [] });
  const aside = await keepAside(store, task, b, await contentOf(store, 'before the restore'), base);
  const another = await keepAside(store, task, b, await contentOf(store, 'another'), base);
  expect(await keepAside(store, task, b, await contentOf(store, 'head'), base)).toBe(head);
  expect(await refsOf(store.gitDir, taskRefs(task).root)).toEqual({
    head,
    [`side/${b.id}-1`]: aside,
    [`side/${b.id}-2`]: another,
  });
  expect((await keep(fence, 'goes on')).where).toBe('head');
});

test('milestones: any label, the same one again moves, an unknown checkpoint is refused', async () => {
  const store = await localStore();
  const task = aTask();
  const fence = await claim(store, task, aWriter(1), { since: [] });
  const { id } = await keep(fence, 'one');
  const { id: later } = await keep(fence, 'two');
  const label = 'before the ../../refs ~^: \u{1F600}\n release';
  await mark(store, task, label, id);
  await mark(store, task, label, later);
  const marks = await refsOf(store.gitDir, `${taskRefs(task).root}marks/`);
  expect(Object.values(marks)).toEqual([later]);
  await expect(mark(store, task, 'x', '0'.repeat(40))).rejects.toMatchObject({ kind: 'failed' });
  await expect(mark(store, task, 'x', 'HEAD')).rejects.toThrow(/no checkpoint "HEAD"/);
});

test('many attempts at once: one owns the head, and every checkpoint written is found', async () => {
  const store = await localStore();
  for (let round = 0; round < 6; round++) {
    const task = aTask(`round ${round}`);
    const start = await claim(store, task, aWriter(0), { since: [] });
    const { id: head } = await keep(start, 'start');
    const writers = [aWriter(1), aWriter(2), aWriter(3)];
    const written = await Promise.all(
      writers.map(async (writer) => {
        const claimed = await claimHead(store, task, await locate(store, task, { head, since: [] }), writer);
        return claimed.ok ? keep(claimed.fence, writer.id) : undefined;
      }),
    );
    const thawed = await keep(start, 'thawed');
    expect(thawed.where).toBe('side');
    const refs = await refsOf(store.gitDir, taskRefs(task).root);
    const newest = await readMoment(store, refs['head'] ?? '');
    expect(newest).toMatchObject({ kind: 'checkpoint', attempt: { id: writers[2]?.id } });
    expect(Object.values(refs)).toEqual(expect.arrayContaining([head, thawed.id]));
    for (const kept of written) if (kept !== undefined) expect(Object.values(refs)).toContain(kept.id);
  }
});
