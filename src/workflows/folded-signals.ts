// Many Signals in one workflow task, folded into a few. The SDK makes about ten promises a Signal and takes a stack
// trace of each: some thousands that waited for a worker would outrun the seconds that a workflow task may take, and
// each retry of it again. Folded they keep their order, also among the Updates that came between.
import type { Payload } from '@temporalio/common';
import { payloadConverter } from './payload-converter.js';
import { OURS } from './reserved-names.js';

const FOLDED = `${OURS}folded`;
/** So few pass as they came. */
const FEW = 50;
const MOST_IN_ONE = 500;

type Signal = { signalName?: string | null; input?: Payload[] | null };
type Job = { signalWorkflow?: Signal | null };
export type SentSignal = { name: string; args: unknown[] };

/** The jobs of an activation, each uninterrupted row of Signals as one Signal or a few. */
export function foldSignals<J extends Job>(jobs: J[]): J[] {
  if (jobs.filter((job) => job.signalWorkflow != null).length <= FEW) return jobs;
  const folded: J[] = [];
  let row: J[] = [];
  const closeRow = (): void => {
    if (row.length > 0) folded.push(asOne(row));
    row = [];
  };
  for (const job of jobs) {
    if (job.signalWorkflow == null || row.length === MOST_IN_ONE) closeRow();
    if (job.signalWorkflow == null) folded.push(job);
    else row.push(job);
  }
  closeRow();
  return folded;
}

/** The first job of the row stands for all: names and numbers of arguments ahead, then the arguments. */
function asOne<J extends Job>(row: J[]): J {
  const [first] = row;
  const signals = row.map((job) => job.signalWorkflow ?? {});
  if (first?.signalWorkflow == null) throw new TypeError('a row without a Signal');
  const heads = signals.map((signal) => [signal.signalName ?? '', signal.input?.length ?? 0]);
  first.signalWorkflow.input = [payloadConverter.toPayload(heads), ...signals.flatMap((signal) => signal.input ?? [])];
  first.signalWorkflow.signalName = FOLDED;
  return first;
}

/** The Signals that came under this name: itself, or those that were folded. */
export function unfoldSignals(name: string, args: unknown[]): SentSignal[] {
  if (name !== FOLDED) return [{ name, args }];
  let next = 1;
  return (args[0] as [string, number][]).map(([sent, count]) => {
    next += count;
    return { name: sent, args: args.slice(next - count, next) };
  });
}
