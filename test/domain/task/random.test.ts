// Random sequences of everything that can happen to a task. The invariants are checked after every single event
// (support/checks.ts); here stand the sequences, and what must hold at their ends.
// TASKRUN_RANDOM_RUNS raises their number; fast-check prints the seed of a failing one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Command } from '../../../src/contract/commands.js';
import { FAULT_CLASSES } from '../../../src/contract/fault.js';
import { waitingOf } from '../../../src/view/waiting.js';
import { type Action, actions, settings } from './support/actions.js';
import { type Setting, World } from './support/world.js';

const RUNS = Number(process.env['TASKRUN_RANDOM_RUNS'] || 2_000);
const TIMEOUT_MS = 20 * 60_000;

type Sequence = { action: Action; alone: boolean }[];

/** `alone`: the loop runs before the next event; otherwise several events come in one activation. */
function played(setting: Setting, sequence: Sequence): World {
  const world = new World(setting);
  for (const { action, alone } of sequence) {
    world.act(action);
    if (alone) world.run();
  }
  world.run();
  return world;
}

test(
  `${RUNS} sequences keep every invariant, and answering each wait with what it names drains the task`,
  () => {
    fc.assert(
      fc.property(settings, actions(60), fc.infiniteStream(fc.nat(2)), (setting, sequence, picks) => {
        const world = played(setting, sequence);
        drain(world, picks);
        const fates = [...world.promised.values()].map(({ fate }) => fate);
        expect(fates).not.toContain('open');
        const { queue, question, hold, effects } = world.state;
        expect([queue, question, hold, effects]).toEqual([[], undefined, undefined, []]);
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

/** Every attempt is done from now on; every wait is answered with one of the commands that it names. */
function drain(world: World, picks: Iterator<number>): void {
  for (let rounds = 0; rounds < 300; rounds++) {
    world.run();
    const [underWay] = world.underWay;
    if (underWay !== undefined) {
      world.settle(underWay, picks.next().value === 0);
      continue;
    }
    if (world.state.current !== undefined) {
      world.report('done', { delivered: true, seen: true });
      continue;
    }
    const waiting = waitingOf(world.state);
    if (world.state.closed !== undefined || waiting === undefined) return;
    const answers = waiting.answerWith;
    const answer = answers[picks.next().value % answers.length];
    if (answer === undefined) throw new Error(`a wait for ${waiting.for} that names no answer`);
    const { refusedTotal } = world.state;
    world.tell({ name: answer.command, payload: answer.payload } as Command);
    expect(world.state.refusedTotal, `${answer.command} is named as the answer and refused`).toBe(refusedTotal);
  }
  throw new Error('the task does not drain');
}

const faultyReport = fc.record({
  outcome: fc.constantFrom('lost' as const, 'timedOut' as const, 'fault' as const, 'asks' as const, 'ended' as const),
  delivered: fc.boolean(),
  seen: fc.boolean(),
  class: fc.option(fc.constantFrom(...FAULT_CLASSES), { nil: undefined }),
  launched: fc.boolean(),
  picks: fc.option(fc.constant<['keep', 'merge']>(['keep', 'merge']), { nil: undefined }),
});

test(
  'every loop spends a budget: with nothing but faults the launches between two commands are bounded',
  () => {
    fc.assert(
      fc.property(
        settings,
        actions(25),
        fc.array(faultyReport, { minLength: 1, maxLength: 12 }),
        (setting, sequence, faults) => {
          const world = played(setting, sequence);
          if (world.state.current !== undefined) world.report('lost', { delivered: true, seen: true });
          const before = world.launches;
          // One more each: what an interrupting instruction overtook is tried once before its budget is looked at.
          const most = world.state.queue.length * (setting.attempts + 1);
          for (let round = 0; round < most * 4 + 20; round++) {
            const fault = faults[round % faults.length];
            if (world.state.current !== undefined && fault !== undefined) world.report(fault.outcome, fault);
            world.nowMs += 60 * 60_000;
            world.feed({ type: 'tick', atMs: world.nowMs });
            world.run();
          }
          expect(world.launches - before).toBeLessThanOrEqual(most);
          expect(world.state.current).toBeUndefined();
        },
      ),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  },
  TIMEOUT_MS,
);
