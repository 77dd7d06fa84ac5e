// One writer: before a launch, every process of an earlier attempt of this task on this host is proven dead, and
// a holder that can't be seen from here gets the time it needs to notice and end.
import { setTimeout as sleep } from 'node:timers/promises';
import { ATTEMPT_MARKER, TASK_MARKER } from '../../claude/environment.js';
import type { AttemptRequest } from '../../contract/attempt.js';
import { type Claim, type ClaimFile, claim, holderState } from '../../host/claims.js';
import { findMarked, killMarked } from '../../host/process-tree.js';
import type { TaskPlace } from '../../host/task-place.js';
import { attemptProblem, overtaken } from './failure.js';
import type { AttemptCall, AttemptHost } from './host.js';
import { removeLaunchFiles } from './launch-files.js';

/** A holder looks at its claim every second and needs a few to kill; a cut-off one learns of it after about five. */
export const CLAIM_WATCH_MS = 1_000;
const ELSEWHERE_MS = 12_000;
const LOOK_MS = 200;

/** The claim, with no earlier process of the task left; throws where another writer can't be excluded. */
export async function becomeOnlyWriter(
  request: AttemptRequest,
  host: AttemptHost,
  call: AttemptCall,
  place: TaskPlace,
): Promise<Claim> {
  const claimed = await claim(place.claims, { token: call.token, attemptId: request.attemptId });
  if (!claimed.held)
    throw await overtaken(call, 'A newer attempt of this task has worked on this host; this one launched nothing.');
  const lostElsewhere = wasLostElsewhere(request, host);
  if (claimed.previous.length === 0 && !lostElsewhere && !hasEarlierProcesses(place, request.attemptId))
    return claimed.claim;
  await endEarlierProcesses(place, request.attemptId);
  await waitForOthers(claimed.previous, lostElsewhere, call.signal);
  // What a holder in another namespace started meanwhile, or a dying one left behind.
  await endEarlierProcesses(place, request.attemptId);
  await removeLaunchFiles(place, claimed.previous);
  return claimed.claim;
}

/** Enough where every earlier holder released its claim: it had ended its own processes before. */
const hasEarlierProcesses = (place: TaskPlace, attemptId: string): boolean =>
  findMarked(TASK_MARKER, place.key, { except: { name: ATTEMPT_MARKER, value: attemptId } }).length > 0;

async function endEarlierProcesses(place: TaskPlace, attemptId: string): Promise<void> {
  const except = { name: ATTEMPT_MARKER, value: attemptId };
  const { left } = await killMarked(TASK_MARKER, place.key, { except });
  if (left.length === 0) return;
  throw attemptProblem(
    'twoWriters',
    `Processes of an earlier attempt of this task can't be ended: ${left.join(', ')}.`,
  );
}

const wasLostElsewhere = ({ previous }: AttemptRequest, host: AttemptHost): boolean =>
  previous?.outcome === 'lost' && previous.host !== undefined && previous.host !== host.hostname;

/** A released or dead holder is no writer; one that can't be seen from here is waited for, and no longer than it needs. */
async function waitForOthers(
  previous: readonly ClaimFile[],
  lostElsewhere: boolean,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + ELSEWHERE_MS;
  while (performance.now() < until && !signal.aborted) {
    const states = await Promise.all(previous.map(holderState));
    if (!lostElsewhere && !states.includes('elsewhere')) return;
    await sleep(LOOK_MS);
  }
}
