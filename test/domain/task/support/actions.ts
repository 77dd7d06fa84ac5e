// What can happen to a task, as choices that mean something in any state: "the second session", not an id.
import fc from 'fast-check';
import { OUTCOMES } from '../../../../src/contract/attempt.js';
import { FAULT_CLASSES } from '../../../../src/contract/fault.js';
import type { CommandName } from '../../../../src/contract/names.js';

const outcome = fc.constantFrom(...OUTCOMES, 'done', 'done', 'ended', 'lost');
const commandName = fc.constantFrom<CommandName>(
  'update',
  'update',
  'update',
  'resume',
  'resume',
  'answer',
  'continue',
  'continue',
  'stop',
  'drop',
  'finish',
);

const report = fc.record({
  act: fc.constant('report' as const),
  outcome,
  delivered: fc.boolean(),
  seen: fc.boolean(),
  class: fc.option(fc.constantFrom(...FAULT_CLASSES), { nil: undefined }),
  costUsd: fc.option(fc.constantFrom(0, 0.01, 0.5, 2), { nil: undefined }),
});

const command = fc.record({
  act: fc.constant('command' as const),
  name: commandName,
  /** Of a small pool, so that ids come again; undefined is a new one. */
  id: fc.option(fc.nat(11), { nil: undefined, freq: 4 }),
  /** 0 names none, the last one that can't exist, any other a session. */
  session: fc.nat(5),
  told: fc.boolean(),
  newSession: fc.boolean(),
  interrupt: fc.boolean(),
  /** Which open command `drop` names, which number `answer` picks. */
  pick: fc.nat(6),
  by: fc.option(fc.constantFrom('ana', 'bo'), { nil: undefined }),
});

const action = fc.oneof(
  { weight: 120, arbitrary: command },
  { weight: 100, arbitrary: report },
  { weight: 20, arbitrary: fc.record({ act: fc.constant('stale' as const), which: fc.nat(20), outcome }) },
  { weight: 10, arbitrary: fc.record({ act: fc.constant('again' as const) }) },
  {
    weight: 40,
    arbitrary: fc.record({ act: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 5_000, 900_000, 4e9) }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      act: fc.constant('history' as const),
      fill: fc.constantFrom('long' as const, 'full' as const),
    }),
  },
  { weight: 10, arbitrary: fc.record({ act: fc.constant('refused' as const), id: fc.nat(11) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('cancel' as const) }) },
);

export type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;
export type CommandAction = Extract<Action, { act: 'command' }>;

/** A sequence; `alone` says whether the loop gets to run before the next event comes. */
export const actions = (most: number) =>
  fc.array(fc.record({ action, alone: fc.boolean() }), { maxLength: most, size: 'max' });

export const settings = fc.record({
  attempts: fc.constantFrom(1, 2, 3),
  close: fc.constantFrom<'when-done' | 'when-asked'>('when-done', 'when-asked', 'when-asked', 'when-asked'),
});
