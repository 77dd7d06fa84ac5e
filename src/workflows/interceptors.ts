// What is done to an activation before the SDK dispatches it: names and numbers of arguments that its dispatch can't
// take, and floods that would outrun a workflow task, are made harmless here. Nothing is dropped.
import type { Payload } from '@temporalio/common';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { foldSignals } from './folded-signals.js';
import { dispatchName } from './reserved-names.js';

/** Arguments are spread over a call, which overflows the stack at about 100,000; all but one are refused anyhow. */
const MOST_ARGUMENTS = 4;

/** Found by the worker through the workflow bundle's `interceptors` export. */
export const interceptors = (): WorkflowInterceptors => ({
  internals: [
    {
      activate(input, next) {
        const jobs = input.activation.jobs ?? [];
        for (const { signalWorkflow, doUpdate, initializeWorkflow } of jobs) {
          if (signalWorkflow != null) {
            signalWorkflow.signalName = dispatchName(signalWorkflow.signalName ?? '');
            signalWorkflow.input = few(signalWorkflow.input);
          }
          if (doUpdate != null) doUpdate.input = few(doUpdate.input);
          if (initializeWorkflow != null) initializeWorkflow.arguments = few(initializeWorkflow.arguments);
        }
        input.activation.jobs = foldSignals(jobs);
        next(input);
      },
    },
  ],
});

const few = (payloads: Payload[] | null | undefined): Payload[] => (payloads ?? []).slice(0, MOST_ARGUMENTS);
