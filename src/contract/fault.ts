// The classes of faults: what the host saw, named. The host classifies, the workflow answers; both lean on this list.
import { z } from 'zod';

/** Each way an attempt can go wrong. `unknown` is a class of its own: to the operator with the evidence, never guessed. */
export const FAULT_CLASSES = [
  'lost',
  'timedOut',
  'silent',
  'network',
  'overloaded',
  'rateLimit',
  'usageLimit',
  'contextFull',
  'poisoned',
  'transcriptLost',
  'credential',
  'credit',
  'model',
  'policy',
  'budget',
  'cliMissing',
  'cliTooOld',
  'workspace',
  'setup',
  'store',
  'checkpoint',
  'disk',
  'wrongSession',
  'twoWriters',
  'unknown',
] as const;
export type FaultClass = (typeof FAULT_CLASSES)[number];

/** What went wrong, as a person reads it. Short by construction: the full text lies in `log`. */
export const problem = z.object({
  class: z.enum(FAULT_CLASSES),
  says: z.string().describe("what happened, in the CLI's own words where it spoke"),
  remedy: z.string().optional(),
  resetsAt: z.string().optional().describe('ISO 8601; when a limit lifts'),
  log: z.string().optional().describe("folder on the attempt's host with stream and stderr"),
});
export type Problem = z.infer<typeof problem>;
