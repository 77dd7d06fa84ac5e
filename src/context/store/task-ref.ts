// The names of a task's refs in the store. Makes names only: task ids, attempt ids and labels come from anybody, or from
// a checkpoint that anybody may have written, and never become a ref as they are.
import { createHash } from 'node:crypto';
import { slug } from '../../host/slug.js';

export interface TaskKey {
  namespace: string;
  taskId: string;
  /** Tells two tasks apart that bear the same id one after the other. */
  incarnation: string;
}

export interface TaskRefs {
  root: string;
  head: string;
  /** The last checkpoint of an earlier attempt. */
  moment(attemptId: string): string;
  /** What is outside the line: strays and safety checkpoints. */
  side(attemptId: string, n: number): string;
  mark(label: string): string;
  /** The moment that the task was taken back to last. */
  rewound: string;
  /** On a mirror: commits of this host that the remote has not taken yet. */
  pending: string;
}

const ROOT = 'refs/taskrun/';
const PENDING = 'refs/taskrun-pending/';
const SCRATCH = 'refs/taskrun-scratch/';
const HASH_LENGTH = 20;
const SAFE = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

export function taskRefs(task: TaskKey): TaskRefs {
  const own = `${idKey(task)}/${safe(task.incarnation)}/`;
  const root = ROOT + own;
  return {
    root,
    head: `${root}head`,
    moment: (attemptId) => `${root}moments/${safe(attemptId)}`,
    side: (attemptId, n) => `${root}side/${safe(attemptId)}-${n}`,
    mark: (label) => `${root}marks/${hash(label)}`,
    rewound: `${root}rewound`,
    pending: PENDING + own,
  };
}

/** Of all tasks that ever bore this id: a closed one is found under it. */
export const idRoot = (task: Pick<TaskKey, 'namespace' | 'taskId'>): string => `${ROOT}${idKey(task)}/`;

/** Where an attempt's commits are written before a ref of the task names them. */
export const scratchRef = (attemptId: string, unique: string): string => `${SCRATCH}${safe(attemptId)}-${unique}`;

export const pendingHead = (task: TaskKey, attemptId: string): string =>
  `${taskRefs(task).pending}head/${safe(attemptId)}`;
export const pendingSide = (task: TaskKey, attemptId: string, unique: string): string =>
  `${taskRefs(task).pending}side/${safe(attemptId)}-${unique}`;

const idKey = ({ namespace, taskId }: Pick<TaskKey, 'namespace' | 'taskId'>): string =>
  `${slug(taskId)}-${hash(JSON.stringify([namespace, taskId]))}`;

const safe = (id: string): string => (SAFE.test(id) ? id : `x-${hash(id)}`);
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
