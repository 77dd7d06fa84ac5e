// What goes into an attempt (an activity) and what comes back. In history: a change here is a workflow change.
// An attempt returns a report, also when stopped or drained; only Temporal's own failures stand in for one.
import { z } from 'zod';
import { problem } from './fault.js';
import { files, onFileConflict } from './fields.js';
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
export const INTENTIONS = ['start', 'continue', 'resume', 'fork'] as const;
export type Intention = (typeof INTENTIONS)[number];

/** The moment that a session starts from, as a fork of the conversation it holds. */
export const forkOf = z.object({
  taskId: z.string().optional().describe('another task, whose files are the first ones too; absent: this one'),
  sessionId: z.string().optional(),
  checkpoint: z.string().optional().describe('an id or a label; absent: the newest'),
});
export type ForkOf = z.infer<typeof forkOf>;

/** What belongs to the task, as far as the workflow knows: anything else on a disk or in the store is a stray. */
export const taskLine = z.object({
  head: z.string().optional().describe('the newest checkpoint'),
  since: z.array(z.string()).describe('attempts launched after it, oldest first'),
  unsaved: z
    .object({ attemptId: z.string(), host: z.string().optional() })
    .optional()
    .describe('the newest attempt that ended with a report and without a checkpoint: its work is on its host alone'),
});
export type TaskLine = z.infer<typeof taskLine>;

/** The files of a moment that is picked up, where today's may differ. */
export const wantedFiles = z.object({
  checkpoint: z.string(),
  mode: onFileConflict,
  answered: z.boolean().describe('a person chose it: a merge may leave conflict markers'),
});
export type WantedFiles = z.infer<typeof wantedFiles>;

export const attemptRequest = z.object({
  taskId: z.string(),
  incarnation: z.string().describe("the first run's id: a workflow id used again is another task"),
  attemptId: z.string().describe('uuid; also the activity id and the uuid of a nudge'),
  number: z.int(),
  cause: z.enum(CAUSES),
  intention: z.enum(INTENTIONS),
  session: z.object({
    id: z.string(),
    seen: z.boolean().describe('an attempt saw its transcript'),
    forkOf: forkOf.optional(),
  }),
  instruction: z.object({
    id: z.string().describe("uuid; the message's uuid in the transcript"),
    prompt: z.string(),
    files: files.optional(),
  }),
  previous: z
    .object({ outcome: z.enum(OUTCOMES), host: z.string().optional(), says: z.string().optional() })
    .optional(),
  workspaceDir: z.string().optional().describe('in place; otherwise a directory under TASKRUN_HOME'),
  source: z.object({ git: z.string().optional(), ref: z.string().optional(), dir: z.string().optional() }).optional(),
  setupCommand: z.string().optional(),
  from: forkOf.optional().describe("the other task's moment whose files are the first ones"),
  line: taskLine.optional(),
  files: wantedFiles.optional(),
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
  inheritedCostUsd: z.number().optional(),
  startedAt: z.string(),
  at: z.string(),
  log: z.string().optional(),
  checkpoint: z.string().optional().describe('the newest one taken during the attempt'),
  hostId: z.string().optional(),
});
export type AttemptProgress = z.infer<typeof attemptProgress>;

/** With the outcome `asks`: what to do with today's files. */
export const filesQuestion = z.object({
  says: z.string(),
  picks: z.array(z.enum(['keep', 'restore', 'merge'])).min(1),
  safety: z.string().optional().describe("the checkpoint of today's files"),
});
export type FilesQuestion = z.infer<typeof filesQuestion>;

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
  inheritedCostUsd: z.number().optional().describe('of that, what a forked session took over from its parent'),
  host: z.string().optional(),
  log: z.string().optional(),
  startedAt: z.string(),
  endedAt: z.string(),
  problem: problem.optional(),
  hostId: z.string().optional().describe('names the queue of the host that has the workspace'),
  startedFrom: z.string().optional().describe('the checkpoint that the attempt went on from'),
  origin: z.string().optional().describe('the moment of another task that the workspace was made from'),
  parentSessionId: z.string().optional().describe('of a session that started as a fork'),
  checkpoint: z.string().optional().describe('what the attempt left'),
  lacks: z.array(z.string()).optional().describe('what that checkpoint should hold and does not'),
  unsaved: problem.optional().describe('why there is no checkpoint'),
  filesSettled: z.boolean().optional().describe('the wanted files are in place, or nothing differed'),
  question: filesQuestion.optional(),
});
export type AttemptReport = z.infer<typeof attemptReport>;
