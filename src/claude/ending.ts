// Ends a run, once, for the first reason given: gently (SIGINT leaves the session usable, then SIGTERM, then SIGKILL)
// or at once. Whatever bears the attempt's marker goes with it at the latest then.
import { killMarked, signalGently, type Variable } from '../host/process-tree.js';

/** `lingering`: it had its result and would not go; `broken`: we ourselves failed. */
export type EndReason = 'aborted' | 'timedOut' | 'silent' | 'wrongSession' | 'fenced' | 'lingering' | 'broken';

export const DEFAULT_GENTLE_MS = 5_000;

export class Ending {
  reason: EndReason | undefined;
  private exited = false;
  private next: NodeJS.Timeout | undefined;
  private killing: Promise<unknown> | undefined;

  constructor(
    private readonly pid: number,
    private readonly marker: Variable,
    private readonly gentleMs: number = DEFAULT_GENTLE_MS,
  ) {}

  /** The CLI ends its turn in about 60 ms, a running tool in about 1.2 s, and notes the interruption in its transcript. */
  gently(reason: EndReason): void {
    if (this.exited || this.reason !== undefined) return;
    this.reason = reason;
    this.escalate(['SIGINT', 'SIGTERM']);
  }

  atOnce(reason: EndReason): void {
    if (this.exited || this.killing !== undefined) return;
    this.reason ??= reason;
    clearTimeout(this.next);
    // While the CLI lives, kinship finds even children that dropped the marker.
    const done = () => {
      this.killing = undefined;
    };
    // What goes wrong here goes wrong again in the search after the exit, and is told there.
    this.killing = killMarked(this.marker.name, this.marker.value).then(done, done);
  }

  /** To be called when the CLI has exited: nothing more is sent to its pid. */
  async over(): Promise<void> {
    this.exited = true;
    clearTimeout(this.next);
    await this.killing;
  }

  private escalate([signal, ...harder]: ('SIGINT' | 'SIGTERM')[]): void {
    const reason = this.reason;
    if (reason === undefined) return;
    if (signal === undefined) return this.atOnce(reason);
    signalGently(this.pid, signal);
    this.next = setTimeout(() => this.escalate(harder), this.gentleMs);
  }
}
