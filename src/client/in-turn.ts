// At most so many Updates of this client in flight to one task. The server takes 10 at a time and turns the others away;
// the SDK tries those again with ever longer pauses, until a service that sends many runs into its deadline.
import type { Client } from '@temporalio/client';

/** Leaves room for operators and other services. */
const MOST_AT_ONCE = 6;

type Line = { inFlight: number; waiting: (() => void)[] };
const lines = new WeakMap<Client, Map<string, Line>>();

/** Calls once it is its turn, in the order of asking. */
export async function inTurn<T>(client: Client, taskId: string, call: () => Promise<T>): Promise<T> {
  const ofClient = lines.get(client) ?? new Map<string, Line>();
  lines.set(client, ofClient);
  const line = ofClient.get(taskId) ?? { inFlight: 0, waiting: [] };
  ofClient.set(taskId, line);
  // One that ends hands its place on, so nobody who comes later takes it.
  if (line.inFlight < MOST_AT_ONCE) line.inFlight += 1;
  else await new Promise<void>((resolve) => line.waiting.push(resolve));
  try {
    return await call();
  } finally {
    const next = line.waiting.shift();
    if (next !== undefined) next();
    else if (--line.inFlight === 0) ofClient.delete(taskId);
  }
}
