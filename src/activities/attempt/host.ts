// What an attempt needs from the worker that runs it, and from the call it answers. Free of Temporal: the whole of an
// attempt can be run and tested without a server.
import type { AttemptProgress } from '../../contract/attempt.js';
import type { Home } from '../../host/home.js';

export type AttemptHost = {
  home: Home;
  namespace: string;
  hostname: string;
  /** The worker's environment; Claude gets an allow-list of it. */
  env: Readonly<Record<string, string | undefined>>;
  claude?: string | undefined;
  claudeEnvNames: readonly string[];
  forbidBypass: boolean;
  /** `TASKRUN_STORE`. */
  store?: string | undefined;
  /** Names the queue of this host. */
  hostId: string;
  /** Between checkpoints while an attempt works; 0: none then. */
  checkpointEveryMs: number;
};

export type AttemptCall = {
  /** The server's time of scheduling, ms: of two attempts of a task the higher is the newer. */
  token: number;
  /** Asks for a gentle end. */
  signal: AbortSignal;
  /** How an attempt ended on request is called: by the task, or by a worker that shuts down. */
  endedAs(): 'ended' | 'handedOver';
  /** The server still waits for this very attempt: a thawed worker asks before it launches anything. */
  isPending(): Promise<boolean>;
  onProgress(progress: AttemptProgress): void;
};
