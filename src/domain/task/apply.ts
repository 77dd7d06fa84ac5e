// apply(state, event): the one place where a task changes. Pure: the same state and event give the same next state,
// and the old one stays as it was.
import { assertNever } from '../../contract/assert-never.js';
import type { CommandAnswer } from '../../contract/commands.js';
import { durationMs } from '../../contract/duration.js';
import { BOUNDS, DEFAULTS } from '../../contract/limits.js';
import { decide } from './commands/decide.js';
import { applyEffectDone, applyEffectStarted } from './effects.js';
import type { CommandEvent, TaskEvent } from './events.js';
import { excerptPayload } from './excerpt-payload.js';
import { causeOf } from './intention.js';
import { lineAtLaunch } from './line.js';
import { isIdle } from './next-step.js';
import { positionOf, removeInstruction } from './queue.js';
import { recordCommand, rememberAnswer, rememberedAnswer, settleCommand } from './records.js';
import { applyReport } from './report.js';
import { noteExchange } from './sessions.js';
import { type TaskState, withInstruction, without, withSession } from './state.js';

export function apply(state: TaskState, event: TaskEvent): TaskState {
  if (state.closed !== undefined) return state;
  switch (event.type) {
    case 'command':
      return applyCommand(state, event);
    case 'refused':
      return applyRefusal(state, event);
    case 'launched':
      return applyLaunch(state, event.attemptId, event.atMs);
    case 'ending':
      return state.current?.id === event.attemptId
        ? { ...state, current: { ...state.current, ending: event.reason } }
        : state;
    case 'report':
      return applyReport(state, event.report, event.atMs);
    case 'effectStarted':
      return applyEffectStarted(state, event.commandId);
    case 'effectDone':
      return applyEffectDone(touched(state, event.atMs), event);
    case 'tick':
      return applyTick(state, event.atMs);
    case 'cancel':
      return { ...state, closing: { how: 'cancel', why: 'task cancelled' } };
    case 'closed':
      return applyClosed(touched(state, event.atMs), event.atMs);
    default:
      return assertNever(event);
  }
}

const touched = (state: TaskState, atMs: number): TaskState => ({ ...state, updatedAtMs: atMs });

/** A command whose id is known is the same command again: its first answer stands, nothing changes. */
function applyCommand(state: TaskState, event: CommandEvent): TaskState {
  if (rememberedAnswer(state, event.commandId) !== undefined) return state;
  const verdict = decide(state, event);
  const { name, payload } = event.command;
  if (verdict.refused !== undefined) {
    return applyRefusal(state, {
      type: 'refused',
      atMs: event.atMs,
      commandId: event.commandId,
      name,
      why: verdict.refused,
      payload,
    });
  }
  const by = payload.requestedBy === undefined ? {} : { by: payload.requestedBy };
  const why = verdict.why === undefined ? {} : { why: verdict.why };
  const record = {
    id: event.commandId,
    name,
    ...by,
    atMs: event.atMs,
    state: verdict.fate,
    ...why,
    payload: excerptPayload(payload),
  };
  return touched(rememberAnswer(recordCommand(verdict.state, record), answerOf(event.commandId, verdict)), event.atMs);
}

/** An instruction whose session is still asked for stands behind all that are queued. */
function answerOf(
  commandId: string,
  { state, instructionId }: { state: TaskState; instructionId?: string },
): CommandAnswer {
  const { contextVersion } = state;
  if (instructionId === undefined) return { commandId, contextVersion, position: null };
  const position = positionOf(state, instructionId);
  return { commandId, instructionId, contextVersion, position: position < 0 ? state.queue.length : position };
}

/** Recorded and counted; neither the task's clock nor any id moves by it. */
function applyRefusal(state: TaskState, event: Extract<TaskEvent, { type: 'refused' }>): TaskState {
  // The id of an accepted command stays that command's, also where its record is listed no more.
  if (rememberedAnswer(state, event.commandId) !== undefined) return { ...state, refusedTotal: state.refusedTotal + 1 };
  const payload = event.payload === undefined ? {} : { payload: excerptPayload(event.payload) };
  const record = {
    id: event.commandId,
    name: event.name,
    atMs: event.atMs,
    state: 'refused' as const,
    why: event.why,
    ...payload,
  };
  return recordCommand({ ...state, refusedTotal: state.refusedTotal + 1 }, record);
}

function applyLaunch(state: TaskState, attemptId: string, atMs: number): TaskState {
  const [open] = state.queue;
  if (open === undefined || state.current !== undefined) return state;
  const number = state.attemptsTotal + 1;
  const current = {
    id: attemptId,
    number,
    cause: causeOf(open, state.spec.from !== undefined),
    sessionId: open.sessionId,
    instructionId: open.id,
    contextVersion: open.contextVersion,
    startedAtMs: atMs,
  };
  const spent = withInstruction(state, open.id, (one) => ({ ...one, spent: one.spent + 1 }));
  const noted = withSession(spent, open.sessionId, (session) => ({
    ...noteExchange(session, open, atMs),
    attempts: session.attempts + 1,
    contextVersion: Math.max(session.contextVersion, open.contextVersion),
  }));
  return {
    ...touched(settleCommand(noted, open.commandId, 'working'), atMs),
    current,
    line: lineAtLaunch(state.line, attemptId),
    attemptsTotal: number,
    launchedSessionId: open.sessionId,
  };
}

function applyTick(state: TaskState, atMs: number): TaskState {
  if (state.hold?.kind === 'backoff' && state.hold.untilMs <= atMs) return without(state, 'hold');
  const idleMs = durationMs(state.spec.limits?.closeAfterIdle ?? DEFAULTS.closeAfterIdle);
  if (isIdle(state) && state.updatedAtMs + idleMs <= atMs) {
    return {
      ...state,
      closing: { how: 'finish', why: `idle for ${state.spec.limits?.closeAfterIdle ?? DEFAULTS.closeAfterIdle}` },
    };
  }
  return state;
}

/** What is still open is dropped by name, and the result lists it. */
function applyClosed(state: TaskState, atMs: number): TaskState {
  const why = state.closing?.why ?? 'task finished';
  const open = [
    ...state.queue.map((one) => one.commandId),
    ...(state.question === undefined ? [] : [state.question.commandId]),
  ];
  const emptied = state.queue.reduce(
    (next, one) => removeInstruction(next, one.id, 'dropped', why),
    without(without(state, 'question'), 'hold') as TaskState,
  );
  const settled =
    state.question === undefined ? emptied : settleCommand(emptied, state.question.commandId, 'dropped', why);
  const result = {
    ...(settled.result ?? { instructionId: null, text: state.closing?.summary ?? '' }),
    ...(state.closing?.summary === undefined ? {} : { summary: state.closing.summary }),
    ...(open.length === 0 ? {} : { dropped: open.slice(0, BOUNDS.rememberedIds).map((id) => ({ id, why })) }),
  };
  return { ...settled, result, closed: { how: state.closing?.how === 'cancel' ? 'cancelled' : 'finished', atMs } };
}
