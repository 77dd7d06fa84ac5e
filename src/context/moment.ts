// What stands in `checkpoint.json`, the description in each commit of the store. Parsed whenever it is read: a store
// is shared, and whoever may write to it may have written anything.
import { z } from 'zod';

export const MOMENT_VERSION = 1;
export const MOMENT_FILE = 'checkpoint.json';

/** A commit's id: what the contract calls a checkpoint. */
export const momentId = z.string().regex(/^[0-9a-f]{40}$/, { error: 'a checkpoint is 40 hexadecimal digits' });

const RAW = 'base64:';

/**
 * A path inside the workspace, as text. Names on disk are bytes: one that is no UTF-8, or begins with the mark itself,
 * stands as `base64:…`.
 */
const keptPath = z
  .string()
  .refine((path): boolean => isInside(pathBytes(path)), { error: 'a path inside the workspace' });
export type KeptPath = string;

export function keepPath(path: Buffer): KeptPath {
  const text = path.toString('utf8');
  const plain = !text.startsWith(RAW) && Buffer.from(text, 'utf8').equals(path);
  return plain ? text : RAW + path.toString('base64');
}

export const pathBytes = (kept: KeptPath): Buffer =>
  kept.startsWith(RAW) ? Buffer.from(kept.slice(RAW.length), 'base64') : Buffer.from(kept, 'utf8');

/** Relative, without `..`, without an empty or a `.git` part: `.` alone is the workspace itself. */
function isInside(path: Buffer): boolean {
  if (path.equals(Buffer.from('.'))) return true;
  return staysInside(path) && partsOf(path).every((part) => part.toLowerCase() !== '.git');
}

const staysInside = (path: Buffer): boolean =>
  !path.includes(0) && partsOf(path).every((part) => part !== '' && part !== '.' && part !== '..');

const partsOf = (path: Buffer): string[] => path.toString('latin1').split('/');

/** A folder of a repository's own state: it stays inside its `.git`, in which any other name is allowed. */
const stateFolder = z
  .string()
  .refine((path): boolean => staysInside(pathBytes(path)), { error: 'a path inside a .git' });

/** What git does not keep of a workspace. */
export const workspaceNotes = z.object({
  emptyFolders: z.array(keptPath),
  /** Permission bits of files and folders that are neither 644 nor 755, or what `umask` makes of 666 and 777. */
  modes: z.array(z.tuple([keptPath, z.int().min(0).max(0o7777)])),
  /** What files and folders of ordinary permissions lack of 666 and 777; absent: 022. */
  umask: z.int().min(0).max(0o777).optional(),
  /**
   * Files and folders that are in the workspace and left out for another reason than a rule or a name: too large, too
   * many, unreadable, a pipe. Absent: none. Not deleted, whatever the tree looks like.
   */
  omitted: z.array(keptPath).optional(),
});
export type WorkspaceNotes = z.infer<typeof workspaceNotes>;

/** One git repository of the workspace; its state lies under `git/<n>/`, n being its place in the list. */
export const repositoryNotes = z.object({
  /** The folder that its `.git` is in; `.` for the workspace itself. */
  path: keptPath,
  /** The commit among the moment's parents that holds every object of it. Absent: there was none to hold. */
  anchor: momentId.optional(),
  /** Empty folders of its `.git`, where git itself would miss them. */
  emptyFolders: z.array(stateFolder),
});
export type RepositoryNotes = z.infer<typeof repositoryNotes>;

/** The tree has three digits for each of two levels. */
const MOST_SEGMENTS = 1000 * 256;

/** One session's transcript; its bytes lie under `claude/<session>/segments/`, its side folder under `files/`. */
export const transcriptNotes = z.object({
  sessionId: z.uuid(),
  bytes: z.int().min(0),
  segments: z.int().min(0).max(MOST_SEGMENTS),
  /** SHA-256 of the last bytes kept: that the file only grew since is seen by them. */
  tailHash: z.string(),
  /** `--continue` takes the newest. */
  modifiedAtMs: z.number(),
  /** The last message of the conversation, by which one that has gone on is forked from here. */
  lastMessageId: z.string().optional(),
  /** Fingerprint of the side folder's names, sizes and times; absent where there is none. */
  sideFolder: z.string().optional(),
});
export type TranscriptNotes = z.infer<typeof transcriptNotes>;

export const moment = z.object({
  version: z.literal(MOMENT_VERSION),
  /** A claim holds what the moment before it held, and says who may write the next one. */
  kind: z.enum(['claim', 'checkpoint']),
  task: z.object({ namespace: z.string(), taskId: z.string(), incarnation: z.string() }),
  attempt: z.object({ id: z.string(), number: z.int() }),
  /** The server's scheduled time of the attempt, ms: of two claims the higher is the newer. */
  token: z.number(),
  host: z.string(),
  at: z.string(),
  /** The session that the attempt works on. */
  sessionId: z.string(),
  /** Taken while the attempt worked. */
  during: z.boolean(),
  /** The wish for files that was fulfilled in them last. */
  settledFor: z.string().optional(),
  /** The moment before this one on the task's line. */
  previous: momentId.optional(),
  /** The moments that these files derive from; two after a merge. */
  filesFrom: z.array(momentId),
  workspace: workspaceNotes,
  repositories: z.array(repositoryNotes),
  transcripts: z.array(transcriptNotes),
  /** What should be here and is not, a sentence each; empty: the moment is whole. */
  lacks: z.array(z.string()),
  /** What is left out on purpose (secrets), a path each. */
  withheld: z.array(keptPath),
});
export type Moment = z.infer<typeof moment>;
export type MomentAt = { id: string; moment: Moment };
