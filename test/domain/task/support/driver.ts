// A task driven by hand, the way the workflow's loop drives it: parsed commands and reports in, next steps out.
// Every event is fed to a frozen state and every state must equal its own JSON, whatever the test is about.
import { expect } from 'vitest';
import type { AttemptReport, AttemptRequest, Outcome } from '../../../../src/contract/attempt.js';
import { idOf } from '../../../../src/contract/command-id.js';
import { type Command, type CommandAnswer, commandPayloads } from '../../../../src/contract/commands.js';
import type { CommandName } from '../../../../src/contract/names.js';
import { parseAs } from '../../../../src/contract/parse.js';
import { type TaskSpec, taskSpec } from '../../../../src/contract/spec.js';
import type { CommandState } from '../../../../src/contract/views.js';
import { apply } from '../../../../src/domain/task/apply.js';
import { carry } from '../../../../src/domain/task/carry.js';
import type { TaskEvent } from '../../../../src/domain/task/events.js';
import { type HistoryFill, nextStep, type Step } from '../../../../src/domain/task/next-step.js';
import { migrate, openTask } from '../../../../src/domain/task/open.js';
import { rememberedAnswer } from '../../../../src/domain/task/records.js';
import type { Attempt, Effect, Instruction, Session, TaskState } from '../../../../src/domain/task/state.js';
import { requestOf } from '../../../../src/workflows/attempt-request.js';
import { frozen } from './frozen.js';
import { expectPlain } from './plain.js';

export const START_MS = Date.UTC(2026, 0, 5, 12);

/** What became of a command: the answer that an Update gets, or the sentence that refuses it. */
export type Told = { id: string; answer?: CommandAnswer; refused?: string };

export class Driver {
  state: TaskState;
  nowMs = START_MS;
  /** Off for the thousands of events that only fill a state. */
  checked = true;
  #count = 0;

  constructor(spec: Partial<TaskSpec> = {}) {
    const parsed = parseAs(taskSpec, { prompt: 'first prompt', ...spec }, 'spec');
    if (!parsed.ok) throw new Error(parsed.says);
    this.state = openTask({
      spec: parsed.value,
      taskId: 'task-1',
      incarnation: 'run-1',
      atMs: this.nowMs,
      sessionId: 'session-1',
      instructionId: 'instruction-first',
    });
  }

  feed(event: TaskEvent): this {
    if (!this.checked) {
      this.state = apply(this.state, event);
      return this;
    }
    this.state = apply(frozen(this.state), frozen(event));
    expectPlain(this.state);
    return this;
  }

  /** As a Signal comes: a known id is the same command again, a malformed payload is a recorded refusal. */
  tell(name: CommandName, payload: Record<string, unknown> = {}, as = {} as { session?: string }): Told {
    this.#count += 1;
    this.nowMs += 1_000;
    const id = idOf(payload) ?? `c${this.#count}`;
    const parsed = parseAs(commandPayloads[name], payload, name);
    if (!parsed.ok) throw new Error(`the test sends what the contract refuses: ${parsed.says}`);
    this.feed({
      type: 'command',
      atMs: this.nowMs,
      commandId: id,
      command: { name, payload: parsed.value } as Command,
      ids: { instruction: `i-${id}-${this.#count}`, session: as.session ?? `session-${this.#count}` },
    });
    const answer = rememberedAnswer(this.state, id);
    if (answer !== undefined) return { id, answer };
    return { id, refused: this.state.commands.find((record) => record.id === id)?.why ?? 'refused without a word' };
  }

  /** A command that the test needs accepted. */
  accepted(name: CommandName, payload: Record<string, unknown> = {}, as = {} as { session?: string }): CommandAnswer {
    const told = this.tell(name, payload, as);
    if (told.answer === undefined) throw new Error(`refused: ${told.refused}`);
    return told.answer;
  }

  refused(name: CommandName, payload: Record<string, unknown> = {}): string {
    const told = this.tell(name, payload);
    if (told.refused === undefined) throw new Error(`accepted: ${JSON.stringify(told.answer)}`);
    return told.refused;
  }

  step(history: HistoryFill = 'short'): Step {
    const before = JSON.stringify(this.state);
    const step = nextStep(frozen(this.state), history);
    expect(JSON.stringify(this.state)).toBe(before);
    return step;
  }

  /** Performs the launch that must be due. */
  launch(): Attempt {
    expect(this.step()).toEqual({ do: 'launch' });
    this.#count += 1;
    this.nowMs += 1_000;
    this.feed({ type: 'launched', atMs: this.nowMs, attemptId: `a-${this.#count}` });
    return this.current();
  }

  /** Asks the attempt under way to end, as the due step says. */
  end(history: HistoryFill = 'short'): string {
    const step = this.step(history);
    if (step.do !== 'end') throw new Error(`no end is due but ${step.do}`);
    this.feed({ type: 'ending', atMs: this.nowMs, attemptId: step.attemptId, reason: step.reason });
    return step.reason;
  }

  report(outcome: Outcome, more: Partial<AttemptReport> = {}): this {
    this.nowMs += 1_000;
    return this.feed({ type: 'report', atMs: this.nowMs, report: this.reportOf(outcome, more) });
  }

  reportOf(outcome: Outcome, more: Partial<AttemptReport> = {}): AttemptReport {
    return {
      attemptId: this.state.current?.id ?? 'no attempt',
      outcome,
      sent: '--continue',
      seen: true,
      delivered: true,
      turns: 1,
      startedAt: new Date(this.nowMs).toISOString(),
      endedAt: new Date(this.nowMs).toISOString(),
      ...more,
    };
  }

  /** One whole attempt, from its launch to its report. */
  work(outcome: Outcome = 'done', more: Partial<AttemptReport> = {}): this {
    this.launch();
    return this.report(outcome, more);
  }

  /** Starts the effect that must be due, as the loop does. */
  startEffect(history: HistoryFill = 'short'): Effect {
    const step = this.step(history);
    if (step.do !== 'effect') throw new Error(`no effect is due but ${step.do}`);
    this.nowMs += 1_000;
    this.feed({ type: 'effectStarted', atMs: this.nowMs, commandId: step.effect.commandId });
    return step.effect;
  }

  effectDone(commandId: string, how: { why?: string; refused?: string } = {}): this {
    this.nowMs += 1_000;
    return this.feed({ type: 'effectDone', atMs: this.nowMs, commandId, ...how });
  }

  /** What the attempt under way is asked to do. */
  request(): AttemptRequest {
    return requestOf(this.state, this.current());
  }

  /** The clock moves on; a wait that is over then ends. */
  pass(ms: number): this {
    this.nowMs += ms;
    return this.feed({ type: 'tick', atMs: this.nowMs });
  }

  continueAsNew(): this {
    this.state = migrate(JSON.parse(JSON.stringify(carry(frozen(this.state)))));
    return this;
  }

  close(): this {
    expect(this.step()).toEqual({ do: 'close' });
    return this.feed({ type: 'closed', atMs: this.nowMs });
  }

  current(): Attempt {
    if (this.state.current === undefined) throw new Error('no attempt under way');
    return this.state.current;
  }

  /** Ids of the commands whose instructions are open, in working order. */
  queued(): string[] {
    return this.state.queue.map((open) => open.commandId);
  }

  open(commandId: string): Instruction {
    const found = this.state.queue.find((open) => open.commandId === commandId);
    if (found === undefined) throw new Error(`${commandId} is not open; open: ${this.queued().join(', ')}`);
    return found;
  }

  session(id: string): Session {
    const found = this.state.sessions.find((session) => session.id === id);
    if (found === undefined) throw new Error(`no session ${id}`);
    return found;
  }

  fate(commandId: string): CommandState | undefined {
    return this.state.commands.find((record) => record.id === commandId)?.state;
  }

  why(commandId: string): string | undefined {
    return this.state.commands.find((record) => record.id === commandId)?.why;
  }
}

/** A task whose first instruction is done: open, idle, one session that was seen. */
export function idleTask(spec: Partial<TaskSpec> = {}): Driver {
  return new Driver(spec).work('done', { text: 'first answer' });
}

/** An idle task with sessions session-1 and session-2, the second active. */
export function twoSessions(spec: Partial<TaskSpec> = {}): Driver {
  const task = idleTask(spec);
  task.accepted('update', { prompt: 'second session', newSession: true }, { session: 'session-2' });
  return task.work('done', { text: 'second answer' });
}

/** The id of a checkpoint; two of them share no beginning. */
export const checkpoint = (n: number): string => n.toString(16).padStart(4, '0').repeat(10);

/**
 * Sessions session-1 and session-2 took turns in one workspace and each left a checkpoint, 1 and 2: the files of today are
 * the second's.
 */
export function twoMoments(spec: Partial<TaskSpec> = {}): Driver {
  const task = new Driver(spec).work('done', { text: 'one', checkpoint: checkpoint(1) });
  task.accepted('update', { prompt: 'second session', newSession: true }, { session: 'session-2' });
  return task.work('done', { text: 'two', checkpoint: checkpoint(2) });
}
