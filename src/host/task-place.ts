// Owns where one task keeps its things under TASKRUN_HOME: every path of a task is made here and nowhere else.
// Makes names only; creates nothing. Task ids come from anybody (`/`, `..`, 1,000 characters) and never become a path as they are.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Home } from './home.js';
import { slug } from './slug.js';

export interface TaskIdentity {
  namespace: string;
  taskId: string;
  /** Tells two tasks apart that bear the same id one after the other. */
  incarnation: string;
}

export interface AttemptPlace {
  dir: string;
  /** The CLI's standard output, line by line as it came. */
  stream: string;
  stderr: string;
  /** The output of the setup command. */
  setup: string;
  settings: string;
  mcp: string;
}

export interface TaskPlace {
  /** The directory's name: readable, unique, safe; also the value of the task's process marker. */
  key: string;
  root: string;
  workspace: string;
  claudeConfig: string;
  claims: string;
  /** What the host notes of the workspace. */
  record: string;
  /** What checkpoints need on this host: one directory an attempt. */
  context: string;
  attempt(number: number, attemptId: string): AttemptPlace;
}

const HASH_LENGTH = 20;

export function taskPlace(home: Pick<Home, 'tasks'>, task: TaskIdentity): TaskPlace {
  const key = `${slug(task.taskId)}-${hash(task)}`;
  const root = join(home.tasks, key);
  return {
    key,
    root,
    workspace: join(root, 'workspace'),
    claudeConfig: join(root, 'claude'),
    claims: join(root, 'claims'),
    record: join(root, 'workspace.json'),
    context: join(root, 'context'),
    attempt: (number, attemptId) => attemptPlace(join(root, 'attempts'), number, attemptId),
  };
}

function attemptPlace(attempts: string, number: number, attemptId: string): AttemptPlace {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(attemptId))
    throw new RangeError(`an attempt's id is a uuid, not ${JSON.stringify(attemptId)}`);
  const dir = join(attempts, `${String(number).padStart(4, '0')}-${attemptId}`);
  return {
    dir,
    stream: join(dir, 'stream.jsonl'),
    stderr: join(dir, 'stderr.log'),
    setup: join(dir, 'setup.log'),
    settings: join(dir, 'settings.json'),
    mcp: join(dir, 'mcp.json'),
  };
}

/** JSON keeps the three apart whatever they hold, and writes lone surrogates as escapes instead of folding them into one. */
function hash({ namespace, taskId, incarnation }: TaskIdentity): string {
  const whole = JSON.stringify([namespace, taskId, incarnation]);
  return createHash('sha256').update(whole).digest('hex').slice(0, HASH_LENGTH);
}
