// The activity `attempt`: an attempt under Temporal. Heartbeats, cancellation and "is it still mine" are mapped here
// and nowhere else.
import { hostname } from 'node:os';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Activities } from '../contract/activities.js';
import type { AttemptProgress, AttemptReport } from '../contract/attempt.js';
import { BUSY } from '../contract/names.js';
import { attemptProblem } from './attempt/failure.js';
import type { AttemptHost } from './attempt/host.js';
import { runAttempt } from './attempt/run-attempt.js';
import { type IsPending, isStillPending } from './still-pending.js';

const HEARTBEAT_MS = 2_000;

/** The attempts under way on this worker. */
export class Attempts {
  #underWay = 0;

  constructor(
    private readonly host: Omit<AttemptHost, 'hostname'>,
    private readonly concurrency: number,
    private readonly isPending: IsPending = isStillPending,
  ) {}

  /** Names the queue on which this host is asked first. */
  get hostId(): string {
    return this.host.hostId;
  }

  get underWay(): number {
    return this.#underWay;
  }

  readonly activities: Activities = {
    attempt: async (request) => {
      if (this.#underWay >= this.concurrency) throw busy();
      this.#underWay += 1;
      const beating = new Heartbeat();
      try {
        return await this.#run(request, beating);
      } finally {
        beating.stop();
        this.#underWay -= 1;
      }
    },
  };

  async #run(request: Parameters<Activities['attempt']>[0], beating: Heartbeat): Promise<AttemptReport> {
    const context = Context.current();
    if (request?.attemptId === undefined) throw attemptProblem('unknown', 'an attempt without its request');
    return runAttempt(
      request,
      { ...this.host, hostname: hostname() },
      {
        token: context.info.scheduledTimestampMs,
        signal: context.cancellationSignal,
        // Only a user's stop is the task's own; a drain, a pause or a lost heartbeat hands the work over.
        endedAs: () => (context.cancellationDetails?.cancelRequested === true ? 'ended' : 'handedOver'),
        isPending: () => this.isPending(context),
        onProgress: (progress) => beating.note(progress),
      },
    );
  }
}

/** Two queues were given the last slot: nothing has begun, and the attempt is offered again. */
const busy = (): Error => ApplicationFailure.nonRetryable('this worker has no slot free', BUSY);

/** One heartbeat at once and then every two seconds, with the newest progress. */
class Heartbeat {
  #progress: AttemptProgress | undefined;
  readonly #context = Context.current();
  readonly #timer = setInterval(() => this.#beat(), HEARTBEAT_MS);

  note(progress: AttemptProgress): void {
    const first = this.#progress === undefined;
    this.#progress = progress;
    if (first) this.#beat();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    // The time is that of the beat: a tool that works for an hour says nothing meanwhile, and nobody is lost.
    this.#context.heartbeat(this.#progress && { ...this.#progress, at: new Date().toISOString() });
  }
}
