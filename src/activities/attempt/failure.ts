// A problem met before or beside the CLI, as a verdict that unwinds to the report.
import { GitFailure } from '../../context/git.js';
import { StoreError } from '../../context/store/store-error.js';
import type { FaultClass, Problem } from '../../contract/fault.js';
import { isDiskFull } from '../../host/disk.js';
import type { AttemptCall } from './host.js';

export class AttemptProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.says);
  }
}

export const attemptProblem = (faultClass: FaultClass, says: string, remedy?: string): AttemptProblem =>
  new AttemptProblem({ class: faultClass, says, ...(remedy === undefined ? {} : { remedy }) });

export const problemOfStore = ({ says, remedy }: StoreError): Problem => ({ class: 'store', says, remedy });

const OF_A_FILE = new Set(
  'EACCES EPERM EROFS ENOTDIR EISDIR ENOENT EEXIST ENOTEMPTY ELOOP ENAMETOOLONG EINVAL EIO ESTALE'.split(' '),
);

/** Any error of the host as a problem: a full disk by name, a file that can't be used as the workspace's. */
export function problemOf(error: unknown, path: string): Problem {
  if (error instanceof AttemptProblem) return error.problem;
  if (error instanceof StoreError) return problemOfStore(error);
  if (error instanceof GitFailure) return { class: 'store', says: `The store of checkpoints: ${error.message}` };
  if (isDiskFull(error)) return { class: 'disk', says: `The disk of ${path} is full.` };
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== undefined && OF_A_FILE.has(code)) {
    return { class: 'workspace', says: `The worker can't use a file or directory of this task: ${message}.` };
  }
  return { class: 'unknown', says: `The worker met an error of its own: ${message}` };
}

export const transcriptLost = (sessionId: string): Error =>
  attemptProblem(
    'transcriptLost',
    `The transcript of session ${sessionId} is gone from this host: its conversation can't be continued.`,
  );

export const tookOver = (): Error =>
  attemptProblem('twoWriters', 'A newer attempt of this task took over; this one was ended.');

/**
 * A newer attempt has been here. The server tells what that means: it no longer waits for this one; or it does, and the
 * task was reset into the middle of it, or its clock went back: then the next attempt, the newest of all, goes on.
 */
export async function overtaken(call: Pick<AttemptCall, 'isPending'>, says: string): Promise<Error> {
  if (!(await call.isPending())) return attemptProblem('twoWriters', says);
  return attemptProblem('lost', `${says} The task was reset into the middle of this one; the next attempt goes on.`);
}

export const bypassForbidden = (): Error =>
  attemptProblem(
    'policy',
    'claude.permissionMode: this worker forbids "bypassPermissions" (TASKRUN_FORBID_BYPASS).',
    'finish this task and start it with another permission mode, or allow it on the worker, then continue',
  );
