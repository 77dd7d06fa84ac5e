// `drop`: withdraws a queued command by its id. The context version stays as it is.
import { removeInstruction } from '../queue.js';
import { settleCommand } from '../records.js';
import { type Session, sessionOf, type TaskState, without } from '../state.js';
import { byOf, type CommandInput, type Verdict } from './verdict.js';

export function drop(state: TaskState, { payload }: CommandInput<'drop'>): Verdict {
  const { by } = byOf(payload);
  const why = by === undefined ? 'withdrawn' : `withdrawn by ${by}`;
  if (state.question?.commandId === payload.command) {
    return { state: settleCommand(without(state, 'question'), payload.command, 'dropped', why), fate: 'done' };
  }
  const open = state.queue.find((instruction) => instruction.commandId === payload.command);
  if (open === undefined)
    return { refused: `drop.command: ${JSON.stringify(payload.command)} is not queued; ${sayQueued(state)}` };
  if (open.id === state.current?.instructionId) {
    return {
      refused: `drop.command: ${JSON.stringify(payload.command)} is being worked by attempt ${state.current.number}; stop the task first, or send an update with when "interrupt"`,
    };
  }
  const left = removeInstruction(state, open.id, 'dropped', why);
  return { state: open.sessionId === state.activeSessionId ? activeAmongUsed(left) : left, fate: 'done' };
}

function sayQueued(state: TaskState): string {
  const ids = state.queue.filter((open) => open.id !== state.current?.instructionId).map((open) => open.commandId);
  if (ids.length === 0) return 'nothing is queued';
  return `queued: ${ids.slice(0, 10).join(', ')}${ids.length > 10 ? `, and ${ids.length - 10} more` : ''}`;
}

/** A new session whose only instruction was withdrawn is not where the next update should go. */
function activeAmongUsed(state: TaskState): TaskState {
  const active = sessionOf(state, state.activeSessionId);
  if (active === undefined || isUsed(active) || state.queue.some((open) => open.sessionId === active.id)) return state;
  const sessionId = state.queue.at(-1)?.sessionId ?? lastUsed(state);
  return sessionId === undefined ? state : { ...state, activeSessionId: sessionId };
}

/** A fork of a moment that was not there has been launched, and is no conversation all the same. */
const isUsed = ({ forkOf, seen, attempts }: Session): boolean => (forkOf === undefined ? attempts > 0 : seen);

function lastUsed({ sessions, launchedSessionId }: TaskState): string | undefined {
  const used = sessions.filter(isUsed);
  const launched = used.find(({ id }) => id === launchedSessionId);
  return (launched ?? used.toSorted((a, b) => a.lastActiveAtMs - b.lastActiveAtMs).at(-1))?.id;
}
