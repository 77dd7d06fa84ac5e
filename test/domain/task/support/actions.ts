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
  'fork',
  'mark',
  'mark',
  'finish',
);

/** What an attempt left besides its words. */
const left = fc.constantFrom('checkpoint' as const, 'checkpoint' as const, 'nothing' as const, 'unsaved' as const);
const picks = fc.constantFrom<('keep' | 'restore' | 'merge')[]>(['keep', 'restore', 'merge'], ['keep', 'restore']);

const report = fc.record({
  act: fc.constant('report' as const),
  outcome,
  delivered: fc.boolean(),
  seen: fc.boolean(),
  class: fc.option(fc.constantFrom(...FAULT_CLASSES), { nil: undefined }),
  costUsd: fc.option(fc.constantFrom(0, 0.01, 0.5, 2), { nil: undefined }),
  left,
  launched: fc.boolean(),
  filesSettled: fc.option(fc.boolean(), { nil: undefined }),
  /** With the outcome `asks`; without it that is a fault. */
  picks: fc.option(picks, { nil: undefined, freq: 4 }),
  hostId: fc.option(fc.constantFrom('host-a', 'host-b'), { nil: undefined }),
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
  /** 0 names none, the last ones none that exist, any other a moment of the task. */
  moment: fc.nat(12),
  files: fc.option(fc.constantFrom('keep' as const, 'restore' as const, 'merge' as const, 'ask' as const), {
    nil: undefined,
  }),
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
  {
    weight: 30,
    arbitrary: fc.record({ act: fc.constant('settle' as const), which: fc.nat(3), refused: fc.boolean() }),
  },
  { weight: 10, arbitrary: fc.record({ act: fc.constant('newRun' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('cancel' as const) }) },
);

export type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;
export type CommandAction = Extract<Action, { act: 'command' }>;
export type ReportAction = Partial<Omit<Extract<Action, { act: 'report' }>, 'act' | 'outcome' | 'costUsd'>> & {
  costUsd?: number | undefined;
  delivered: boolean;
  seen: boolean;
};

/** A sequence; `alone` says whether the loop gets to run before the next event comes. */
export const actions = (most: number) =>
  fc.array(fc.record({ action, alone: fc.boolean() }), { maxLength: most, size: 'max' });

export const settings = fc.record({
  attempts: fc.constantFrom(1, 2, 3),
  close: fc.constantFrom<'when-done' | 'when-asked'>('when-done', 'when-asked', 'when-asked', 'when-asked'),
  onFileConflict: fc.option(fc.constantFrom('keep' as const, 'restore' as const), { nil: undefined }),
});
