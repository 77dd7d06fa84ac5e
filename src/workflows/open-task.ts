// From the workflow's arguments to the task: a spec at the start, a carried state after continue-as-new.
import { ApplicationFailure, uuid4, workflowInfo } from '@temporalio/workflow';
import { INVALID_SPEC } from '../contract/names.js';
import { parseAs, sayValue } from '../contract/parse.js';
import { taskSpec } from '../contract/spec.js';
import { migrate, openTask } from '../domain/task/open.js';
import type { TaskState } from '../domain/task/state.js';
import { sayBinary, Undecodable } from './undecodable.js';

/** What continue-as-new passes on; never a spec, which has no such field. */
export type Carried = { carried: TaskState };

export type Opened = { ok: true; state: TaskState } | { ok: false; says: string };

export function open(args: unknown[]): Opened {
  const { workflowId, firstExecutionRunId, continuedFromExecutionRunId } = workflowInfo();
  const [input] = args;
  if (continuedFromExecutionRunId !== undefined && isCarried(input)) return { ok: true, state: migrate(input.carried) };
  if (input instanceof Undecodable) return { ok: false, says: `spec: got ${input.says}` };
  if (ArrayBuffer.isView(input)) return { ok: false, says: `spec: got ${sayBinary(input)}` };
  if (args.length !== 1)
    return {
      ok: false,
      says: `spec: got ${args.length === 0 ? 'no argument' : 'more than one argument'}; allowed: one JSON object, such as {"prompt": "…"}`,
    };
  const spec = parseAs(taskSpec, input, 'spec');
  if (!spec.ok)
    return typeof input === 'object' && input !== null
      ? spec
      : { ok: false, says: `spec: got ${sayValue(input)}; allowed: one JSON object, such as {"prompt": "…"}` };
  const opening = {
    spec: spec.value,
    taskId: workflowId,
    incarnation: firstExecutionRunId,
    atMs: Date.now(),
    sessionId: uuid4(),
    instructionId: uuid4(),
  };
  return { ok: true, state: openTask(opening) };
}

const isCarried = (input: unknown): input is Carried =>
  typeof input === 'object' && input !== null && Object.hasOwn(input, 'carried');

/** The one failure of a task: a spec that can't be worked. Retrying can't mend it. */
export const invalidSpec = (says: string): ApplicationFailure => ApplicationFailure.nonRetryable(says, INVALID_SPEC);
