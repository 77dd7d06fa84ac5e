// Today's files against those of the moment that is picked up: kept, given up for it, merged, or asked about. What is
// there today is a checkpoint before anything changes. Runs before a launch, once for what was asked.
import { type Change, changesBetween } from '../../context/compare/changes.js';
import { mergeBase, mergeFiles } from '../../context/compare/merge.js';
import { shownPath } from '../../context/compare/shown.js';
import type { MomentAt } from '../../context/moment.js';
import { readMoment, readTrees } from '../../context/store/read.js';
import type { Store } from '../../context/store/store.js';
import { restoreFiles, restoreWorkspace } from '../../context/workspace/restore.js';
import type { FilesQuestion, WantedFiles } from '../../contract/attempt.js';
import { BOUNDS } from '../../contract/limits.js';
import { cut } from '../../contract/text.js';
import { attemptProblem } from './failure.js';
import type { SafetyNet } from './safety-net.js';

const FILES_NAMED = 8;

export type SettledFiles = { question: FilesQuestion } | { question?: undefined; filesFrom?: string[] };

/** Runs what changes files, with a note that they are neither the old nor the new meanwhile; `today` is a checkpoint of the old. */
export type Changing = (today: string, work: () => Promise<unknown>) => Promise<void>;

/** @throws AttemptProblem where the store is out of reach, or knows no such moment of this task */
export async function settleFiles(
  wanted: WantedFiles,
  net: SafetyNet,
  workspace: string,
  changing: Changing,
): Promise<SettledFiles> {
  const store = await net.mustHaveStore();
  const theirs = await momentOf(store, net, wanted.checkpoint);
  const today = await todayOf(store, net, workspace);
  if (await areAlike(store, today.id, theirs.id)) return {};
  switch (wanted.mode) {
    case 'keep':
      return {};
    case 'ask':
      return { question: await askAbout(store, today, theirs) };
    case 'restore':
      await changing(today.id, () =>
        net.bring(() => restoreWorkspace({ gitDir: store.gitDir, workspace, privateDir: net.privateDir, ...theirs })),
      );
      return { filesFrom: [theirs.id] };
    case 'merge':
      return merge({ store, net, workspace, changing }, today, theirs, wanted.answered);
  }
}

async function momentOf(store: Store, net: SafetyNet, id: string): Promise<MomentAt> {
  const moment = await readMoment(store, id);
  if (moment === undefined) throw attemptProblem('checkpoint', `The store holds no checkpoint ${id} of this task.`);
  const { task } = moment;
  if (task.taskId === net.task.taskId && task.namespace === net.task.namespace) return { id, moment };
  throw attemptProblem('checkpoint', `Checkpoint ${id.slice(0, 12)} is one of task "${task.taskId}", not of this one.`);
}

/** A safety checkpoint, kept beside the task's line so that nothing takes its place. */
async function todayOf(store: Store, net: SafetyNet, workspace: string): Promise<MomentAt> {
  const id = await net.keepAside(workspace, net.base);
  const moment = await readMoment(store, id);
  if (moment === undefined) throw attemptProblem('store', `The safety checkpoint ${id} can't be read back.`);
  return { id, moment };
}

/** Files and the state of the repositories in them. */
async function areAlike(store: Store, a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([readTrees(store, a), readTrees(store, b)]);
  if (one === undefined || other === undefined || String(one.stateTrees) !== String(other.stateTrees)) return false;
  return one.workspaceTree === other.workspaceTree || (await filesChanged(store, a, b)).length === 0;
}

/** The task's own documents, which come with each instruction, are no work that could be lost. */
const filesChanged = async (store: Store, a: string, b: string): Promise<Change[]> =>
  (await changesBetween(store, a, b)).changes.filter(({ path }) => !path.startsWith('.taskrun/'));

async function askAbout(store: Store, today: MomentAt, theirs: MomentAt): Promise<FilesQuestion> {
  const changes = await filesChanged(store, theirs.id, today.id);
  const since = `Since ${sayMoment(theirs)} its files have changed`;
  const what = changes.length === 0 ? 'in the state of a git repository only' : sayChanges(changes);
  const says = `${since}: ${what}. Keep today's files, restore those of that moment, or merge both? Today's are checkpoint ${today.id.slice(0, 12)} in any case.`;
  return { says: cut(says, BOUNDS.problemChars), picks: ['keep', 'restore', 'merge'], safety: today.id };
}

type Merging = { store: Store; net: SafetyNet; workspace: string; changing: Changing };

async function merge(
  { store, net, workspace, changing }: Merging,
  today: MomentAt,
  theirs: MomentAt,
  withMarkers: boolean,
): Promise<SettledFiles> {
  const merged = await mergeFiles(store, {
    base: await mergeBase(store, today, theirs),
    ours: today.id,
    theirs: theirs.id,
    oursLabel: 'today',
    theirsLabel: sayMoment(theirs),
    omitted: { ours: today.moment.workspace.omitted ?? [], theirs: theirs.moment.workspace.omitted ?? [] },
  });
  if (!merged.clean && !withMarkers) {
    const says = `${merged.says}\nKeep today's files, restore those of ${sayMoment(theirs)}, or merge with conflict markers for Claude to resolve?`;
    return {
      question: { says: cut(says, BOUNDS.problemChars), picks: ['keep', 'restore', 'merge'], safety: today.id },
    };
  }
  const { gitDir } = store;
  const { privateDir } = net;
  await changing(today.id, () => net.bring(() => restoreFiles({ gitDir, workspace, privateDir, tree: merged.tree })));
  return { filesFrom: [today.id, theirs.id] };
}

function sayChanges(changes: readonly Change[]): string {
  const kinds = [...new Set(changes.map(({ how }) => how))].map(
    (how) => `${changes.filter((one) => one.how === how).length} ${how}`,
  );
  const named = changes.slice(0, FILES_NAMED).map(({ path }) => shownPath(path, 60));
  const rest = changes.length - named.length;
  return `${kinds.join(', ')} (${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`;
}

const sayMoment = ({ id, moment }: MomentAt): string =>
  `attempt ${moment.attempt.number} (checkpoint ${id.slice(0, 12)})`;
