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
  /** A restore into it is under way. */
  restoring: z.boolean(),
  /** The setup command has run since the workspace was made here. */
  setUp: z.boolean(),
  /** That attempt had put the files in place that its instruction wants. */
  filesSettled: z.boolean(),
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
