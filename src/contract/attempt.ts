// What goes into an attempt (an activity) and what comes back. In history: a change here is a workflow change.
// An attempt returns a report, also when stopped or drained; only Temporal's own failures stand in for one.
import { z } from 'zod';
import { problem } from './fault.js';
import { files } from './fields.js';
import { claudeOptions } from './spec.js';

export const CAUSES = [
  'first',
  'lost',
  'timedOut',
  'fault',
  'stopped',
  'continue',
  'update',
  'resume',
  'fork',
  'answer',
  'handover',
] as const;
export type Cause = (typeof CAUSES)[number];

export const OUTCOMES = ['done', 'ended', 'handedOver', 'asks', 'lost', 'timedOut', 'fault'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The intention: which flag the workflow wants. What is sent is decided on the host from what lies on disk. */
export const INTENTIONS = ['start', 'continue', 'resume'] as const;
export type Intention = (typeof INTENTIONS)[number];

export const attemptRequest = z.object({
  taskId: z.string(),
  incarnation: z.string().describe("the first run's id: a workflow id used again is another task"),
  attemptId: z.string().describe('uuid; also the activity id and the uuid of a nudge'),
  number: z.int(),
  cause: z.enum(CAUSES),
  intention: z.enum(INTENTIONS),
  session: z.object({ id: z.string(), seen: z.boolean().describe('an attempt saw its transcript') }),
  instruction: z.object({
    id: z.string().describe("uuid; the message's uuid in the transcript"),
    prompt: z.string(),
    files: files.optional(),
  }),
  previous: z
    .object({ outcome: z.enum(OUTCOMES), host: z.string().optional(), says: z.string().optional() })
    .optional(),
  workspaceDir: z.string().optional().describe('in place; otherwise a directory under TASKRUN_HOME'),
  claude: claudeOptions,
  attemptTimeoutMs: z.int(),
  silenceTimeoutMs: z.int(),
});
export type AttemptRequest = z.infer<typeof attemptRequest>;

/** What is known of an attempt under way; the heartbeat's details (≤ 2 KB), and what a lost attempt leaves behind. */
export const attemptProgress = z.object({
  attemptId: z.string(),
  doing: z.enum(['preparing', 'working', 'ending']),
  host: z.string(),
  sent: z.string().optional(),
  sessionId: z.string().optional(),
  seen: z.boolean().describe("the session's transcript is on disk"),
  delivered: z.boolean().describe('the instruction stands in the transcript'),
  turns: z.int(),
  tool: z.string().optional(),
  lastWords: z.string().optional(),
  sessionCostUsd: z.number().optional(),
  startedAt: z.string(),
  at: z.string(),
  log: z.string().optional(),
});
export type AttemptProgress = z.infer<typeof attemptProgress>;

export const attemptReport = z.object({
  attemptId: z.string(),
  outcome: z.enum(OUTCOMES),
  sent: z.string().describe('our session flags as given, joined by a space; empty when nothing was launched'),
  sentWhy: z.string().optional(),
  seen: z.boolean(),
  delivered: z.boolean(),
  text: z.string().optional().describe('what Claude said last'),
  turns: z.int(),
  sessionCostUsd: z.number().optional().describe("the CLI's total for the session, resumes included"),
  host: z.string().optional(),
  log: z.string().optional(),
  startedAt: z.string(),
  endedAt: z.string(),
  problem: problem.optional(),
});
export type AttemptReport = z.infer<typeof attemptReport>;
