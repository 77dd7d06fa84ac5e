// The one table of defaults and bounds. `--help`, README and refusals read it; nothing else states these numbers.

/** What a task does where its spec is silent. Durations as in the spec. */
export const DEFAULTS = {
  attemptTimeout: '2h',
  silenceTimeout: '10m',
  attempts: 10,
  closeAfterIdle: '30d',
  updateFiles: 'keep',
  resumeFiles: 'ask',
  close: 'when-asked',
  permissionMode: 'acceptEdits',
} as const;

/** Defaults of a worker. */
export const WORKER_DEFAULTS = { concurrency: 4, drainMs: 60_000, checkpointEveryMs: 5 * 60_000 } as const;

/** Defaults of `taskrun gc`: older moments may go. */
export const STORE_DEFAULTS = { olderThan: '30d' } as const;

const KIB = 1024;

export const BOUNDS = {
  /** One prompt, UTF-8 bytes. */
  promptBytes: 256 * KIB,
  /** The open prompts of a task in all, UTF-8 bytes. */
  openBytes: 1024 * KIB,
  /** The same instructions as they are carried: as JSON, with their files and all that belongs to them. */
  openCarriedBytes: 1120 * KIB,
  /** A spec without its prompt and files, as JSON. */
  specBytes: 64 * KIB,
  fileBytes: 256 * KIB,
  labelChars: 100,
  /** A workflow id, UTF-8 bytes: the server's limit. A child started with a longer one wedges its parent. */
  taskIdBytes: 1_000,
  /** Milestones of a task. */
  milestones: 100,
  /** Attempts since the newest checkpoint that a request names. */
  attemptsSince: 50,
  /** What a checkpoint lacks, as history carries it. */
  lacksListed: 10,
  commandChars: 8_192,
  files: 50,
  idChars: 64,
  nameChars: 500,
  reasonChars: 2_000,
  summaryChars: 10_000,
  /** Command ids remembered, continue-as-new included. */
  rememberedIds: 5_000,
  /** Entries in each list of a query; totals count all. */
  listed: 50,
  sessions: 500,
  recent: 5,
  excerptChars: 200,
  /** Text of an attempt's result kept in history. */
  resultChars: 32 * KIB,
  problemChars: 1_500,
  /** State carried across continue-as-new. */
  carriedBytes: Math.floor(1.8 * KIB * KIB),
  memoBytes: 2 * KIB,
  heartbeatBytes: 2 * KIB,
} as const;
