// What is known of an attempt under way, kept for the heartbeat and, at the end, for the report.

import { stat } from 'node:fs/promises';
import { hasUuid } from '../../claude/delivery.js';
import { configHome } from '../../claude/environment.js';
import type { Progress } from '../../claude/progress.js';
import { transcriptPath } from '../../claude/transcript.js';
import type { AttemptProgress, AttemptReport, AttemptRequest } from '../../contract/attempt.js';
import { BOUNDS } from '../../contract/limits.js';
import { excerpt, jsonBytes } from '../../contract/text.js';
import type { TaskPlace } from '../../host/task-place.js';
import type { AttemptHost } from './host.js';

const LOOK_MS = 1_000;
const LAST_WORDS_CHARS = 300;

export class ProgressKeeper {
  #progress: AttemptProgress;
  #sentWhy: string | undefined;

  constructor(
    private readonly request: AttemptRequest,
    private readonly host: AttemptHost,
    log: string,
    private readonly onProgress: (progress: AttemptProgress) => void,
  ) {
    const at = new Date().toISOString();
    this.#progress = {
      attemptId: request.attemptId,
      doing: 'preparing',
      host: host.hostname,
      seen: request.session.seen,
      delivered: false,
      turns: 0,
      startedAt: at,
      at,
      log,
    };
    this.#told();
  }

  /** Only a host that has the workspace is asked first for the next attempt. */
  hasWorkspace(): void {
    this.#change({ hostId: this.host.hostId });
  }

  sends(flags: string, why?: string): void {
    this.#sentWhy = why;
    this.#change({ doing: 'working', sent: flags });
  }

  /** What the CLI's count of a fork holds from the start. */
  inherits(costUsd: number): void {
    this.#change({ inheritedCostUsd: costUsd });
  }

  kept(checkpoint: string): void {
    this.#change({ checkpoint });
  }

  /** The launch came to nothing: no process was there. */
  sentNothing(): void {
    const { sent: _, ...rest } = this.#progress;
    this.#progress = rest;
  }

  /** The transcript says; what it showed once stays known. */
  saw(facts: { seen: boolean; delivery: 'absent' | 'unfinished' | 'finished' }): void {
    this.#change({
      seen: this.#progress.seen || facts.seen,
      delivered: this.#progress.delivered || facts.delivery !== 'absent',
    });
  }

  heard(seen: Progress): void {
    const { tool: _, ...rest } = this.#progress;
    this.#progress = {
      ...rest,
      turns: seen.turns,
      ...(seen.sessionId === undefined ? {} : { sessionId: excerpt(seen.sessionId, 80) }),
      ...(seen.tool === undefined ? {} : { tool: excerpt(seen.tool.name, 80) }),
      ...(seen.lastWords === undefined ? {} : { lastWords: excerpt(seen.lastWords, LAST_WORDS_CHARS) }),
      ...(seen.sessionCostUsd === undefined ? {} : { sessionCostUsd: seen.sessionCostUsd }),
    };
    this.#told();
  }

  /** Looks for the transcript and the instruction in it until both are there. Returns how to stop looking. */
  follow(place: TaskPlace, workspace: string): () => void {
    let stopped = false;
    let timer: NodeJS.Timeout;
    const look = async (): Promise<void> => {
      const path = await transcriptPath(
        configHome(this.host.env, place.claudeConfig).dir,
        workspace,
        this.request.session.id,
      );
      const seen = (await stat(path).catch(() => undefined)) !== undefined;
      const delivered = this.#progress.delivered || (seen && (await hasUuid(path, this.request.instruction.id)));
      if (stopped) return;
      this.#change({ seen: this.#progress.seen || seen, delivered });
      if (!delivered) later();
    };
    const later = (): void => {
      if (!stopped) timer = setTimeout(() => void look().catch(later), LOOK_MS);
    };
    later();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }

  report(
    end: Pick<AttemptReport, 'outcome'> & Partial<Pick<AttemptReport, 'text' | 'problem' | 'sentWhy' | 'question'>>,
  ): AttemptReport {
    const { attemptId, sent, seen, delivered, turns, sessionCostUsd, inheritedCostUsd, host, log, startedAt } =
      this.#progress;
    const why = end.sentWhy ?? this.#sentWhy;
    return {
      attemptId,
      sent: sent ?? '',
      seen,
      delivered,
      turns,
      host,
      startedAt,
      endedAt: new Date().toISOString(),
      ...(sessionCostUsd === undefined ? {} : { sessionCostUsd }),
      ...(inheritedCostUsd === undefined ? {} : { inheritedCostUsd }),
      ...(log === undefined ? {} : { log }),
      ...end,
      ...(why === undefined ? {} : { sentWhy: why }),
    };
  }

  #change(change: Partial<AttemptProgress>): void {
    this.#progress = { ...this.#progress, ...change };
    this.#told();
  }

  #told(): void {
    this.#progress = { ...this.#progress, at: new Date().toISOString() };
    this.onProgress(fitted(this.#progress));
  }
}

/** Characters are not bytes: a long path or words in another script give way before a heartbeat grows beyond its bound. */
function fitted(progress: AttemptProgress): AttemptProgress {
  let fit = progress;
  for (const less of ['lastWords', 'log', 'tool', 'sent'] as const) {
    if (jsonBytes(fit) <= BOUNDS.heartbeatBytes) return fit;
    const { [less]: _, ...rest } = fit;
    fit = rest;
  }
  return fit;
}
