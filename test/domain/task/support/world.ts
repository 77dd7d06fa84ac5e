// The workflow's loop without a workflow: feeds events, performs steps, keeps its own books of what was promised.
// Whatever the books and the state disagree on is found by the checks (checks.ts) after each event.
import type { AttemptReport, Outcome } from '../../../../src/contract/attempt.js';
import type { Command, CommandAnswer } from '../../../../src/contract/commands.js';
import type { TaskSpec } from '../../../../src/contract/spec.js';
import { apply } from '../../../../src/domain/task/apply.js';
import { carry } from '../../../../src/domain/task/carry.js';
import type { TaskEvent } from '../../../../src/domain/task/events.js';
import { type HistoryFill, nextStep, type Step } from '../../../../src/domain/task/next-step.js';
import { migrate, openTask } from '../../../../src/domain/task/open.js';
import { rememberedAnswer } from '../../../../src/domain/task/records.js';
import type { TaskState } from '../../../../src/domain/task/state.js';
import type { Action, ReportAction } from './actions.js';
import { checkAfter, checkStep } from './checks.js';
import { commandOf, reportOf } from './choices.js';
import { frozen } from './frozen.js';

/** What an accepted instruction was promised, and what became of it. */
export type Promised = { commandId: string; delivered: boolean; fate: 'open' | 'done' | 'dropped' };

export type Setting = {
  attempts: number;
  close: NonNullable<TaskSpec['close']>;
  onFileConflict?: TaskSpec['onFileConflict'];
};

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
  /** Effects by their command: those of this run that were started and are not settled. */
  readonly underWay = new Set<string>();
  readonly startedInRun = new Set<string>();
  #lastReport: AttemptReport | undefined;
  #count = 0;

  constructor({ attempts, close, onFileConflict }: Setting) {
    const conflict = onFileConflict === undefined ? {} : { onFileConflict };
    const spec: TaskSpec = { prompt: 'first', limits: { attempts }, close, ...conflict };
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
      case 'settle':
        return this.settle([...this.underWay][action.which], action.refused);
      case 'newRun':
        return this.#newRun(this.state);
      case 'cancel':
        return this.feed({ type: 'cancel', atMs: this.nowMs });
    }
  }

  tell(command: Command, commandId = this.#idOf(undefined)): void {
    this.#count += 1;
    const ids = { instruction: `instruction-${this.#count}`, session: `session-of-${this.#count}` };
    this.feed({ type: 'command', atMs: this.nowMs, commandId, command, ids });
    const answer = rememberedAnswer(this.state, commandId);
    if (answer !== undefined && !this.answers.has(commandId)) this.answers.set(commandId, answer);
  }

  /** The attempt under way reports. */
  report(outcome: Outcome, how: ReportAction): void {
    if (this.state.current === undefined) return;
    this.#count += 1;
    const report = reportOf(this.state.current.id, outcome, how, this.#count);
    this.#lastReport = report;
    this.feed({ type: 'report', atMs: this.nowMs, report });
  }

  #stale(which: number, outcome: Outcome): void {
    const id = [...this.attemptIds, 'an attempt of nobody'][which % (this.attemptIds.length + 1)] ?? 'nobody';
    if (id === this.state.current?.id) return;
    this.feed({
      type: 'report',
      atMs: this.nowMs,
      report: reportOf(id, outcome, { delivered: true, seen: true, costUsd: 9, left: 'checkpoint' }, 65_535),
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
      case 'effect': {
        const { commandId } = step.effect;
        this.underWay.add(commandId);
        this.startedInRun.add(commandId);
        return this.feed({ type: 'effectStarted', atMs, commandId });
      }
      case 'continueAsNew':
        this.#newRun(carry(frozen(this.state)));
        this.history = 'short';
        return;
      case 'close':
        return this.feed({ type: 'closed', atMs });
    }
  }

  /** What a started effect came to. */
  settle(commandId: string | undefined, refused: boolean): void {
    if (commandId === undefined) return;
    this.underWay.delete(commandId);
    const how = refused ? { refused: 'the store said no' } : { why: 'there it is' };
    this.feed({ type: 'effectDone', atMs: this.nowMs, commandId, ...how });
  }

  /** Also in the middle of anything: what was under way outside is forgotten, and must be started again. */
  #newRun(carried: TaskState): void {
    if (this.state.closed !== undefined) return;
    this.state = migrate(JSON.parse(JSON.stringify(carried)));
    this.underWay.clear();
    this.startedInRun.clear();
  }

  #idOf(known: number | undefined): string {
    if (known !== undefined) return IDS[known] ?? 'a';
    this.#count += 1;
    return `id-${this.#count}`;
  }
}
