// What a task asks for outside of any attempt: a child task, a milestone kept in the store. Started once, settled once;
// a new run starts again what the former one had not settled.
import { settleCommand } from './records.js';
import type { Effect, TaskState } from './state.js';

export const addEffect = (state: TaskState, effect: Effect): TaskState => ({
  ...state,
  effects: [...state.effects, effect],
});

/** The next one to start. */
export const dueEffect = (state: TaskState): Effect | undefined => state.effects.find(({ started }) => !started);

export const applyEffectStarted = (state: TaskState, commandId: string): TaskState => ({
  ...state,
  effects: state.effects.map((effect) => (effect.commandId === commandId ? { ...effect, started: true } : effect)),
});

export function applyEffectDone(
  state: TaskState,
  { commandId, why, refused }: { commandId: string; why?: string; refused?: string },
): TaskState {
  const effect = state.effects.find((one) => one.commandId === commandId);
  if (effect === undefined) return state;
  const settled = settleCommand(
    { ...state, effects: state.effects.filter((one) => one !== effect) },
    commandId,
    refused === undefined ? 'done' : 'refused',
    refused ?? why,
  );
  if (refused === undefined) return settled;
  const counted = { ...settled, refusedTotal: settled.refusedTotal + 1 };
  return effect.kind === 'mark'
    ? { ...counted, milestones: counted.milestones.filter(({ label }) => label !== effect.label) }
    : counted;
}

/** As a new run finds them. */
export const unstarted = (state: TaskState): TaskState => ({
  ...state,
  effects: state.effects.map((effect) => ({ ...effect, started: false })),
});
