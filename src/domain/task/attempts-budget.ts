// The attempts that an instruction may use before a person is asked.
import type { Problem } from '../../contract/fault.js';
import { DEFAULTS } from '../../contract/limits.js';
import type { Hold, Instruction, TaskState } from './state.js';

export const attemptsOf = (state: TaskState): number => state.spec.limits?.attempts ?? DEFAULTS.attempts;

export type BudgetHold = Extract<Hold, { kind: 'budget' }>;

/** The wait for the operator once an instruction has used its attempts. */
export function usedUp(
  state: TaskState,
  open: Instruction | undefined,
  atMs: number,
  problem?: Problem,
): BudgetHold | undefined {
  const attempts = attemptsOf(state);
  if (open === undefined || open.spent < attempts) return undefined;
  return {
    kind: 'budget',
    atMs,
    instructionId: open.id,
    attempts,
    ...(problem === undefined ? {} : { problem }),
  };
}

export const sayUsedUp = ({ attempts }: BudgetHold): string => `${attempts} of ${attempts} attempts used`;
