// What a task waits for, in words, and the very commands that go on: `waiting` of the contract.

import { sayDuration } from '../contract/duration.js';
import { BOUNDS } from '../contract/limits.js';
import { cut, excerpt, jsonBytes } from '../contract/text.js';
import type { SessionView, WaitingView } from '../contract/views.js';
import type { Hold, Session, TaskState } from '../domain/task/state.js';

type Answer = WaitingView['answerWith'][number];

const CONTINUE: Answer = { command: 'continue', payload: {} };
const FINISH: Answer = { command: 'finish', payload: {} };
const INTERRUPT: Answer = { command: 'update', payload: { prompt: 'what to do instead', when: 'interrupt' } };
const NEW_SESSION: Answer = {
  command: 'update',
  payload: { prompt: 'what is left to do', newSession: true, when: 'interrupt' },
};

/** Undefined when nothing is waited for. A question stands beside work that goes on; a hold comes first. */
export function waitingOf(state: TaskState): WaitingView | undefined {
  if (state.closed !== undefined || state.closing !== undefined) return undefined;
  if (state.hold !== undefined && state.current === undefined) return waitingForHold(state.hold);
  return state.question === undefined ? undefined : waitingForChoice(state);
}

function waitingForHold(hold: Hold): WaitingView {
  switch (hold.kind) {
    case 'stopped':
      return { for: 'operator', says: sayStop(hold), answerWith: [CONTINUE, INTERRUPT, FINISH] };
    case 'backoff':
      return {
        for: 'backoff',
        says: `${hold.problem.says} The next attempt starts by itself; continue starts it now.`,
        until: iso(hold.untilMs),
        answerWith: [CONTINUE],
      };
    case 'budget':
      return {
        for: 'budget',
        says: `All ${hold.attempts} attempts of this instruction are used.${hold.problem === undefined ? '' : ` The last one: ${hold.problem.says}`} continue grants as many again.`,
        answerWith: [CONTINUE, INTERRUPT, FINISH],
      };
    case 'files':
      return {
        for: 'choice',
        says: hold.says,
        options: hold.picks.map((pick) => ({ pick, label: FILE_PICKS[pick] })),
        answerWith: hold.picks.map((pick) => ({ command: 'answer', payload: { pick } })),
      };
    case 'operator':
      return {
        for: 'operator',
        says: sayProblem(hold),
        ...(hold.problem.resetsAt === undefined ? {} : { until: hold.problem.resetsAt }),
        answerWith: needsNewSession(hold) ? [NEW_SESSION, CONTINUE, FINISH] : [CONTINUE, INTERRUPT, FINISH],
      };
  }
}

const FILE_PICKS = {
  keep: "today's files stay as they are",
  restore: "the files of the moment come back; today's are kept as a checkpoint",
  merge: 'both, three-way; where they contradict each other, conflict markers are left for Claude',
} as const;

function sayStop(hold: Extract<Hold, { kind: 'stopped' }>): string {
  const by = hold.by === undefined ? '' : ` by ${hold.by}`;
  return `Stopped${by}${hold.reason === undefined ? '' : `: ${hold.reason}`}. Nothing is launched until the task is continued.`;
}

function sayProblem({ problem }: Extract<Hold, { kind: 'operator' }>): string {
  const resets = problem.resetsAt === undefined ? '' : ` Resets at ${problem.resetsAt}.`;
  const remedy = problem.remedy === undefined ? '' : ` What to do: ${problem.remedy}.`;
  return `${problem.says}${resets}${remedy}${problem.log === undefined ? '' : ` Log: ${problem.log}`}`;
}

const NEW_SESSION_CLASSES = ['contextFull', 'poisoned', 'transcriptLost'];

const needsNewSession = (hold: Extract<Hold, { kind: 'operator' }>): boolean =>
  NEW_SESSION_CLASSES.includes(hold.problem.class);

function waitingForChoice(state: TaskState): WaitingView {
  const options = state.sessions
    .slice(-BOUNDS.listed)
    .map((session) => ({ pick: session.number, sessionId: session.id, label: sessionLabel(session) }));
  return {
    for: 'choice',
    says: `Which session shall ${state.question?.commandId ?? 'resume'} go on with? Answer with a number from the list or a session id.`,
    options,
    answerWith: options.slice(-3).map(({ pick }) => ({ command: 'answer', payload: { pick } })),
  };
}

/** One line to choose a session by. */
export function sessionLabel(session: Pick<Session, 'recent'> | Pick<SessionView, 'recent'>): string {
  const last = session.recent.at(-1);
  if (last === undefined) return 'nothing asked yet';
  const by = last.by === undefined ? '' : `${last.by}: `;
  return `${by}${excerpt(last.asked, 80)}${last.said === '' ? '' : ` → ${excerpt(last.said, 80)}`}`;
}

/** The part of `waiting` that the memo mirrors: without options, short enough for 2 KB. */
export function waitingForMemo(waiting: WaitingView): Omit<WaitingView, 'options'> {
  const { options: _, ...rest } = waiting;
  return { ...rest, says: briefly(rest.says) };
}

const MEMO_SAYS_CHARS = 400;
const MEMO_SAYS_BYTES = 1_200;

/** Control characters take six bytes each as JSON. */
function briefly(says: string): string {
  let brief = cut(says, MEMO_SAYS_CHARS);
  for (let chars = MEMO_SAYS_CHARS; jsonBytes(brief) > MEMO_SAYS_BYTES; chars /= 2)
    brief = cut(says, Math.floor(chars));
  return brief;
}

/** "in 5m 10s", for pages and terminals. */
export const sayUntil = (until: string, nowMs: number): string => {
  const leftMs = Date.parse(until) - nowMs;
  return leftMs > 0 ? `in ${sayDuration(leftMs)}` : 'now';
};

const iso = (ms: number): string => new Date(ms).toISOString();
