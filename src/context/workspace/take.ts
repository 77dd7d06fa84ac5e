// Takes what is in a workspace into the store: its files as one tree, the state and the objects of every git repository
// in it. Runs nothing of the workspace and changes nothing in it. Knows no attempt, no ref and no transcript.
import { rm, writeFile } from 'node:fs/promises';
import { GitFailure, git } from '../git.js';
import type { KeptPath, RepositoryNotes, WorkspaceNotes } from '../moment.js';
import type { FilesDraft } from './files.js';
import { draftFiles } from './files.js';
import { forcedFiles } from './forced.js';
import type { Memory } from './memory.js';
import { readMemory, writeMemory } from './memory.js';
import { leaveOutExcess } from './over-limit.js';
import type { Plan } from './plan.js';
import { excludesFile, makePlan } from './plan.js';
import { indexFile, memoryFile, readyPrivateDir } from './private-dir.js';
import { kept } from './raw-path.js';
import { takeRepositories } from './repositories.js';
import type { TakenState } from './repository.js';
import type { Scan } from './scan.js';
import { scanWorkspace } from './scan.js';
import { unreadable } from './unreadable.js';

export { adoptIndex } from './private-dir.js';

export type TakeLimits = { files: number; fileBytes: number; totalBytes: number; timeMs: number };
export const DEFAULT_LIMITS: TakeLimits = {
  files: 200_000,
  fileBytes: 100 * 1024 * 1024,
  totalBytes: 2 * 1024 * 1024 * 1024,
  timeMs: 60_000,
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
  /** The moment before: what is unchanged since is not read again, and stands in when there is no time. */
  known?: { repositories: readonly { notes: RepositoryNotes; stateTree: string }[]; tree: string };
  limits?: TakeLimits;
  signal?: AbortSignal;
};

/** Too much, too large or unreadable is said in `lacks`. @throws GitFailure when the store can't be written */
export async function takeWorkspace(input: TakeInput): Promise<Taken> {
  const limits = input.limits ?? DEFAULT_LIMITS;
  const late = AbortSignal.timeout(limits.timeMs);
  const signal = input.signal === undefined ? late : AbortSignal.any([late, input.signal]);
  await readyPrivateDir(input.privateDir);
  try {
    return await takeOrStartAnew({ ...input, limits, signal });
  } catch (error) {
    if (!late.aborted || input.signal?.aborted === true) throw error;
    return tooLate(input, limits);
  }
}

/** The files of the moment before are better than none. */
async function tooLate(input: TakeInput, limits: TakeLimits): Promise<Taken> {
  const before = input.known === undefined ? 'nothing is kept' : 'those of the checkpoint before are kept';
  return {
    tree: input.known?.tree ?? (await emptyTree(input.gitDir)),
    repositories: (input.known?.repositories ?? []).map(asTaken),
    workspace: { emptyFolders: [], modes: [] },
    lacks: [`the workspace's files could not be read within ${limits.timeMs / 1_000} s; ${before}`],
    withheld: [],
  };
}

const emptyTree = async (gitDir: string): Promise<string> =>
  (await git({ gitDir, args: ['mktree'], input: '' })).toString('latin1').trim();

/** An index may name objects that the store has lost since: without it, everything is read again. */
async function takeOrStartAnew(input: Taking): Promise<Taken> {
  try {
    return await take(input);
  } catch (error) {
    if (!(error instanceof GitFailure) || input.signal.aborted) throw error;
    await rm(indexFile(input.privateDir), { force: true });
    await rm(memoryFile(input.privateDir), { force: true });
    return take(input);
  }
}

type Taking = TakeInput & { limits: TakeLimits; signal: AbortSignal };

async function take(input: Taking): Promise<Taken> {
  const memory = await readMemory(input.privateDir);
  const umask = process.umask();
  const ahead = startAhead(input, memory);
  try {
    const scan = await scanWorkspace({ ...input, fileBytes: input.limits.fileBytes, umask });
    const plan = await planWithin(input, scan);
    const files =
      ahead !== undefined && sameRules(plan, memory) ? ahead : takeFiles(input, { scan, plan, memory, ahead });
    const [draft, repositories] = await settle(
      files,
      takeRepositories({ ...input, fileBytes: input.limits.fileBytes }, plan, memory),
    );
    const { tree, forced } = await finish(input, { draft, repositories, memory });
    await remember(input, plan, { scan, forced, repositories });
    const troubled = scan.troubled || draft.warnings !== '';
    const lacks = [...plan.lacks, ...(troubled ? await unreadable(input, draft.warnings) : [])];
    return taken(plan, { tree, repositories, lacks, umask });
  } finally {
    await ahead?.then(
      (draft) => draft.abandon(),
      () => undefined,
    );
  }
}

/** Most likely nothing has changed that matters to how the files are read: they need not wait for the scan then. */
function startAhead(input: Taking, memory: Memory | undefined): Promise<FilesDraft> | undefined {
  if (memory === undefined || memory.files < WORTH_IT) return undefined;
  const { excluded, nested } = memory;
  const draft = writeFile(excludesFile(input.privateDir), memory.rules, 'latin1').then(() =>
    draftFiles({
      ...input,
      excludesFile: excludesFile(input.privateDir),
      excluded,
      nested,
      rulesChanged: false,
      many: false,
    }),
  );
  // It is looked at only after the scan.
  draft.catch(() => undefined);
  return draft;
}

const WORTH_IT = 2_000;

async function planWithin(input: Taking, scan: Scan): Promise<Plan> {
  const plan = await makePlan(input, scan);
  const { files, totalBytes } = input.limits;
  if (scan.files <= files && scan.bytes <= totalBytes) return plan;
  const rules = { ...input, excludesFile: excludesFile(input.privateDir) };
  const left = await leaveOutExcess(rules, input.limits, plan.excluded);
  return { ...plan, excluded: [...plan.excluded, ...left.excluded], lacks: [...plan.lacks, ...left.lacks] };
}

type Finishing = { draft: FilesDraft; repositories: TakenState[]; memory: Memory | undefined };

async function finish(
  input: Taking,
  { draft, repositories, memory }: Finishing,
): Promise<{ tree: string; forced: string[] }> {
  try {
    const forced = await forcedFiles(input, { draft, repositories, remembered: memory?.forced ?? [] });
    await draft.force(forced);
    return { tree: await draft.finish(), forced };
  } catch (error) {
    await draft.abandon();
    throw error;
  }
}

type Found = { scan: Scan; plan: Plan; memory: Memory | undefined; ahead: Promise<FilesDraft> | undefined };

async function takeFiles(input: Taking, { scan, plan, memory, ahead }: Found): Promise<FilesDraft> {
  await ahead?.then(
    (draft) => draft.abandon(),
    () => undefined,
  );
  return draftFiles({
    ...input,
    excludesFile: excludesFile(input.privateDir),
    excluded: plan.excluded,
    nested: plan.nested,
    rulesChanged: !sameRules(plan, memory),
    many: scan.files > (memory?.files ?? 0) + MANY,
  });
}

const MANY = 1_000;

const sameRules = (plan: Plan, memory: Memory | undefined): boolean =>
  memory !== undefined &&
  plan.rules === memory.rules &&
  plan.excluded.join('\0') === memory.excluded.join('\0') &&
  plan.nested.join('\0') === memory.nested.join('\0');

/** A failure of one leaves nothing of the other behind. */
async function settle(
  files: Promise<FilesDraft>,
  repositories: Promise<TakenState[]>,
): Promise<[FilesDraft, TakenState[]]> {
  const [draft, states] = await Promise.allSettled([files, repositories]);
  if (draft.status === 'fulfilled' && states.status === 'fulfilled') return [draft.value, states.value];
  if (draft.status === 'fulfilled') await draft.value.abandon();
  throw draft.status === 'rejected' ? draft.reason : (states as PromiseRejectedResult).reason;
}

async function remember(
  input: Taking,
  plan: Plan,
  found: { scan: Scan; forced: string[]; repositories: TakenState[] },
): Promise<void> {
  const { repositories } = found;
  const { rules, excluded, nested } = plan;
  await writeMemory(input.privateDir, {
    rules,
    excluded,
    nested,
    forced: found.forced,
    files: found.scan.files,
    repositories,
  });
}

function taken(plan: Plan, found: { tree: string; repositories: TakenState[]; lacks: string[]; umask: number }): Taken {
  return {
    tree: found.tree,
    repositories: found.repositories.map(asTaken),
    workspace: {
      emptyFolders: plan.emptyFolders.map(kept).sort(),
      modes: plan.oddModes.map(({ path, mode }): [KeptPath, number] => [kept(path), mode]).sort(byPath),
      ...(found.umask === USUAL_UMASK ? {} : { umask: found.umask }),
    },
    lacks: [...found.lacks, ...found.repositories.flatMap(({ lacks }) => lacks)],
    withheld: plan.withheld.map(kept).sort(),
  };
}

const USUAL_UMASK = 0o022;
const byPath = (one: [KeptPath, number], other: [KeptPath, number]): number => (one[0] < other[0] ? -1 : 1);

function asTaken({ notes, stateTree }: { notes: RepositoryNotes; stateTree: string }): TakenRepository {
  return { notes, stateTree, ...(notes.anchor === undefined ? {} : { anchor: notes.anchor }) };
}
