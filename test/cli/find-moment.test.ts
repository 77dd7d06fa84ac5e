// Which moment a name means, and the graph that shows them: on real stores, with no server.
import { describe, expect, it } from 'vitest';
import { findMoment } from '../../src/cli/moments/find-moment.js';
import { graphText } from '../../src/cli/moments/graph-text.js';
import { momentsOf, newestOf, type TaskMoments } from '../../src/cli/moments/task-moments.js';
import { paintFor } from '../../src/cli/output.js';
import { plain } from '../../src/cli/plain-text.js';
import type { TaskView } from '../../src/client.js';
import { type Config, readConfig } from '../../src/config.js';
import type { Moment } from '../../src/context/moment.js';
import { taskRefs } from '../../src/context/store/task-ref.js';
import { type PlainStore, plainStore, TASK } from '../context/support/compare-store.js';

const configFor = (store: PlainStore): Config => {
  const read = readConfig({ TASKRUN_STORE: store.gitDir, TASKRUN_HOME: `${store.dir}/home`, HOME: store.dir });
  if (!read.ok) throw new Error(read.says);
  return read.config;
};
const of = (store: PlainStore, ...labels: string[]): Promise<TaskMoments> =>
  momentsOf(configFor(store), TASK.taskId, labels);
const noLabels = async (): Promise<string[]> => [];
const refs = taskRefs(TASK);
const paint = paintFor(process.stdout);

/** Three attempts one after the other; the last one's is the head. */
async function threeAttempts(store: PlainStore, says: Partial<Moment> = {}) {
  const one = await store.moment({ 'a.txt': '1' });
  const two = await store.moment({ 'a.txt': '2' }, { previous: one.id, filesFrom: [one.id] });
  const three = await store.moment({ 'a.txt': '3' }, { previous: two.id, filesFrom: [two.id], ...says }, refs.head);
  return { one, two, three };
}

describe('a moment is found', () => {
  it('by its id, by seven of its digits, by the label of a milestone', async () => {
    const store = await plainStore();
    const { one, two } = await threeAttempts(store);
    await store.git(['update-ref', refs.mark('v1'), one.id]);
    const find = async (name: string) => (await findMoment(await of(store, name), name, 'moment', noLabels)).id;
    expect(await find(two.id)).toBe(two.id);
    expect(await find(two.id.slice(0, 7))).toBe(two.id);
    expect(await find('v1')).toBe(one.id);
  });

  it('beside the line too, and where no ref names it any more', async () => {
    const store = await plainStore();
    await threeAttempts(store);
    const side = await store.moment({}, {}, refs.side('a', 1));
    const gone = await store.moment({ x: 'gone' }, {}, 'refs/heads/elsewhere');
    for (const { id } of [side, gone]) expect((await findMoment(await of(store), id, 'moment', noLabels)).id).toBe(id);
  });

  it('the newest is the head of the line, whatever lies beside it', async () => {
    const store = await plainStore();
    const { three } = await threeAttempts(store);
    await store.moment({}, {}, refs.side('a', 1));
    expect(newestOf(await of(store)).id).toBe(three.id);
  });
});

describe('a name is refused', () => {
  it.each([
    [
      'unknown',
      'v2',
      /^A: got "v2"; no checkpoint or milestone of compare is called that\. Did you mean "v1"\? Milestones: "v1"\. Checkpoints, the newest first: /,
    ],
    ['too short', 'abc', /at least 7 of its digits/],
    ['hostile', '--output=/tmp/x\u001b[2J', /^A: got "--output=/],
    ['unknown id', 'f'.repeat(40), /no checkpoint or milestone/],
  ])('%s', async (_, name, says) => {
    const store = await plainStore();
    await threeAttempts(store);
    const found = findMoment(await of(store, name), name, 'A', async () => ['v1']);
    await expect(found).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(says) });
  });

  it('one of another task, by naming that task', async () => {
    const store = await plainStore();
    await threeAttempts(store);
    const foreign = await store.moment({}, { task: { ...TASK, taskId: 'another' } });
    await expect(findMoment(await of(store), foreign.id, 'moment', noLabels)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('is one of task "another"'),
    });
  });

  it('everything, of a task that the store knows nothing of', async () => {
    const store = await plainStore();
    await expect(findMoment(await of(store), 'v1', 'moment', noLabels)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('holds no moment of a task "compare" of namespace "default"'),
    });
  });

  it('the beginning of several checkpoints, with all of them', async () => {
    const store = await plainStore();
    const { one, two } = await threeAttempts(store);
    const several = {
      ...(await of(store)),
      moments: (await of(store)).moments.map((m) => ({ ...m, id: m.id === two.id ? `${one.id.slice(0, 39)}x` : m.id })),
    };
    await expect(findMoment(several, one.id.slice(0, 8), 'B', noLabels)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^B: .* begins several checkpoints of compare: .*Write more/),
    });
  });
});

describe('the graph', () => {
  const shown = async (store: PlainStore, view?: TaskView, ...labels: string[]): Promise<string[]> =>
    graphText(plain(await of(store, ...labels)), plain(view), paint)
      .split('\n')
      .slice(1);

  it('is newest first, with the head, what is beside the line set in, and what a moment lacks', async () => {
    const store = await plainStore();
    const { one, two, three } = await threeAttempts(store, { lacks: ['pipe is not kept'] });
    const side = await store.moment(
      {},
      { token: two.moment.token + 0.5, attempt: { id: 's', number: 9 } },
      refs.side('s', 1),
    );
    const lines = await shown(store);
    expect(lines).toEqual([
      expect.stringMatching(`^● ${three.id.slice(0, 10)} .*\\[head\\]$`),
      '│   lacks: pipe is not kept',
      expect.stringMatching(`^│ ○ ${side.id.slice(0, 10)}  attempt 9 .*\\[side\\]$`),
      expect.stringMatching(`^● ${two.id.slice(0, 10)} `),
      expect.stringMatching(`^● ${one.id.slice(0, 10)} `),
    ]);
  });

  it('tells where files came from elsewhere: restored, or merged', async () => {
    const store = await plainStore();
    const { one } = await threeAttempts(store);
    await store.moment({}, { filesFrom: [one.id] }, refs.side('r', 1));
    await store.moment({}, { filesFrom: [one.id, 'e'.repeat(40)] }, refs.side('m', 1));
    const text = (await shown(store)).join('\n');
    expect(text).toContain(`files of ${one.id.slice(0, 10)}\n`);
    expect(text).toContain(`merged with ${one.id.slice(0, 10)}, eeeeeeeeee\n`);
  });

  it('after a rewind shows what was left as beside the line, also before the next attempt', async () => {
    const store = await plainStore();
    const { one, two, three } = await threeAttempts(store);
    const attempts = [one].map(({ moment }) => ({ id: moment.attempt.id, number: 1 }));
    const view = { attempts, sessions: [], milestones: [] } as unknown as TaskView;
    expect(await shown(store, view)).toEqual([
      expect.stringMatching(`^│ ○ ${three.id.slice(0, 10)} .*\\[side\\]$`),
      expect.stringMatching(`^│ ○ ${two.id.slice(0, 10)} .*\\[side\\]$`),
      expect.stringMatching(`^● ${one.id.slice(0, 10)} .*\\[head\\]$`),
    ]);
    const next = await store.moment({ 'a.txt': '4' }, { previous: one.id });
    await store.git(['update-ref', refs.moment(three.moment.attempt.id), three.id]);
    await store.git(['update-ref', refs.head, next.id]);
    const marks = (await shown(store)).map((line) => line.slice(0, line.indexOf('  ')));
    expect(marks).toEqual(
      [next, three, two, one].map(({ id }, n) => `${n === 0 || n === 3 ? '●' : '│ ○'} ${id.slice(0, 10)}`),
    );
  });

  it('knows milestones by name where the task or the asker does', async () => {
    const store = await plainStore();
    const { one } = await threeAttempts(store);
    await store.git(['update-ref', refs.mark('v1'), one.id]);
    expect((await shown(store)).at(-1)).toMatch(/\[milestone\]$/);
    expect((await shown(store, undefined, 'v1')).at(-1)).toMatch(/\[milestone v1\]$/);
  });

  it('keeps tasks that bore the id before apart', async () => {
    const store = await plainStore();
    const old = { ...TASK, incarnation: '00000000-0000-4000-8000-00000000000a' };
    await store.moment({}, { task: old }, taskRefs(old).head);
    await threeAttempts(store);
    const lines = await shown(store);
    expect(lines.slice(-2)).toEqual(['An earlier task of this id:', expect.stringMatching(/^● .*\[head\]$/)]);
  });

  it('is plain text, whatever somebody has written into the store', async () => {
    const store = await plainStore();
    await threeAttempts(store, { host: 'evil\u001b[2J\u202ehost', lacks: ['\u001b]0;owned\u0007x'] });
    const text = (await shown(store)).join('\n');
    expect(text).toContain('evilhost');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});
