// `fork`: another task from a moment of this one, which goes on undisturbed.
import { rememberedKey } from '../../../contract/command-id.js';
import { BOUNDS } from '../../../contract/limits.js';
import { cutBytes } from '../../../contract/text.js';
import { addEffect } from '../effects.js';
import { namedMoment } from '../line.js';
import { sessionOf, type TaskState } from '../state.js';
import { byOf, type CommandInput, knownSessions, type Verdict } from './verdict.js';

export function fork(state: TaskState, { payload, commandId }: CommandInput<'fork'>): Verdict {
  const moment = momentOf(state, payload);
  if ('refused' in moment) return moment;
  const taskId = payload.taskId ?? childId(state.taskId, commandId);
  const { checkpoint, sessionId } = moment;
  const forkOf = { taskId: state.taskId, checkpoint, ...(sessionId === undefined ? {} : { sessionId }) };
  const effect = {
    kind: 'fork' as const,
    commandId,
    started: false,
    taskId,
    prompt: payload.prompt,
    forkOf,
    ...byOf(payload),
  };
  return { state: addEffect(state, effect), fate: 'queued', why: `starts task ${taskId}` };
}

type From = { checkpoint: string; sessionId?: string };

function momentOf(
  state: TaskState,
  { sessionId, checkpoint }: CommandInput<'fork'>['payload'],
): From | { refused: string } {
  const session = sessionId === undefined ? undefined : sessionOf(state, sessionId);
  if (sessionId !== undefined && session === undefined)
    return { refused: `fork.sessionId: no session ${JSON.stringify(sessionId)}; ${knownSessions(state)}` };
  const own = session === undefined ? {} : { sessionId: session.id };
  if (checkpoint !== undefined) {
    const named = namedMoment(state, checkpoint);
    return 'refused' in named ? { refused: `fork.checkpoint: ${named.refused}` } : { ...named, ...own };
  }
  const newest = session === undefined ? state.line.head : session.head;
  if (newest === undefined) {
    return {
      refused: `fork: ${session === undefined ? 'this task' : `session ${session.number}`} has no checkpoint yet; try again when an attempt has ended`,
    };
  }
  return typeof newest === 'string' ? { checkpoint: newest, ...own } : newest;
}

/** The same command gives the same id, so that it starts one task even where it is played again. */
const childId = (taskId: string, commandId: string): string =>
  `${cutBytes(taskId, BOUNDS.taskIdBytes / 2)}-fork-${rememberedKey(commandId)}`;
