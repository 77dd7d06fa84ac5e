// Asks the server whether it still waits for this very activity. A frozen worker, thawed, may hold an attempt that
// was handed to another long ago; nothing but the server can tell.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';

export type IsPending = (context: Context) => Promise<boolean>;

const ASK_AGAIN_MS = 1_000;

/**
 * True where the task's run lists this activity as pending. A server that can't be reached is no yes: it is asked
 * again until it answers or the attempt is cancelled, as it is when its heartbeats no longer get through.
 */
export const isStillPending: IsPending = async (context) => {
  while (!context.cancellationSignal.aborted) {
    try {
      return await ask(context);
    } catch (error) {
      context.log.warn('the server does not say whether this attempt is still wanted; asking again', { error });
      await sleep(ASK_AGAIN_MS, undefined, { signal: context.cancellationSignal }).catch(() => {});
    }
  }
  return false;
};

const ask: IsPending = async ({ info, client }) => {
  const { namespace, workflowExecution, activityId } = info;
  const execution = { workflowId: workflowExecution?.workflowId ?? '', runId: workflowExecution?.runId ?? '' };
  const answer = await client.workflowService.describeWorkflowExecution({ namespace, execution });
  return answer.pendingActivities.some((pending) => pending.activityId === activityId);
};
