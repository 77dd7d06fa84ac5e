// Each command in each phase, as an Update and as a Signal: what is taken, what is refused with which words, and where
// the task is then. The rules themselves are the domain's; here they hold through the server and back.
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { commandAnswer } from '../../src/contract/commands.js';
import { COMMANDS, type CommandName } from '../../src/contract/names.js';
import type { Phase } from '../../src/contract/views.js';
import type { StubAttempt } from '../support/stub-attempts.js';
import { failedWorkflowTasks, phaseIs, refusalOf, signalled, tell, viewOf, viewWhen } from '../support/task-probe.js';
import { useWorld, type World } from '../support/workflow-world.js';

const at = useWorld({ cached: 200 });

/** Ways to each phase; the task is left in it, with nothing about to change by itself. */
const WAYS: Record<string, (world: World) => Promise<WorkflowHandle>> = {
  working: async (world) => (await working(world)).handle,
  'waiting after a stop': async (world) => {
    const { handle } = await working(world);
    await tell(handle, 'stop', {});
    await phaseIs(handle, 'waiting');
    return handle;
  },
  'waiting after a fault': async (world) => {
    const { handle, attempt } = await working(world);
    attempt.fault({ class: 'credit', says: 'Credit balance is too low' });
    await phaseIs(handle, 'waiting');
    return handle;
  },
  'waiting to try again': async (world) => {
    const { handle, attempt } = await working(world);
    attempt.fault({ class: 'overloaded', says: 'Overloaded' });
    await phaseIs(handle, 'waiting');
    return handle;
  },
  'waiting for its budget': async (world) => {
    const { handle, attempt } = await working(world, { prompt: 'x', limits: { attempts: 1 } });
    attempt.end('timedOut', { problem: { class: 'timedOut', says: 'too long' } });
    await phaseIs(handle, 'waiting');
    return handle;
  },
  'waiting for a choice': async (world) => {
    const handle = await idle(world);
    await tell(handle, 'update', { prompt: 'second', newSession: true });
    (await world.attempts.launched(handle.workflowId, 2)).done();
    await phaseIs(handle, 'idle');
    await tell(handle, 'resume', { id: 'asked' });
    await phaseIs(handle, 'waiting');
    return handle;
  },
  idle,
};

async function working(
  world: World,
  spec: object = { prompt: 'x' },
): Promise<{ handle: WorkflowHandle; attempt: StubAttempt }> {
  const handle = await world.start(spec);
  return { handle, attempt: await world.attempts.launched(handle.workflowId, 1) };
}

async function idle(world: World): Promise<WorkflowHandle> {
  const { handle, attempt } = await working(world);
  attempt.done();
  await phaseIs(handle, 'idle');
  return handle;
}

const PAYLOADS: Record<CommandName, object> = {
  update: { prompt: 'more' },
  continue: {},
  resume: {},
  answer: { pick: 1 },
  stop: { reason: 'lunch' },
  drop: { command: 'not there' },
  fork: { prompt: 'elsewhere' },
  mark: { label: 'here' },
  finish: { summary: 'enough' },
};

const NOTHING_ASKED = 'answer: nothing is asked';
const NO_FORK = 'fork: this task has no checkpoint yet';
const NO_MARK = 'mark: this task has no checkpoint yet';
const NOT_QUEUED = 'drop.command: "not there" is not queued';
type Taken = { position: number | null; then: Phase };
type Expected = Taken | string;

const held = (then: { update: Phase; stop?: Phase }): Record<CommandName, Expected> => ({
  update: { position: 1, then: then.update },
  continue: { position: null, then: 'working' },
  resume: { position: null, then: 'working' },
  answer: NOTHING_ASKED,
  stop: { position: null, then: 'waiting' },
  drop: NOT_QUEUED,
  fork: NO_FORK,
  mark: NO_MARK,
  finish: { position: null, then: 'finished' },
});

const EXPECTED: Record<string, Record<CommandName, Expected>> = {
  working: { ...held({ update: 'working' }) },
  'waiting after a stop': held({ update: 'waiting' }),
  'waiting after a fault': held({ update: 'waiting' }),
  'waiting to try again': held({ update: 'waiting' }),
  'waiting for its budget': held({ update: 'waiting' }),
  'waiting for a choice': {
    update: { position: 0, then: 'working' },
    continue: 'continue: the task asks which session asked means',
    resume: 'resume: the task already asks which session asked means',
    answer: { position: null, then: 'idle' },
    stop: { position: null, then: 'waiting' },
    drop: NOT_QUEUED,
    fork: NO_FORK,
    mark: NO_MARK,
    finish: { position: null, then: 'finished' },
  },
  idle: {
    update: { position: 0, then: 'working' },
    continue: 'continue: nothing to continue',
    resume: { position: null, then: 'idle' },
    answer: NOTHING_ASKED,
    stop: { position: null, then: 'waiting' },
    drop: NOT_QUEUED,
    fork: NO_FORK,
    mark: NO_MARK,
    finish: { position: null, then: 'finished' },
  },
};

/** Several at once: what is waited for is the server. */
async function each(phase: string, check: (name: CommandName, handle: WorkflowHandle) => Promise<void>): Promise<void> {
  const one = async (name: CommandName) => {
    const handle = await WAYS[phase]?.(at.world);
    if (handle === undefined) throw new Error(phase);
    await check(name, handle);
    expect(await failedWorkflowTasks(handle), name).toEqual([]);
  };
  await Promise.all(COMMANDS.map(one));
}

describe.each(Object.keys(WAYS))('while a task is %s', (phase) => {
  it('each command as an Update is answered or refused by name', async () => {
    await each(phase, async (name, handle) => {
      const expected = EXPECTED[phase]?.[name];
      if (typeof expected === 'string') {
        expect(await refusalOf(handle, name, PAYLOADS[name])).toContain(expected);
        expect((await viewOf(handle)).commands.filter(({ state }) => state === 'refused')).toEqual([]);
        return;
      }
      const answer = commandAnswer.parse(await tell(handle, name, { ...PAYLOADS[name], id: `u-${name}` }));
      expect({ name, ...answer }).toMatchObject({ name, commandId: `u-${name}`, position: expected?.position });
      expect(answer.instructionId === undefined).toBe(expected?.position === null);
      await viewWhen(handle, `${name}, then ${expected?.then}`, (view) => view.phase === expected?.then);
    });
  });

  it('each command as a Signal has the same fate, to be read in the list of commands', async () => {
    await each(phase, async (name, handle) => {
      const expected = EXPECTED[phase]?.[name];
      const record = await signalled(handle, name, { ...PAYLOADS[name], requestedBy: 'ann' });
      if (typeof expected === 'string') {
        expect(record).toMatchObject({ name, state: 'refused', payload: PAYLOADS[name] });
        expect(record.why).toContain(expected);
        expect((await viewOf(handle)).refusedTotal).toBe(1);
        return;
      }
      expect(record).toMatchObject({ name, by: 'ann' });
      expect(['queued', 'working', 'done']).toContain(record.state);
      await viewWhen(handle, `${name}, then ${expected?.then}`, (view) => view.phase === expected?.then);
    });
  });
});
