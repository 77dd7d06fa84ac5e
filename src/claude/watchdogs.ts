// Watches a run's time: the whole attempt, silence, and how long the CLI lingers after its result. Says when; what is
// then done is ending.ts's. One coarse tick on a monotonic clock: a time-out of 30 days exceeds what a timer can hold.

export interface RunLimits {
  attemptTimeoutMs: number;
  silenceTimeoutMs: number;
  /** How long the CLI may live on after its last result; default 5 s. */
  resultGraceMs?: number;
  /** How long each step of a gentle end may take; default 5 s. */
  gentleMs?: number;
}

export type Alarm = 'timedOut' | 'silent' | 'lingering';

export const DEFAULT_RESULT_GRACE_MS = 5_000;
const TICK_MS = 100;
/** A tick this late means that we ourselves were stopped (SIGSTOP, a paused machine). */
const OVERSLEPT_MS = 2_000;
/** What the CLI said in the meantime still lies in the pipe: time to read it before silence is judged. */
const AFTER_SLEEP_MS = 2_000;

export class Watchdogs {
  private readonly startedAt = performance.now();
  private lastTickAt = this.startedAt;
  private heardAt = this.startedAt;
  private doneSince: number | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly limits: RunLimits,
    private readonly onAlarm: (alarm: Alarm) => void,
  ) {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Something came on stdout. `done`: the turn has its result and nothing is awaited. */
  heard(done: boolean): void {
    this.heardAt = performance.now();
    this.doneSince = done ? (this.doneSince ?? this.heardAt) : undefined;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = performance.now();
    if (now - this.lastTickAt > OVERSLEPT_MS) this.forgiveUntil(now + AFTER_SLEEP_MS);
    this.lastTickAt = now;
    const alarm = this.judge(now);
    if (alarm !== undefined) this.onAlarm(alarm);
  }

  private judge(now: number): Alarm | undefined {
    const graceMs = this.limits.resultGraceMs ?? DEFAULT_RESULT_GRACE_MS;
    if (this.doneSince !== undefined && now - this.doneSince >= graceMs) return 'lingering';
    if (now - this.startedAt >= this.limits.attemptTimeoutMs) return 'timedOut';
    if (now - this.heardAt >= this.limits.silenceTimeoutMs) return 'silent';
    return undefined;
  }

  private forgiveUntil(until: number): void {
    const { silenceTimeoutMs, resultGraceMs = DEFAULT_RESULT_GRACE_MS } = this.limits;
    this.heardAt = Math.max(this.heardAt, until - silenceTimeoutMs);
    if (this.doneSince !== undefined) this.doneSince = Math.max(this.doneSince, until - resultGraceMs);
  }
}
