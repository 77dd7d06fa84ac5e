// The state of a task at its first moment, and its restoration from what continue-as-new carried.
import type { TaskSpec } from '../../contract/spec.js';
import { unstarted } from './effects.js';
import { sized } from './queue.js';
import { rememberAnswer } from './records.js';
import { newSession } from './sessions.js';
import { type Instruction, STATE_VERSION, type TaskState } from './state.js';

export type Opening = {
  spec: TaskSpec;
  taskId: string;
  incarnation: string;
  atMs: number;
  /** Made in the workflow: the first session's and the first instruction's id. */
  sessionId: string;
  instructionId: string;
};

/** A task with its first instruction accepted and nothing launched. */
export function openTask({ spec, taskId, incarnation, atMs, sessionId, instructionId }: Opening): TaskState {
  const { prompt, files, ...rest } = spec;
  const by = spec.requestedBy === undefined ? {} : { by: spec.requestedBy };
  const first: Instruction = sized<Omit<Instruction, 'bytes'>>({
    id: instructionId,
    sessionId,
    // The start is no command of the contract, yet `drop` and a result's list need a name for it.
    commandId: instructionId,
    via: 'start',
    prompt,
    ...(files === undefined ? {} : { files }),
    ...by,
    acceptedAtMs: atMs,
    contextVersion: 1,
    interrupts: false,
    delivered: false,
    spent: 0,
    failures: 0,
  });
  const state: TaskState = {
    version: STATE_VERSION,
    taskId,
    incarnation,
    spec: rest,
    startedAtMs: atMs,
    updatedAtMs: atMs,
    contextVersion: 1,
    activeSessionId: sessionId,
    sessions: [
      {
        ...newSession({ id: sessionId, number: 1, atMs, contextVersion: 1, ...by }),
        ...(spec.from === undefined ? {} : { forkOf: spec.from }),
      },
    ],
    queue: [first],
    line: { since: [] },
    milestones: [],
    effects: [],
    attempts: [],
    attemptsTotal: 0,
    commands: [],
    commandsTotal: 0,
    refusedTotal: 0,
    remembered: [],
  };
  return rememberAnswer(state, { commandId: instructionId, instructionId, contextVersion: 1, position: 0 });
}

/** Before there were checkpoints. */
type FirstState = Omit<TaskState, 'version' | 'line' | 'milestones' | 'effects'> & { version: 1 };

/** Raises a carried state to this version's shape. A newer one than we know is a worker to be upgraded. */
export function migrate(carried: TaskState | FirstState): TaskState {
  if (carried.version === 1)
    return { ...carried, version: STATE_VERSION, line: { since: [] }, milestones: [], effects: [] };
  if (carried.version !== STATE_VERSION) {
    throw new TypeError(
      `task state of version ${JSON.stringify((carried as TaskState).version)}; this worker knows version ${String(STATE_VERSION)}: start a newer worker`,
    );
  }
  return unstarted(carried);
}
