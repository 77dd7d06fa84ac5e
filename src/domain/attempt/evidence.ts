// What the host saw of one launch of the CLI: the classifier's only input.

/** How the process came to its end. */
export type RunEnd = 'exited' | 'aborted' | 'timedOut' | 'silent' | 'wrongSession' | 'fenced' | 'spawnFailed';

/** The last `result` line of the stream, as far as it is used. */
export type ResultLine = {
  subtype: string;
  isError: boolean;
  text?: string | undefined;
  terminalReason?: string | undefined;
  apiErrorStatus?: number | undefined;
  errors: readonly string[];
};

export type Evidence = {
  ended: RunEnd;
  exitCode?: number | undefined;
  signal?: string | undefined;
  result?: ResultLine | undefined;
  /** `error` of the newest assistant line that has one, such as `billing_error`. */
  assistantError?: string | undefined;
  rateLimit?: { status: string; resetsAtS?: number | undefined } | undefined;
  /** The newest inner retry the CLI told of. */
  apiRetry?: { attempt: number; maxRetries?: number | undefined; error?: string | undefined } | undefined;
  stderrTail: string;
  /** A sentence of the host where a log could not be written or the process not started. */
  hostProblem?: string | undefined;
};
