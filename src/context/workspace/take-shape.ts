// What taking a workspace is given and what it answers. Shapes and limits alone.
import type { KeptPath, RepositoryNotes, WorkspaceNotes } from '../moment.js';

export type TakeLimits = { files: number; fileBytes: number; totalBytes: number; timeMs: number };
export const DEFAULT_LIMITS: TakeLimits = {
  files: 200_000,
  fileBytes: 100 * 1024 * 1024,
  totalBytes: 2 * 1024 * 1024 * 1024,
  timeMs: 60_000,
};

/** The moment before: what is unchanged since is not read again, and all of it stands in when there is no time. */
export type KnownFiles = {
  tree: string;
  repositories: readonly { notes: RepositoryNotes; stateTree: string }[];
  workspace?: WorkspaceNotes;
  lacks?: readonly string[];
  withheld?: readonly KeptPath[];
};

export type TakenRepository = { notes: RepositoryNotes; stateTree: string; anchor?: string };
export type Taken = {
  tree: string;
  repositories: TakenRepository[];
  workspace: WorkspaceNotes;
  lacks: string[];
  withheld: KeptPath[];
};
export type TakeInput = {
  gitDir: string;
  workspace: string;
  privateDir: string;
  known?: KnownFiles;
  limits?: TakeLimits;
  signal?: AbortSignal;
};
/** With everything decided. */
export type Taking = TakeInput & { limits: TakeLimits; signal: AbortSignal };
