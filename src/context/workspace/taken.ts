// Makes the answer of a take: what was found, in the words of `checkpoint.json`, or what stands in for it.
import { git } from '../git.js';
import type { KeptPath, RepositoryNotes } from '../moment.js';
import type { Plan } from './plan.js';
import type { RawPath } from './raw-path.js';
import { kept } from './raw-path.js';
import type { TakenState } from './repository.js';
import type { TakeInput, TakeLimits, Taken, TakenRepository } from './take-shape.js';

const USUAL_UMASK = 0o022;
/** Of further ones the sentences tell. */
const MOST_OMITTED = 10_000;

export type Found = {
  tree: string;
  repositories: readonly TakenState[];
  unread: { lacks: readonly string[]; omitted: readonly RawPath[] };
  umask: number;
};

export function answer(plan: Plan, { tree, repositories, unread, umask }: Found): Taken {
  const omitted = [...new Set([...plan.omitted, ...unread.omitted])].map(kept).sort().slice(0, MOST_OMITTED);
  return {
    tree,
    repositories: repositories.map(asTaken),
    workspace: {
      emptyFolders: plan.emptyFolders.map(kept).sort(),
      modes: plan.oddModes.map(({ path, mode }): [KeptPath, number] => [kept(path), mode]).sort(byPath),
      ...(umask === USUAL_UMASK ? {} : { umask }),
      ...(omitted.length === 0 ? {} : { omitted }),
    },
    lacks: [...plan.lacks, ...unread.lacks, ...repositories.flatMap(({ lacks }) => lacks)],
    withheld: plan.withheld.map(kept).sort(),
  };
}

/** All of the moment before is better than nothing. */
export async function tooLate({ gitDir, known }: TakeInput, limits: TakeLimits): Promise<Taken> {
  const before = known === undefined ? 'nothing is kept' : 'those of the checkpoint before are kept';
  const late = `the workspace's files could not be read within ${limits.timeMs / 1_000} s; ${before}`;
  return {
    tree: known?.tree ?? (await emptyTree(gitDir)),
    repositories: (known?.repositories ?? []).map(asTaken),
    workspace: known?.workspace ?? { emptyFolders: [], modes: [] },
    lacks: [...new Set([...(known?.lacks ?? []), late])],
    withheld: [...(known?.withheld ?? [])],
  };
}

const emptyTree = async (gitDir: string): Promise<string> =>
  (await git({ gitDir, args: ['mktree'], input: '' })).toString('latin1').trim();

const byPath = (one: [KeptPath, number], other: [KeptPath, number]): number => (one[0] < other[0] ? -1 : 1);

function asTaken({ notes, stateTree }: { notes: RepositoryNotes; stateTree: string }): TakenRepository {
  return { notes, stateTree, ...(notes.anchor === undefined ? {} : { anchor: notes.anchor }) };
}
