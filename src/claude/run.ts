// One run of the Claude CLI, from its start to the last of its processes: started, told one message, watched, ended.
// Owns the order of these; each part is a file of its own. How it ended is a value, whatever happened; what that means
// for the task is not known here.
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { killMarked, type Variable } from '../host/process-tree.js';
import { Ending, type EndReason } from './ending.js';
import { type Message, writeMessage } from './input.js';
import { type Exit, type Launched, launch } from './launch.js';
import { LogFile } from './log-file.js';
import { Output } from './output.js';
import { noProgress, type Progress } from './progress.js';
import { StderrTail } from './stderr-tail.js';
import { type RunLimits, Watchdogs } from './watchdogs.js';

export interface RunRequest {
  path: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** The variable by which every process of this run is found and ended; set on top of `env`. */
  marker: Variable;
  message: Message;
  /** The session that must answer; any other is ended at once. */
  expectSession: string;
  /** Logs of stdout and stderr, appended to. */
  files: { stream: string; stderr: string };
  limits: RunLimits;
  /** Ends the run gently. */
  signal?: AbortSignal | undefined;
  /** The last look before anything is said, with the process already there. False: it is killed, nothing was said. */
  beforeMessage?: (() => Promise<boolean>) | undefined;
  /** After each piece of output; must not throw. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

export type Ended = 'exited' | 'aborted' | 'timedOut' | 'silent' | 'wrongSession' | 'fenced' | 'spawnFailed';

export interface Run extends Exit {
  ended: Ended;
  progress: Progress;
  /** The whole message went into the CLI's stdin; whether it was taken in, progress and transcript say. */
  messageWritten: boolean;
  /** It had its result, did not exit within the grace, and was killed; the result counts. */
  lingered: boolean;
  /** At most 2 KB, printable, without secrets. */
  stderrTail: string;
  durationMs: number;
  /** Processes that outlived the CLI and were killed. */
  leftover: number;
  /** Processes that could not be killed. */
  survivors: number[];
  /** What went wrong beside the outcome: a log cut short, a program that can't be started. */
  problem?: string;
}

/** Output that is still in the pipe when the last process is dead is read within this time. */
const DRAIN_MS = 5_000;

export async function runClaude(request: RunRequest): Promise<Run> {
  const startedAt = performance.now();
  const outcome = await (request.signal?.aborted ? notRun(request, 'aborted') : start(request));
  return { ...outcome, durationMs: Math.round(performance.now() - startedAt) };
}

type Outcome = Omit<Run, 'durationMs'>;

async function start(request: RunRequest): Promise<Outcome> {
  const { path, args, cwd, env, marker, files } = request;
  const [stream, stderr] = await Promise.all([LogFile.open(files.stream), LogFile.open(files.stderr)]);
  try {
    const launched = await launch({ path, args, cwd, env: { ...env, [marker.name]: marker.value } });
    if (!launched.ok) return notRun(request, 'spawnFailed', launched.says);
    const outcome = await new Supervision(request, launched, { stream, stderr }).untilGone();
    const problem = stream.trouble ?? stderr.trouble;
    return problem === undefined ? outcome : { ...outcome, problem };
  } finally {
    await Promise.all([stream.close(), stderr.close()]);
  }
}

function notRun(request: RunRequest, ended: Ended, problem?: string): Outcome {
  const nothing = { messageWritten: false, lingered: false, stderrTail: '', leftover: 0, survivors: [] };
  const progress = noProgress(request.message.uuid);
  return { ended, progress, ...nothing, ...(problem !== undefined && { problem }) };
}

/** A started CLI and everything that looks after it. */
class Supervision {
  private readonly ending: Ending;
  private readonly watchdogs: Watchdogs;
  private readonly output: Output;
  private readonly tail: StderrTail;
  private messageWritten = false;
  private failure: { error: unknown } | undefined;

  constructor(
    private readonly request: RunRequest,
    private readonly launched: Launched,
    private readonly logs: { stream: LogFile; stderr: LogFile },
  ) {
    this.ending = new Ending(launched.pid, request.marker, request.limits.gentleMs);
    this.watchdogs = new Watchdogs(request.limits, (alarm) =>
      alarm === 'lingering' ? this.ending.atOnce(alarm) : this.stop(alarm),
    );
    this.output = new Output(request.message.uuid, (progress) => this.onProgress(progress));
    this.tail = new StderrTail(request.env);
  }

  async untilGone(): Promise<Outcome> {
    const onAbort = () => this.stop('aborted');
    this.request.signal?.addEventListener('abort', onAbort, { once: true });
    const { stdout, stderr, exited } = this.launched;
    const working = [this.deliver(), this.output.read(stdout, this.logs.stream), this.readStderr(stderr)].map((work) =>
      work.catch((error: unknown) => this.fail(error)),
    );
    if (this.request.signal?.aborted) onAbort();
    const exit = await exited;
    this.watchdogs.stop();
    this.request.signal?.removeEventListener('abort', onAbort);
    await this.ending.over();
    const { killed, left } = await killMarked(this.request.marker.name, this.request.marker.value);
    await this.drain(working);
    if (this.failure !== undefined) throw this.failure.error;
    return this.outcome(exit, killed, left);
  }

  /** Before the message is out there is nothing to end gently, and nothing may be said any more. */
  private stop(reason: EndReason): void {
    if (this.messageWritten) this.ending.gently(reason);
    else this.ending.atOnce(reason);
  }

  private fail(error: unknown): void {
    this.failure ??= { error };
    this.ending.atOnce('broken');
  }

  private async deliver(): Promise<void> {
    const { beforeMessage, message } = this.request;
    const gone = this.launched.exited.then(() => 'gone' as const);
    const allowed = beforeMessage === undefined ? true : await Promise.race([beforeMessage(), gone]);
    if (allowed === 'gone' || this.ending.reason !== undefined) return;
    if (!allowed) return this.ending.atOnce('fenced');
    this.messageWritten = await writeMessage(this.launched.stdin, message);
  }

  private async readStderr(stderr: Readable): Promise<void> {
    for await (const chunk of stderr as AsyncIterable<Buffer>) {
      this.tail.push(chunk);
      await this.logs.stderr.write(chunk);
    }
  }

  private onProgress(progress: Progress): void {
    this.watchdogs.heard(progress.result !== undefined && progress.backgroundTasks === 0);
    const { sessionId } = progress;
    if (sessionId !== undefined && sessionId !== this.request.expectSession) this.ending.atOnce('wrongSession');
    this.request.onProgress?.(progress);
  }

  /** Somebody else's process may hold the pipes open for ever: they are not waited for beyond reason. */
  private async drain(working: Promise<void>[]): Promise<void> {
    const enough = new AbortController();
    const timeUp = sleep(DRAIN_MS, undefined, { signal: enough.signal }).catch(() => {});
    await Promise.race([Promise.all(working), timeUp]);
    enough.abort();
    this.launched.stdout.destroy();
    this.launched.stderr.destroy();
    this.launched.stdin.destroy();
  }

  private outcome(exit: Exit, killed: number[], left: number[]): Outcome {
    const { reason } = this.ending;
    return {
      ended: endedBy(reason),
      ...exit,
      progress: this.output.progress,
      messageWritten: this.messageWritten,
      lingered: reason === 'lingering',
      stderrTail: this.tail.text(),
      leftover: killed.length,
      survivors: left,
    };
  }
}

function endedBy(reason: EndReason | undefined): Ended {
  return reason === undefined || reason === 'lingering' || reason === 'broken' ? 'exited' : reason;
}
