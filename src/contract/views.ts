// The shapes that the queries answer. Public and fixed: ISO 8601 times, US dollars, lists newest last.
import { z } from 'zod';
import { CAUSES, OUTCOMES } from './attempt.js';
import { problem } from './fault.js';

export const PHASES = ['preparing', 'working', 'waiting', 'idle', 'finished', 'failed', 'cancelled'] as const;
export type Phase = (typeof PHASES)[number];

export const WAITING_FOR = ['choice', 'approval', 'rateLimit', 'backoff', 'operator', 'budget', 'workspace'] as const;
export const COMMAND_STATES = ['queued', 'working', 'done', 'dropped', 'refused'] as const;
export type CommandState = (typeof COMMAND_STATES)[number];
export const SESSION_STATUSES = ['active', 'resting', 'lost', 'poisoned', 'full'] as const;
export const DECISIONS = ['continue', 'fresh', 'fork', 'wait', 'ask', 'none'] as const;
export type Decision = (typeof DECISIONS)[number];

const iso = z.string().describe('ISO 8601');

export const waitingView = z.object({
  for: z.enum(WAITING_FOR),
  says: z.string(),
  until: iso.optional(),
  options: z
    .array(z.object({ pick: z.union([z.int(), z.string()]), sessionId: z.string().optional(), label: z.string() }))
    .optional(),
  answerWith: z.array(z.object({ command: z.string(), payload: z.record(z.string(), z.json()) })),
});
export type WaitingView = z.infer<typeof waitingView>;

export const sessionView = z.object({
  sessionId: z.string(),
  number: z.int(),
  parentSessionId: z.string().optional(),
  startedBy: z.string().optional(),
  createdAt: iso,
  lastActiveAt: iso,
  contextVersion: z.int(),
  attempts: z.int(),
  turns: z.int(),
  costUsd: z.number(),
  status: z.enum(SESSION_STATUSES),
  head: z.string().optional(),
  recent: z.array(z.object({ at: iso, by: z.string().optional(), asked: z.string(), said: z.string() })),
});
export type SessionView = z.infer<typeof sessionView>;

export const attemptView = z.object({
  number: z.int(),
  id: z.string(),
  cause: z.enum(CAUSES),
  sent: z.string(),
  sentWhy: z.string().optional(),
  sessionId: z.string(),
  instructionId: z.string(),
  contextVersion: z.int(),
  startedFrom: z.string().optional(),
  startedAt: iso,
  endedAt: iso.optional(),
  outcome: z.enum(OUTCOMES).nullable().describe('null while it works'),
  problem: problem.optional(),
  decided: z.enum(DECISIONS).optional(),
  decidedWhy: z.string().optional(),
  turns: z.int(),
  costUsd: z.number(),
  host: z.string().optional(),
  checkpoint: z.string().optional(),
  lacks: z.array(z.string()).optional().describe('what the checkpoint should hold and does not'),
  log: z.string().optional(),
});
export type AttemptView = z.infer<typeof attemptView>;

export const commandView = z.object({
  id: z.string(),
  name: z.string(),
  by: z.string().optional(),
  at: iso,
  state: z.enum(COMMAND_STATES),
  why: z.string().optional(),
  payload: z.json().optional().describe('long text cut'),
});
export type CommandView = z.infer<typeof commandView>;

/** What the workflow returns. */
export const taskResult = z.object({
  instructionId: z.string().nullable().describe('of the newest instruction that was done; null where none was'),
  text: z.string(),
  checkpoint: z.string().optional(),
  branch: z.string().optional(),
  commit: z.string().optional(),
  summary: z.string().optional().describe("the `finish` command's"),
  dropped: z
    .array(z.object({ id: z.string(), why: z.string() }))
    .optional()
    .describe('commands that the close left undone'),
});
export type TaskResult = z.infer<typeof taskResult>;

export const taskView = z.object({
  taskId: z.string(),
  title: z.string().optional(),
  service: z.string().optional(),
  phase: z.enum(PHASES),
  waiting: waitingView.optional(),
  contextVersion: z.int(),
  activeSessionId: z.string().nullable(),
  costUsd: z.number(),
  queued: z.int(),
  startedAt: iso,
  updatedAt: iso,
  result: taskResult.optional(),
  sessions: z.array(sessionView),
  sessionsTotal: z.int(),
  attempts: z.array(attemptView),
  commands: z.array(commandView),
  noSafetyNet: z.string().optional().describe('why the newest work has no checkpoint'),
  milestones: z.array(
    z.object({ label: z.string(), checkpoint: z.string(), sessionId: z.string(), at: iso, by: z.string().optional() }),
  ),
  commandsTotal: z.int(),
  attemptsTotal: z.int(),
  refusedTotal: z.int(),
});
export type TaskView = z.infer<typeof taskView>;

/** The memo `taskrun`: at most 2 KB, readable with no worker up. */
export const taskMemo = z.object({
  phase: z.enum(PHASES),
  waiting: waitingView.pick({ for: true, says: true, until: true, answerWith: true }).nullable(),
});
export type TaskMemo = z.infer<typeof taskMemo>;
