// What this host notes of a task's workspace: which attempt worked in it last, and whether it is whole. Written before
// each step that changes it, so that a kill at any point is seen for what it is.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from './atomic-file.js';
import { errorCode } from './system-error.js';

const record = z.object({
  version: z.literal(1),
  attemptId: z.string(),
  /** The newest checkpoint taken of it here. */
  kept: z.string().optional(),
  /** What is in it changes: it is neither the old nor the new. */
  restoring: z.boolean(),
  /** The checkpoint of what was there before that change, where the attempt may go back to it. */
  before: z.string().optional(),
  /** The setup command has run since the workspace was made here. */
  setUp: z.boolean(),
  /** The wish for files that was fulfilled here last. */
  settledFor: z.string().optional(),
  /** The moment of another task that it was made from. */
  origin: z.string().optional(),
});
export type WorkspaceRecord = z.infer<typeof record>;

/** Undefined where nothing was noted, or nothing that can be understood. */
export async function readRecord(path: string): Promise<WorkspaceRecord | undefined> {
  try {
    return record.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export const writeRecord = (path: string, content: Omit<WorkspaceRecord, 'version'>): Promise<void> =>
  writeAtomically(path, JSON.stringify({ version: 1, ...content }));
