// Takes all repositories of a workspace, one after the other. Knows which of them a kept moment holds already.
import { writeLink } from './linked-git.js';
import type { Memory } from './memory.js';
import type { Plan } from './plan.js';
import { kept } from './raw-path.js';
import type { RepositoryInput, TakenState } from './repository.js';
import { takeRepository } from './repository.js';

export type RepositoriesInput = Omit<RepositoryInput, 'folder' | 'remembered' | 'held'> & {
  known?: { repositories: RepositoryInput['held'] };
};

export async function takeRepositories(
  input: RepositoriesInput,
  plan: Plan,
  memory: Memory | undefined,
): Promise<TakenState[]> {
  const held = input.known?.repositories ?? [];
  const states: TakenState[] = [];
  for (const folder of plan.repositories) {
    const remembered = memory?.repositories.find(({ notes, stateTree }) =>
      // Only what a moment holds is sure to be in the store still.
      held.some(
        (one) =>
          one.notes.path === notes.path &&
          notes.path === kept(folder) &&
          one.stateTree === stateTree &&
          one.notes.anchor === notes.anchor,
      ),
    );
    states.push(await takeRepository({ ...input, folder, remembered, held }));
  }
  for (const { folder, target } of plan.links) {
    const notes = { path: kept(folder), emptyFolders: [] };
    states.push({
      notes,
      stateTree: await writeLink(input.gitDir, target),
      fingerprint: '',
      lacks: [],
      tracked: undefined,
    });
  }
  return states;
}
