// Every public name: workflow type, queue, commands, queries, memo, search attributes.
// Other people's clients use exactly these; none may change.

export const WORKFLOW_TYPE = 'taskRun';
export const TASK_QUEUE = 'taskrun';

/** Short activities have a queue and a worker of their own, so that a long attempt never delays them. */
export const shortQueueOf = (taskQueue: string): string => `${taskQueue}-short`;

/** Attempts that go on with a workspace are offered to its host first. */
export const hostQueueOf = (taskQueue: string, hostId: string): string => `${taskQueue}-host-${hostId}`;

/** The commands a task takes, each as a Signal and as an Update of the same name and payload. */
export const COMMANDS = ['update', 'continue', 'resume', 'answer', 'stop', 'drop', 'fork', 'mark', 'finish'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** Commands of the contract whose part is not built in this version: refused by name. */
export const LATER_COMMANDS = ['extend'] as const;

export const QUERIES = ['task', 'sessions', 'attempts', 'waiting'] as const;
export type QueryName = (typeof QUERIES)[number];

/** Memo key that mirrors `{phase, waiting}`: readable with no worker up. */
export const MEMO_KEY = 'taskrun';

/** Search attributes and their types, upserted only where the namespace knows them. */
export const SEARCH_ATTRIBUTES = {
  TaskRunPhase: 'Keyword',
  TaskRunWaiting: 'Keyword',
  TaskRunService: 'Keyword',
  TaskRunRequestedBy: 'Keyword',
  TaskRunSessions: 'KeywordList',
  TaskRunContextVersion: 'Int',
  TaskRunCostUsd: 'Double',
} as const;
export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;

/** The server's numbers for these types, in its own enum. */
export const SEARCH_ATTRIBUTE_TYPES = { Keyword: 2, Int: 3, Double: 4, KeywordList: 7 } as const;

/** Failure type of an attempt that a worker hands back before anything has begun. */
export const BUSY = 'Busy';

/** Failure type of a start whose spec is refused; never retried. */
export const INVALID_SPEC = 'InvalidSpec';
