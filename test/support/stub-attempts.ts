// A stand-in for the attempt where the workflow is the subject: an `attempt` activity that heartbeats and waits until
// the test says how it ends. Asked to cancel it ends gently, as the real one does, unless the test wants it otherwise.
import { Context } from '@temporalio/activity';
import type { Activities } from '../../src/contract/activities.js';
import type { AttemptProgress, AttemptReport, AttemptRequest, Outcome } from '../../src/contract/attempt.js';
import type { Problem } from '../../src/contract/fault.js';
import { until } from './poll.js';

const HEARTBEAT_MS = 200;

/** One launch under way. */
export class StubAttempt {
  /** Set once the activity was asked to cancel: `asked` by the task, `other` by a shutdown or a time-out. */
  cancelled?: 'asked' | 'other';
  ended = false;
  #beating = true;
  #end: (answer: unknown) => void = () => {};
  #fail: (error: Error) => void = () => {};
  readonly answer: Promise<unknown>;
  progress: AttemptProgress;

  constructor(
    readonly request: AttemptRequest,
    /** The queue of the worker that took it. */
    readonly taskQueue: string,
    /** Ends with a report when asked to, as the real one does. */
    public endsGently: boolean,
  ) {
    const at = new Date().toISOString();
    this.progress = {
      attemptId: request.attemptId,
      doing: 'working',
      host: 'stub-host',
      sent: sentOf(request),
      sessionId: request.session.id,
      seen: true,
      delivered: true,
      turns: 1,
      lastWords: `working on: ${request.instruction.prompt.slice(0, 40)}`,
      startedAt: at,
      at,
    };
    this.answer = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.answer.catch(() => {});
  }

  /** Ends it with a report. */
  end(outcome: Outcome, more: Partial<AttemptReport> = {}): void {
    this.return({ ...this.#report(outcome), ...more });
  }

  done(text = `did: ${this.request.instruction.prompt.slice(0, 60)}`, more: Partial<AttemptReport> = {}): void {
    this.end('done', { text, ...more });
  }

  fault(problem: Problem, more: Partial<AttemptReport> = {}): void {
    this.end('fault', { problem, ...more });
  }

  /** Ends the activity with anything, a report or not. */
  return(answer: unknown): void {
    this.ended = true;
    this.#end(answer);
  }

  /** Ends the activity with an error. */
  throw(error: Error): void {
    this.ended = true;
    this.#fail(error);
  }

  /** No heartbeat from now on, as if the worker's machine had lost its power. */
  fallSilent(): void {
    this.#beating = false;
  }

  beats = 0;

  beat(): void {
    if (!this.#beating || this.ended) return;
    Context.current().heartbeat(this.progress);
    this.beats += 1;
  }

  cancel(how: 'asked' | 'other'): void {
    this.cancelled = how;
    if (this.endsGently) this.end(how === 'asked' ? 'ended' : 'handedOver');
  }

  #report(outcome: Outcome): AttemptReport {
    const { attemptId, sent = '', seen, delivered, turns, host, startedAt } = this.progress;
    return { attemptId, outcome, sent, seen, delivered, turns, host, startedAt, endedAt: new Date().toISOString() };
  }
}

/** All the launches that a worker was given. */
export class StubAttempts {
  readonly all: StubAttempt[] = [];
  /** What happens to an attempt at once, without the test's word: by default nothing. */
  onLaunch: (attempt: StubAttempt) => void = () => {};
  /** Of the attempts launched from now on. */
  endsGently = true;

  readonly activities: Activities = {
    attempt: async (request) => {
      const context = Context.current();
      const attempt = new StubAttempt(request, context.info.taskQueue, this.endsGently);
      this.all.push(attempt);
      const timer = setInterval(() => attempt.beat(), HEARTBEAT_MS);
      attempt.beat();
      context.cancellationSignal.addEventListener('abort', () =>
        attempt.cancel(context.cancellationDetails?.cancelRequested === true ? 'asked' : 'other'),
      );
      this.onLaunch(attempt);
      try {
        return (await attempt.answer) as AttemptReport;
      } finally {
        clearInterval(timer);
      }
    },
  };

  of(taskId: string): StubAttempt[] {
    return this.all.filter(({ request }) => request.taskId === taskId);
  }

  /** The attempt of this number, once it was launched. */
  launched(taskId: string, number: number, timeoutMs = 60_000): Promise<StubAttempt> {
    return until(() => this.of(taskId).find(({ request }) => request.number === number), {
      what: `attempt ${number} of ${taskId}`,
      timeoutMs,
    });
  }

  /** Lets go of whatever still waits, so that a worker can end. */
  release(): void {
    for (const attempt of this.all) if (!attempt.ended) attempt.end('handedOver');
  }
}

function sentOf({ intention, session }: AttemptRequest): string {
  if (intention === 'continue') return '--continue';
  if (intention === 'fork')
    return `--resume=${session.forkOf?.sessionId ?? '…'} --fork-session --session-id=${session.id}`;
  return intention === 'start' ? `--session-id=${session.id}` : `--resume=${session.id}`;
}
