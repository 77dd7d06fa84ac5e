// State → the answers of the queries.
import { BOUNDS } from '../contract/limits.js';
import type { AttemptView, CommandView, SessionView, TaskMemo, TaskView } from '../contract/views.js';
import {
  type Attempt,
  type CommandRecord,
  type EndedAttempt,
  type Session,
  type TaskState,
  without,
} from '../domain/task/state.js';
import { phaseOf } from './phase.js';
import { waitingForMemo, waitingOf } from './waiting.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/** The members that are set; an absent one is left out rather than null. */
function set<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

export function taskView(state: TaskState): TaskView {
  const attempts = attemptViews(state);
  return {
    taskId: state.taskId,
    ...set({ title: state.spec.title, service: state.spec.service }),
    phase: phaseOf(state),
    ...set({ waiting: waitingOf(state) }),
    contextVersion: state.contextVersion,
    activeSessionId: state.activeSessionId,
    costUsd: costUsdOf(state),
    queued: queuedOf(state),
    startedAt: iso(state.startedAtMs),
    updatedAt: iso(state.updatedAtMs),
    ...set({ result: state.result }),
    sessions: sessionViews(state),
    sessionsTotal: state.sessions.length,
    attempts,
    commands: state.commands.map(commandView),
    ...set({ noSafetyNet: state.line.unsaved?.says }),
    milestones: state.milestones.map(({ atMs, ...milestone }) => ({ ...milestone, at: iso(atMs) })),
    commandsTotal: state.commandsTotal,
    attemptsTotal: state.attemptsTotal,
    refusedTotal: state.refusedTotal,
  };
}

/** Instructions accepted and not yet worked, one asked for included. */
const queuedOf = (state: TaskState): number =>
  state.queue.filter((open) => open.id !== state.current?.instructionId).length +
  (state.question?.instruction === undefined ? 0 : 1);

export const costUsdOf = (state: TaskState): number =>
  state.sessions.reduce((sum, session) => sum + session.costUsd, 0);

export const sessionViews = (state: TaskState): SessionView[] =>
  state.sessions.slice(-BOUNDS.listed).map((session) => sessionView(session, state));

function sessionView(session: Session, state: TaskState): SessionView {
  return {
    sessionId: session.id,
    number: session.number,
    ...set({ parentSessionId: session.forkOf?.sessionId, startedBy: session.startedBy }),
    createdAt: iso(session.createdAtMs),
    lastActiveAt: iso(session.lastActiveAtMs),
    contextVersion: session.contextVersion,
    attempts: session.attempts,
    turns: session.turns,
    costUsd: session.costUsd,
    status: session.broken ?? (session.id === state.activeSessionId ? 'active' : 'resting'),
    ...set({ head: session.head }),
    recent: session.recent.map(({ atMs, by, asked, said }) => ({ at: iso(atMs), ...set({ by }), asked, said })),
  };
}

export function attemptViews(state: TaskState): AttemptView[] {
  const running = state.current === undefined ? [] : [runningView(state.current)];
  return [...state.attempts.map(endedView), ...running].slice(-BOUNDS.listed);
}

function endedView({ startedAtMs, endedAtMs, ...attempt }: EndedAttempt): AttemptView {
  return { ...attempt, startedAt: iso(startedAtMs), endedAt: iso(endedAtMs) };
}

function runningView(current: Attempt): AttemptView {
  const { startedAtMs, ...attempt } = without(current, 'ending');
  return { ...attempt, sent: '', startedAt: iso(startedAtMs), outcome: null, turns: 0, costUsd: 0 };
}

function commandView({ atMs, payload, ...record }: CommandRecord): CommandView {
  return { ...record, at: iso(atMs), ...(payload === undefined ? {} : { payload: payload as CommandView['payload'] }) };
}

/** What the memo holds: at most 2 KB, readable with no worker up. */
export function memoOf(state: TaskState): TaskMemo {
  const waiting = waitingOf(state);
  return { phase: phaseOf(state), waiting: waiting === undefined ? null : waitingForMemo(waiting) };
}
