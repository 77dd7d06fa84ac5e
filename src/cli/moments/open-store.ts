// The store of checkpoints as the commands use it: the workers' own, found by the same settings. Reading makes none: a
// store that is not there is somebody's wrong setting.
import { stat } from 'node:fs/promises';
import type { Config } from '../../config.js';
import { type Store, storePlace } from '../../context/store/place.js';
import { openStore } from '../../context/store/store.js';
import { badInput } from '../failure.js';

/** @throws CliFailure where there is none, StoreError where it can't be used */
export async function openKnownStore({ store: configured, home }: Pick<Config, 'store' | 'home'>): Promise<Store> {
  const place = storePlace({ configured, home });
  if (place.url === undefined && !(await isThere(place.gitDir)))
    throw badInput(
      `There is no store of checkpoints at ${place.shown}: nothing has been kept there yet. ` +
        'Where the workers keep theirs is set by TASKRUN_STORE, else by --home (TASKRUN_HOME).',
    );
  return openStore({ configured, home });
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
