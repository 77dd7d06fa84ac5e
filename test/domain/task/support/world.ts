// The workflow's loop without a workflow: feeds events, performs steps, keeps its own books of what was promised.
// Whatever the books and the state disagree on is found by the checks (checks.ts) after each event.
import type { AttemptReport, Outcome } from '../../../../src/contract/attempt.js';
import type { Command, CommandAnswer } from '../../../../src/contract/commands.js';
import type { FaultClass } from '../../../../src/contract/fault.js';
import type { TaskSpec } from '../../../../src/contract/spec.js';
import { apply } from '../../../../src/domain/task/apply.js';
import { carry } from '../../../../src/domain/task/carry.js';
import type { TaskEvent } from '../../../../src/domain/task/events.js';
import { type HistoryFill, nextStep, type Step } from '../../../../src/domain/task/next-step.js';
import { migrate, openTask } from '../../../../src/domain/task/open.js';
import { rememberedAnswer } from '../../../../src/domain/task/records.js';
import type { TaskState } from '../../../../src/domain/task/state.js';
import type { Action, CommandAction } from './actions.js';
import { checkAfter, checkStep } from './checks.js';
import { frozen } from './frozen.js';

/** What an accepted instruction was promised, and what became of it. */
export type Promised = { commandId: string; delivered: boolean; fate: 'open' | 'done' | 'dropped' };

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', '漢字', 'x'.repeat(64), 'a b', '😀', '#a', 'first-instruction'];
const FIRST = 'first-instruction';

export class World {
  state: TaskState;
  nowMs = 1_767_614_400_000;
  history: HistoryFill = 'short';
  launches = 0;
  /** Answers by command id, the first ones. */
  readonly answers = new Map<string, CommandAnswer>();
  readonly promised = new Map<string, Promised>([[FIRST, { commandId: FIRST, delivered: false, fate: 'open' }]]);
  readonly attemptIds: string[] = [];
  #lastReport: AttemptReport | undefined;
  #count = 0;

  constructor(limits: { attempts: number; close: NonNullable<TaskSpec['close']> }) {
    const spec = { prompt: 'first', limits: { attempts: limits.attempts }, close: limits.close };
    const ids = { sessionId: 'session-1', instructionId: FIRST };
    this.state = openTask({ spec, taskId: 't', incarnation: 'r', atMs: this.nowMs, ...ids });
  }

  feed(event: TaskEvent): void {
    const before = frozen(this.state);
    this.state = apply(before, frozen(event));
    checkAfter(this, before, event);
  }

  act(action: Action): void {
    this.nowMs += 10;
    switch (action.act) {
      case 'command':
        return this.tell(commandOf(action, this.state), this.#idOf(action.id));
      case 'report':
        return this.report(action.outcome, action);
      case 'stale':
        return this.#stale(action.which, action.outcome);
      case 'again':
        if (this.#lastReport !== undefined) this.feed({ type: 'report', atMs: this.nowMs, report: this.#lastReport });
        return;
      case 'pass':
        this.nowMs += action.ms;
        return this.feed({ type: 'tick', atMs: this.nowMs });
      case 'history':
        this.history = action.fill;
        return;
      case 'refused':
        return this.feed({ type: 'refused', atMs: this.nowMs, commandId: this.#idOf(action.id), name: 'n', why: 'w' });
      case 'cancel':
        return this.feed({ type: 'cancel', atMs: this.nowMs });
    }
  }

  tell(command: Command, commandId = this.#idOf(undefined)): void {
    this.#count += 1;
    const ids = { instruction: `instruction-${this.#count}`, session: `session-${this.#count}` };
    this.feed({ type: 'command', atMs: this.nowMs, commandId, command, ids });
    const answer = rememberedAnswer(this.state, commandId);
    if (answer !== undefined && !this.answers.has(commandId)) this.answers.set(commandId, answer);
  }

  /** The attempt under way reports. */
  report(
    outcome: Outcome,
    how: { delivered: boolean; seen: boolean; class?: FaultClass | undefined; costUsd?: number | undefined },
  ): void {
    if (this.state.current === undefined) return;
    const report = reportOf(this.state.current.id, outcome, how);
    this.#lastReport = report;
    this.feed({ type: 'report', atMs: this.nowMs, report });
  }

  #stale(which: number, outcome: Outcome): void {
    const id = [...this.attemptIds, 'an attempt of nobody'][which % (this.attemptIds.length + 1)] ?? 'nobody';
    if (id === this.state.current?.id) return;
    this.feed({
      type: 'report',
      atMs: this.nowMs,
      report: reportOf(id, outcome, { delivered: true, seen: true, costUsd: 9 }),
    });
  }

  /** Performs steps until the next is to wait or the task is closed. */
  run(): Step {
    for (let steps = 0; steps < 100; steps++) {
      const step = nextStep(frozen(this.state), this.history);
      checkStep(this, step);
      if (this.state.closed !== undefined || step.do === 'wait') return step;
      this.#perform(step);
    }
    throw new Error('the loop never comes to rest');
  }

  #perform(step: Exclude<Step, { do: 'wait' }>): void {
    this.nowMs += 1;
    const atMs = this.nowMs;
    switch (step.do) {
      case 'launch': {
        this.launches += 1;
        const attemptId = `attempt-${this.launches}`;
        this.feed({ type: 'launched', atMs, attemptId });
        this.attemptIds.push(attemptId);
        return;
      }
      case 'end':
        return this.feed({ type: 'ending', atMs, attemptId: step.attemptId, reason: step.reason });
      case 'continueAsNew':
        this.state = migrate(JSON.parse(JSON.stringify(carry(frozen(this.state)))));
        this.history = 'short';
        return;
      case 'close':
        return this.feed({ type: 'closed', atMs });
    }
  }

  #idOf(known: number | undefined): string {
    if (known !== undefined) return IDS[known] ?? 'a';
    this.#count += 1;
    return `id-${this.#count}`;
  }
}

function reportOf(
  attemptId: string,
  outcome: Outcome,
  how: { delivered: boolean; seen: boolean; class?: FaultClass | undefined; costUsd?: number | undefined },
): AttemptReport {
  const good = outcome === 'done' || outcome === 'ended' || outcome === 'handedOver';
  return {
    attemptId,
    outcome,
    sent: '--continue',
    seen: how.seen || outcome === 'done',
    delivered: how.delivered || outcome === 'done',
    text: `text of ${attemptId}`,
    turns: 1,
    startedAt: '2026-01-05T12:00:00.000Z',
    endedAt: '2026-01-05T12:00:01.000Z',
    ...(how.costUsd === undefined ? {} : { sessionCostUsd: how.costUsd }),
    ...(good || how.class === undefined ? {} : { problem: { class: how.class, says: `a ${how.class}` } }),
  };
}

/** The command that a choice means in this state. */
function commandOf(choice: CommandAction, state: TaskState): Command {
  const by = choice.by === undefined ? {} : { requestedBy: choice.by };
  const named = [undefined, ...state.sessions.map(({ id }) => id).slice(-4), 'no such session'];
  const sessionId = named[choice.session % named.length];
  const session = sessionId === undefined ? {} : { sessionId };
  const open = [
    ...state.queue.map(({ commandId }) => commandId),
    state.question?.commandId ?? 'none',
    'no such command',
  ];
  switch (choice.name) {
    case 'update':
      return {
        name: 'update',
        payload: {
          prompt: 'p',
          ...by,
          ...(choice.newSession ? { newSession: true } : session),
          ...(choice.interrupt ? { when: 'interrupt' as const } : {}),
        },
      };
    case 'resume':
      return { name: 'resume', payload: { ...by, ...session, ...(choice.told ? { prompt: 'p' } : {}) } };
    case 'answer':
      return { name: 'answer', payload: { ...by, pick: choice.told ? choice.pick : (sessionId ?? `${choice.pick}`) } };
    case 'drop':
      return { name: 'drop', payload: { ...by, command: open[choice.pick % open.length] ?? 'none' } };
    case 'finish':
      // Rarely: a closed task has nothing more to show.
      return choice.told && choice.interrupt && choice.newSession
        ? { name: 'finish', payload: { summary: 's' } }
        : { name: 'continue', payload: by };
    case 'continue':
    case 'stop':
      return { name: choice.name, payload: by };
  }
}
