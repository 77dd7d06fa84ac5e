// What a task knows: plain JSON, carried whole across continue-as-new. Phase, waiting and its answers are derived
// (view/), never stored. REPLAY-SENSITIVE: a change of shape raises STATE_VERSION and adds a migration.
import type { Cause, FilesQuestion, ForkOf, Outcome } from '../../contract/attempt.js';
import type { Problem } from '../../contract/fault.js';
import type { OnFileConflict, TaskFile } from '../../contract/fields.js';
import type { TaskSpec } from '../../contract/spec.js';
import type { CommandState, Decision, TaskResult } from '../../contract/views.js';

export const STATE_VERSION = 2;

/** Files of a moment that is picked up; without a checkpoint those of its session's newest one. */
export type FilesWanted = { mode: OnFileConflict; checkpoint?: string; answered?: true };

/** One Claude conversation. The list only grows; a number is never used again. */
export type Session = {
  id: string;
  number: number;
  startedBy?: string;
  createdAtMs: number;
  lastActiveAtMs: number;
  contextVersion: number;
  attempts: number;
  turns: number;
  costUsd: number;
  /** What the CLI's count of it took over from the conversation it is a fork of. */
  inheritedCostUsd?: number;
  /** An attempt saw its transcript on disk: from then on a missing one is a fault, never a fresh start. */
  seen: boolean;
  /** It began as a fork of this conversation. */
  forkOf?: ForkOf;
  /** The newest checkpoint that one of its attempts left. */
  head?: string;
  /** Asked for without an instruction; its next one takes it over. */
  filesWanted?: FilesWanted;
  /** Set where the conversation can't be used as it is. */
  broken?: 'lost' | 'poisoned' | 'full';
  /** Newest last; one entry an instruction. */
  recent: { instructionId: string; atMs: number; by?: string; asked: string; said: string }[];
};

/** One thing told to a session, from acceptance until it is done or dropped. */
export type Instruction = {
  id: string;
  sessionId: string;
  commandId: string;
  via: 'start' | 'update' | 'resume';
  prompt: string;
  files?: TaskFile[];
  /** What it takes as it is carried: prompt, files and the rest as JSON. */
  bytes: number;
  by?: string;
  acceptedAtMs: number;
  contextVersion: number;
  /** Goes ahead of the queue and takes the place of delivered, unfinished work in its session. */
  interrupts: boolean;
  /** It stands in the transcript, as far as a report or heartbeat told. */
  delivered: boolean;
  /** Attempts that count against the budget since it was accepted or last lifted by the operator. */
  spent: number;
  /** Failures in a row of the kind that is waited out; sets the back-off. */
  failures: number;
  /** Until an attempt has put them in place. */
  filesWanted?: FilesWanted;
  /** How its newest attempt ended, and what the operator did since: the cause of its next one. */
  next?: { cause: Cause; outcome: Outcome; host?: string; says?: string };
};

/** The attempt under way. */
export type Attempt = {
  id: string;
  number: number;
  cause: Cause;
  sessionId: string;
  instructionId: string;
  contextVersion: number;
  startedAtMs: number;
  /** Set once the loop has asked it to end. */
  ending?: EndReason;
};

export type EndReason = 'stop' | 'interrupt' | 'finish' | 'cancel' | 'continueAsNew';

export type EndedAttempt = Omit<Attempt, 'ending'> & {
  endedAtMs: number;
  outcome: Outcome;
  sent: string;
  sentWhy?: string;
  problem?: Problem;
  decided: Decision;
  decidedWhy: string;
  turns: number;
  costUsd: number;
  host?: string;
  startedFrom?: string;
  checkpoint?: string;
  lacks?: string[];
  log?: string;
};

/** Why nothing is launched although work may be queued. One at a time: a newer one replaces it. */
export type Hold =
  | { kind: 'stopped'; atMs: number; by?: string; reason?: string }
  | { kind: 'operator'; atMs: number; instructionId: string; problem: Problem }
  | { kind: 'budget'; atMs: number; instructionId: string; attempts: number; problem?: Problem }
  | ({ kind: 'files'; atMs: number; instructionId: string } & FilesQuestion)
  | { kind: 'backoff'; atMs: number; instructionId: string; untilMs: number; problem: Problem };

/** A `resume` without an id: held until an `answer` picks the session. */
export type Question = {
  commandId: string;
  atMs: number;
  by?: string;
  instruction?: Omit<Instruction, 'sessionId'>;
  filesWanted?: FilesWanted;
};

/** The task's line of checkpoints, as far as reports told. */
export type Line = {
  head?: { checkpoint: string; sessionId: string };
  /** Attempts launched since `head`, oldest first: what they left on a host belongs to the task too. */
  since: string[];
  /** The newest attempt whose work has no checkpoint, and why. */
  unsaved?: { attemptId: string; host?: string; says: string };
};

export type Milestone = { label: string; checkpoint: string; sessionId: string; atMs: number; by?: string };

/** Something to be done once outside of any attempt; the command that asked for it is settled by what came of it. */
export type Effect = { commandId: string; started: boolean } & (
  | { kind: 'fork'; taskId: string; prompt: string; forkOf: ForkOf; by?: string }
  | { kind: 'mark'; label: string; checkpoint: string }
);

export type Closing = { how: 'finish' | 'cancel'; summary?: string; why: string };

export type CommandRecord = {
  id: string;
  name: string;
  by?: string;
  atMs: number;
  state: CommandState;
  why?: string;
  payload?: unknown;
};

/** `[key of the id, instruction id or null, context version, position]`: the first answer, kept small. */
export type Remembered = [key: string, instructionId: string | null, contextVersion: number, position: number | null];

export type TaskState = {
  version: typeof STATE_VERSION;
  taskId: string;
  incarnation: string;
  /** The spec without prompt and files; those live in the first instruction until it is done. */
  spec: Omit<TaskSpec, 'prompt' | 'files'>;
  startedAtMs: number;
  updatedAtMs: number;
  contextVersion: number;
  activeSessionId: string;
  /** Where `continue` goes: the session of the newest launched attempt. */
  launchedSessionId?: string;
  sessions: Session[];
  /** Open instructions in working order; the first is next, or the one being worked. */
  queue: Instruction[];
  current?: Attempt;
  attempts: EndedAttempt[];
  attemptsTotal: number;
  commands: CommandRecord[];
  commandsTotal: number;
  refusedTotal: number;
  remembered: Remembered[];
  line: Line;
  /** The host that has the workspace, by the id that names its queue. */
  workspaceOn?: string;
  milestones: Milestone[];
  effects: Effect[];
  hold?: Hold;
  question?: Question;
  closing?: Closing;
  closed?: { how: 'finished' | 'cancelled'; atMs: number };
  result?: TaskResult;
};

export const sessionOf = (state: TaskState, id: string): Session | undefined =>
  state.sessions.find((session) => session.id === id);

/** Work in the sense of "nothing to continue": anything open, or asked and not yet placed. */
export const hasOpenWork = (state: TaskState): boolean => state.queue.length > 0 || state.question !== undefined;

/** `state` with one session changed. */
export function withSession(state: TaskState, id: string, change: (session: Session) => Session): TaskState {
  return { ...state, sessions: state.sessions.map((session) => (session.id === id ? change(session) : session)) };
}

/** `state` with one open instruction changed. */
export function withInstruction(state: TaskState, id: string, change: (open: Instruction) => Instruction): TaskState {
  return { ...state, queue: state.queue.map((open) => (open.id === id ? change(open) : open)) };
}

/** `value` without one optional member: state equals its own JSON, so nothing in it is ever `undefined`. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value;
  return rest;
}
