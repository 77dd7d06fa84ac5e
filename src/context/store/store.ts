// Opens the place where checkpoints are kept: a bare git repository of this host, or a mirror of a remote one.
// Knows nothing of tasks and of what a checkpoint holds.
import { checkFormat } from './format.js';
import { makeRepository } from './make-repository.js';
import { type Store, storePlace } from './place.js';
import { orStoreError } from './store-error.js';

export type { Store } from './place.js';
export { StoreError, type StoreProblemKind, storeError } from './store-error.js';

/**
 * Makes the store where a directory is missing or empty. A remote one is asked once, by the first that opens it from
 * this host; later it may be away without an error here.
 * @param input.configured `TASKRUN_STORE`; unset: `store.git` in the home
 * @param input.home `TASKRUN_HOME`, an absolute path
 * @throws StoreError
 */
export async function openStore(input: { configured?: string | undefined; home: string }): Promise<Store> {
  const store = storePlace(input);
  return orStoreError(store, async () => {
    await makeRepository(store);
    await checkFormat(store);
    return store;
  });
}
