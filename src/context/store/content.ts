// What a claim and a checkpoint say, made from what was there before and what lies in the workspace now. Pure.
import { isDeepStrictEqual } from 'node:util';
import { MOMENT_VERSION, type Moment, type MomentAt, type RepositoryNotes, type WorkspaceNotes } from '../moment.js';
import type { TranscriptPlan } from '../transcripts/plan-shape.js';
import type { KnownFiles } from '../workspace/take-shape.js';
import type { Draft } from './commit.js';
import { EMPTY_TREE, type MomentTrees } from './read.js';
import type { TaskKey } from './task-ref.js';

/** The attempt that writes. */
export interface Writer {
  id: string;
  number: number;
  /** The server's scheduled time of the attempt, ms. */
  token: number;
  host: string;
  sessionId: string;
}

export interface Content {
  workspaceTree: string;
  repositories: { notes: RepositoryNotes; stateTree: string; anchor?: string }[];
  workspace: WorkspaceNotes;
  /** Made against the transcripts of the moment before, whose segments it adds to. */
  transcripts: TranscriptPlan;
  lacks: string[];
  withheld: string[];
  /** Taken while the attempt works. */
  during: boolean;
  /** The wish for files that was fulfilled in them last. */
  settledFor?: string;
  /** The moments these files derive from; default: the one before. */
  filesFrom?: string[];
}

/** A moment with its trees: what a new one is built on. */
export interface Kept extends MomentAt {
  trees: MomentTrees;
}

/** A moment's files as the next look at the workspace wants to know them. */
export const filesOf = ({ moment, trees }: Kept): KnownFiles => ({
  tree: trees.workspaceTree,
  repositories: moment.repositories.map((notes, n) => ({ notes, stateTree: trees.stateTrees[n] ?? EMPTY_TREE })),
  workspace: moment.workspace,
  lacks: moment.lacks,
  withheld: moment.withheld,
});

export function differs(kept: Kept, content: Content): boolean {
  const { moment, trees } = kept;
  const { transcripts } = content;
  const same =
    content.workspaceTree === trees.workspaceTree &&
    transcripts.writes.length === 0 &&
    transcripts.deletes.length === 0 &&
    isDeepStrictEqual(
      content.repositories.map(({ stateTree }) => stateTree),
      trees.stateTrees,
    ) &&
    isDeepStrictEqual(repositoriesOf(content), moment.repositories) &&
    isDeepStrictEqual(content.workspace, moment.workspace) &&
    isDeepStrictEqual(transcripts.notes, moment.transcripts) &&
    isDeepStrictEqual(content.lacks, moment.lacks) &&
    isDeepStrictEqual(content.withheld, moment.withheld) &&
    (content.filesFrom === undefined || isDeepStrictEqual(content.filesFrom, moment.filesFrom));
  return !same;
}

/** What is kept stays as it is; the description alone says who may go on from it. */
export function claimDraft(task: TaskKey, writer: Writer, base: Kept | undefined): Draft {
  const held = base?.moment ?? NOTHING;
  const { workspace, repositories, transcripts, lacks, withheld } = held;
  return {
    moment: {
      ...signature(task, writer),
      kind: 'claim',
      during: false,
      ...(base === undefined ? {} : { previous: base.id }),
      filesFrom: base === undefined ? [] : [base.id],
      ...{ workspace, repositories, transcripts, lacks, withheld },
    },
    trees: base?.trees ?? NO_TREES,
    writes: [],
    deletes: [],
  };
}

/**
 * @param kept the moment before, on which the plan of the transcripts was made
 * @param replaces that moment is the writer's own, and goes when this one is there: what it derived from, this one does
 */
export function checkpointDraft(
  task: TaskKey,
  writer: Writer,
  content: Content,
  kept: Kept | undefined,
  replaces: boolean,
): Draft {
  const before = kept === undefined ? [] : [kept.id];
  const [previous] = replaces ? [kept?.moment.previous] : before;
  const filesFrom = content.filesFrom ?? (replaces ? (kept?.moment.filesFrom ?? []) : before);
  const { workspace, transcripts, lacks, withheld, during } = content;
  const anchors = content.repositories.flatMap(({ anchor, notes }) => anchor ?? notes.anchor ?? []);
  return {
    moment: {
      ...signature(task, writer),
      kind: 'checkpoint',
      during,
      ...(content.settledFor === undefined ? {} : { settledFor: content.settledFor }),
      ...(previous === undefined ? {} : { previous }),
      filesFrom,
      ...{ workspace, repositories: repositoriesOf(content), transcripts: transcripts.notes, lacks, withheld },
    },
    trees: {
      workspaceTree: content.workspaceTree,
      stateTrees: content.repositories.map(({ stateTree }) => stateTree),
      anchors,
      ...(kept?.trees.claudeTree === undefined ? {} : { claudeTree: kept.trees.claudeTree }),
    },
    writes: transcripts.writes,
    deletes: transcripts.deletes,
  };
}

const NO_TREES: MomentTrees = { workspaceTree: EMPTY_TREE, stateTrees: [], anchors: [] };
const NOTHING: Pick<Moment, 'workspace' | 'repositories' | 'transcripts' | 'lacks' | 'withheld'> = {
  workspace: { emptyFolders: [], modes: [] },
  repositories: [],
  transcripts: [],
  lacks: [],
  withheld: [],
};

const repositoriesOf = (content: Content): RepositoryNotes[] =>
  content.repositories.map(({ notes, anchor }) => (anchor === undefined ? notes : { ...notes, anchor }));

function signature(task: TaskKey, { id, number, token, host, sessionId }: Writer) {
  const { namespace, taskId, incarnation } = task;
  return {
    version: MOMENT_VERSION as typeof MOMENT_VERSION,
    task: { namespace, taskId, incarnation },
    attempt: { id, number },
    token,
    host,
    at: new Date().toISOString(),
    sessionId,
  };
}
