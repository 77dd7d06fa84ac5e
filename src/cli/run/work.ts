// One `run` from its start to the task's rest: brings up what is needed, starts the task or goes on with it, follows,
// and ends gently when asked to. Owns the order; what is said stands in report.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandRefusedError } from '../../client/errors.js';
import type { Snapshot, TaskHandle, TaskSpecInput } from '../../client.js';
import type { CommonOptions } from '../base-program.js';
import { asFailure, CliFailure, LEFT_AT_ONCE, type Target } from '../failure.js';
import { follow, type Rest, restOf } from '../follow.js';
import { type Interrupt, onInterrupt } from '../interrupts.js';
import { commandLine } from '../invocation.js';
import { type LiveLine, liveLine } from '../live-line.js';
import { newsBetween, waitNews, workerNews } from '../narration.js';
import { type Output, openOutput } from '../output.js';
import { plain } from '../plain-text.js';
import { progressLine } from '../progress-line.js';
import { sendCommand } from '../send.js';
import { settingsOf } from '../settings.js';
import { taskJson } from '../task-json.js';
import { bringUp, type Up } from './bring-up.js';
import { sayEnd, sayOthers, sayWhere } from './report.js';

/** A new task, or one that is there already, with something new to tell it or without. */
export type Work =
  | { is: 'new'; spec: TaskSpecInput; taskId: string | undefined }
  | { is: 'known'; taskId: string; prompt: string | undefined };

export type RunOptions = CommonOptions & { worker?: true };

/** Asked to stop, an attempt ends within seconds; a worker that does not manage is left to hand it over. */
const STOP_WITHIN_MS = 30_000;

/** @returns the exit code */
export async function work(given: Work, options: RunOptions): Promise<number> {
  const run = new Run(options);
  try {
    return await run.work(given);
  } catch (error) {
    throw asFailure(error, run.target);
  } finally {
    await run.close();
  }
}

class Run {
  readonly #out: Output;
  readonly #line: LiveLine;
  readonly #leave = new AbortController();
  readonly #deaf: () => void;
  #up: Up | undefined;
  #task: TaskHandle | undefined;
  #interrupted: Interrupt | undefined;
  #seen: Snapshot | undefined;

  constructor(private readonly options: RunOptions) {
    this.#out = openOutput(options);
    this.#line = liveLine(process.stderr, !this.#out.json);
    this.#deaf = onInterrupt(
      (signal) => this.#onInterrupt(signal),
      () => this.#saysAtOnce(),
    );
  }

  /** The server that is spoken to, as soon as there is one. */
  get target(): Target | undefined {
    return this.#up?.config.temporal;
  }

  async work(given: Work): Promise<number> {
    const started = Date.now();
    const up = await bringUp(settingsOf(this.options), {
      withWorker: this.options.worker === true,
      progress: (says) => this.#line.show(() => `${says} · ${Math.round((Date.now() - started) / 1_000)}s`),
      beforeWorker: async (client) => (given.is === 'known' ? client.task(given.taskId).snapshot(1) : undefined),
    });
    this.#up = up;
    this.#line.show(() => undefined);
    this.#stopIfAsked();
    this.#line.above(() => sayWhere(this.#out, up));
    const task = given.is === 'new' ? await this.#start(up, given) : await this.#pickUp(up, given);
    this.#task = task;
    await sayOthers(this.#out, up, task.taskId);
    if (this.#interrupted !== undefined) void this.#stopTask(task);
    const rest = await this.#follow(task);
    this.#line.stop();
    return sayEnd(this.#out, rest, {
      taskId: task.taskId,
      up,
      options: this.options,
      interrupted: this.#interrupted !== undefined,
    });
  }

  async close(): Promise<void> {
    const up = this.#up;
    const slow = setTimeout(
      () => this.#line.show(() => 'ending: attempts in hand may finish or are handed over'),
      1_500,
    );
    await up?.close();
    clearTimeout(slow);
    this.#line.stop();
    this.#deaf();
  }

  async #start(up: Up, { spec, taskId }: Extract<Work, { is: 'new' }>): Promise<TaskHandle> {
    const task = await up.client.start(spec, taskId === undefined ? {} : { taskId });
    this.#say(`${this.#out.notePaint.bold(task.taskId)} started`, { event: 'started', taskId: task.taskId });
    return task;
  }

  async #pickUp(up: Up, { taskId, prompt }: Extract<Work, { is: 'known' }>): Promise<TaskHandle> {
    const task = up.client.task(taskId);
    const { closedAt } = await task.snapshot(1);
    this.#say(`${this.#out.notePaint.bold(plain(taskId))} picked up`, { event: 'pickedUp', taskId });
    if (closedAt === undefined) await liftHolds(task);
    if (prompt !== undefined) await sendCommand(task, 'update', { prompt });
    return task;
  }

  #follow(task: TaskHandle): Promise<Rest> {
    this.#line.show(() => (this.#seen === undefined ? undefined : progressLine(this.#seen)));
    const followed = follow(task, {
      signal: this.#leave.signal,
      until: 'at rest',
      onSeen: (seen) => this.#onSeen(seen),
      onSilence: () => this.#say('The server does not answer; trying again for a minute.', { event: 'silence' }),
    });
    return Promise.race([followed, this.#up?.worker?.failed ?? new Promise<never>(() => {})]);
  }

  #onSeen(raw: Snapshot): void {
    const seen = plain(raw);
    for (const news of this.#news(seen)) this.#line.above(() => this.#out.note(news));
    this.#out.event({ event: 'task', ...taskJson(raw) });
    this.#seen = seen;
  }

  /** What ends the following is told at the end, with what to do. */
  #news(seen: Snapshot): string[] {
    const [before, paint] = [this.#seen, this.#out.notePaint];
    return [
      ...(this.#up?.worker === undefined ? workerNews(before, seen) : []),
      ...newsBetween(before, seen, paint),
      ...(restOf(seen) === undefined ? waitNews(before, seen, paint) : []),
    ];
  }

  #onInterrupt(signal: Interrupt): void {
    this.#interrupted = signal;
    if (this.#task === undefined)
      return this.#say('Ending what was just started; Ctrl-C again leaves at once.', { event: 'interrupted' });
    void this.#stopTask(this.#task);
  }

  #stopIfAsked(): void {
    if (this.#interrupted !== undefined) throw new CliFailure(LEFT_AT_ONCE, 'Left before anything was started.');
  }

  /** Ctrl-C is a person's stop; a terminal or machine that goes away leaves the task open for the next worker. */
  async #stopTask(task: TaskHandle): Promise<void> {
    if (this.#interrupted !== 'SIGINT') return this.#leave.abort();
    this.#say('Stopping gently; Ctrl-C again leaves at once.', { event: 'stopping', taskId: task.taskId });
    // A task that closed at this very moment can't be stopped any more: following it tells.
    await sendCommand(task, 'stop', { reason: 'Ctrl-C' }).catch(() => {});
    await sleep(STOP_WITHIN_MS, undefined, { ref: false });
    this.#leave.abort();
  }

  #saysAtOnce(): string {
    if (this.#task === undefined) return 'Left at once; no task was started.';
    const goOn = commandLine(this.options, 'run', '--task', this.#task.taskId);
    return (
      'Left at once: the turn under way is cut off, and a Claude process may live on until the next attempt ends it. ' +
      `The task itself is kept.\nGo on with:  ${goOn}`
    );
  }

  #say(words: string, event: object): void {
    this.#line.above(() => this.#out.note(words));
    this.#out.event(event);
  }
}

/**
 * Lifts whatever holds the task, also a stop that its attempt has not felt yet: the worker of that attempt may be gone.
 * Refused where nothing is there to continue, which is as good.
 */
async function liftHolds(task: TaskHandle): Promise<void> {
  await sendCommand(task, 'continue', {}).catch((error: unknown) => {
    if (!(error instanceof CommandRefusedError)) throw error;
  });
}
