// What an operator sees of a task in the stock Temporal UI: its summary, its handlers with the payloads they take, and
// the page with the JSON to paste.
import { type WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { COMMANDS, QUERIES } from '../../src/contract/names.js';
import { phaseIs, tell, viewOf, viewWhen } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld({ cached: 100 });

type Metadata = {
  definition: Record<
    'queryDefinitions' | 'signalDefinitions' | 'updateDefinitions',
    { name: string; description?: string }[]
  >;
  currentDetails: string;
};

const metadataOf = (handle: WorkflowHandle): Promise<Metadata> =>
  handle.query<Metadata>('__temporal_workflow_metadata');
const pageOf = async (handle: WorkflowHandle): Promise<string> => (await metadataOf(handle)).currentDetails;

/** The commands that the page shows to be sent, as it shows them. */
function commandsOn(page: string): { command: string; payload: string }[] {
  const shown = page.matchAll(/^\*\*(\w+)\*\*[^\n]*\n\n```json\n(.*)\n```$/gm);
  return [...shown].map(([, command = '', payload = '']) => ({ command, payload }));
}

/** The rows of its tables, whatever keeps the columns apart. */
const rowsOn = (page: string): string[] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.replaceAll(/\s+/g, ' '));

async function working(spec: object = { prompt: 'first' }) {
  const handle = await at.world.start(spec);
  return { handle, attempt: await at.world.attempts.launched(handle.workflowId, 1) };
}

describe('the registered handlers', () => {
  it('are the commands, as Signal and as Update, and the queries, each with a description', async () => {
    const { handle } = await working();
    const { definition } = await metadataOf(handle);
    const described = (list: { name: string; description?: string }[], names: readonly string[]) =>
      list
        .filter(({ name, description }) => names.includes(name) && (description ?? '').length > 20)
        .map(({ name }) => name);
    expect(described(definition.signalDefinitions, COMMANDS).toSorted()).toEqual([...COMMANDS].toSorted());
    expect(described(definition.updateDefinitions, COMMANDS).toSorted()).toEqual([...COMMANDS].toSorted());
    expect(described(definition.queryDefinitions, QUERIES).toSorted()).toEqual([...QUERIES].toSorted());
    const offered = definition.updateDefinitions.map(({ name }) => name);
    expect(offered.toSorted()).toEqual([...COMMANDS].toSorted());
  });

  it('show the payload that a command takes', async () => {
    const { handle } = await working();
    const { updateDefinitions } = (await metadataOf(handle)).definition;
    for (const { name, description } of updateDefinitions)
      expect({ name, description }).toMatchObject({ description: expect.stringMatching(/\{.*\}/) });
  });
});

describe('the page', () => {
  it('shows phase, sessions, attempts and commands, and what was last said', async () => {
    const { handle, attempt } = await working({ prompt: 'sort the letters', title: 'Letters', requestedBy: 'ann' });
    expect(await pageOf(handle)).toMatch(/^# Letters\n\n\*\*working\*\* · attempt 1 at work/);
    attempt.done('they are sorted', { sessionCostUsd: 0.25 });
    await phaseIs(handle, 'idle');
    const rowOf = async (...parts: string[]): Promise<string | undefined> =>
      rowsOn(await pageOf(handle)).find((line) => parts.every((part) => line.includes(part)));
    expect(await pageOf(handle)).toContain('0.2500 USD');
    expect(
      await rowOf('| 1 |', attempt.request.session.id, 'active', 'sort the letters', 'they are sorted'),
    ).toBeDefined();
    expect(await rowOf('| 1 |', 'first attempt', 'done')).toBeDefined();
    await handle.signal('nonsense', {});
    await tell(handle, 'update', { id: 'u-1', prompt: 'second' });
    expect(await rowOf('nonsense', 'refused', 'no command of this name')).toBeDefined();
    expect(await rowOf('update', 'u-1', 'working')).toBeDefined();
  });

  it('shows what the task waits for, in words that name the remedy', async () => {
    const { handle, attempt } = await working();
    attempt.fault({ class: 'credit', says: 'Credit balance is too low' });
    await phaseIs(handle, 'waiting');
    const page = await pageOf(handle);
    expect(page).toContain('## Waiting for: operator');
    expect(page).toContain('Credit balance is too low');
    expect(page).toContain('What to do: add credit');
  });

  it.each([
    ['working', async () => (await working()).handle],
    ['idle', idle],
    ['stopped', async () => after(async (handle) => tell(handle, 'stop', {}))],
    ['waiting after a fault', fault],
    ['asking which session', asking],
  ])('holds JSON that the task takes, pasted as it is: %s', async (_, way) => {
    const shown = commandsOn(await pageOf(await way()));
    expect(shown.length).toBeGreaterThanOrEqual(2);
    // Each on a task of its own: a command changes what the next one may do.
    const sends = shown.map(async ({ command, payload }) => {
      const handle = await way();
      const own = commandsOn(await pageOf(handle)).find(
        (one) => one.command === command && similar(one.payload, payload),
      );
      expect(own, command).toBeDefined();
      expect(await tell(handle, command, JSON.parse(own?.payload ?? '')), command).toHaveProperty('commandId');
    });
    await Promise.all(sends);
  });

  it('is not broken by what people and models write', async () => {
    const hostile =
      '| a | b |\n|---|---|\n```json\n{"x":1}\n```\n# heading <script>alert(1)</script> [l](javascript:x) ![i](http://e/x.png) \\';
    const { handle, attempt } = await working({ prompt: hostile, title: hostile, requestedBy: hostile });
    await tell(handle, 'update', { id: '`|`', prompt: hostile, requestedBy: hostile });
    attempt.fault({ class: 'unknown', says: hostile, remedy: hostile });
    await phaseIs(handle, 'waiting');
    const page = await pageOf(handle);
    const lines = page.split('\n');
    expect(lines.filter((line) => line.startsWith('# '))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('```')).length % 2).toBe(0);
    // A table is rows of as many cells as its head has, up to a blank line.
    for (const table of page.split('\n\n').filter((part) => part.startsWith('| '))) {
      const [head = '', ...rows] = table.split('\n');
      expect(rows.map(cellsOf)).toEqual(rows.map(() => cellsOf(head)));
    }
    expect(page).not.toMatch(/(^|[^\\])<script>/);
    expect(page).not.toMatch(/(^|[^\\])\[l\]\(/);
  });

  it('stays small, however long the task has grown', async () => {
    const { handle } = await working();
    for (let i = 0; i < 60; i += 10)
      await Promise.all(
        Array.from({ length: 10 }, (_, j) =>
          handle.signal('update', { prompt: `${i + j} ${'x'.repeat(5_000)}`, newSession: true }),
        ),
      );
    await handle.signal('update', { id: 'last', prompt: 'x' });
    expect((await pageOf(handle)).length).toBeLessThan(20_000);
    expect((await viewOf(handle)).sessionsTotal).toBeGreaterThan(10);
  });
});

const cellsOf = (row: string): number => row.replaceAll('\\|', '').split('|').length;
const similar = (a: string, b: string): boolean =>
  a.replaceAll(/[0-9a-f-]{36}/g, '') === b.replaceAll(/[0-9a-f-]{36}/g, '');

async function idle(): Promise<WorkflowHandle> {
  return after(async (_, attempt) => attempt.done());
}

async function fault(): Promise<WorkflowHandle> {
  return after(async (_, attempt) => attempt.fault({ class: 'transcriptLost', says: 'gone' }));
}

async function after(
  act: (handle: WorkflowHandle, attempt: Awaited<ReturnType<typeof working>>['attempt']) => Promise<unknown>,
): Promise<WorkflowHandle> {
  const { handle, attempt } = await working();
  await act(handle, attempt);
  await viewWhen(handle, 'the end of its attempt', ({ phase }) => phase !== 'working');
  return handle;
}

async function asking(): Promise<WorkflowHandle> {
  const handle = await idle();
  await tell(handle, 'update', { prompt: 'second', newSession: true });
  (await at.world.attempts.launched(handle.workflowId, 2)).done();
  await phaseIs(handle, 'idle');
  await tell(handle, 'resume', {});
  return handle;
}
