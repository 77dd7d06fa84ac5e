// How the files of a workspace are read beside the look through it: ahead of it where most likely nothing has changed
// that matters to how they are read, else once it is known what to leave out.
import { writeFile } from 'node:fs/promises';
import type { ScrubbedFile } from './bare.js';
import type { FilesDraft } from './files.js';
import { draftFiles } from './files.js';
import { forcedFiles } from './forced.js';
import { type Memory, RULES_UNKNOWN } from './memory.js';
import type { Plan } from './plan.js';
import { excludesFile } from './plan.js';
import type { RawPath } from './raw-path.js';
import type { TakenState } from './repository.js';
import type { Scan } from './scan.js';
import type { Taking } from './take-shape.js';

type Ahead = Promise<FilesDraft> | undefined;

const WORTH_IT = 2_000;
/** So many new files go into a pack. */
const MANY = 1_000;

export function startAhead(input: Taking, memory: Memory | undefined): Ahead {
  if (memory === undefined || memory.files < WORTH_IT || memory.rules === RULES_UNKNOWN) return undefined;
  const { excluded, nested } = memory;
  const rules = excludesFile(input.privateDir);
  const reading = { ...input, excludesFile: rules, excluded, nested, rulesChanged: false, many: false };
  const draft = writeFile(rules, memory.rules, 'latin1')
    .then(() => draftFiles(reading))
    .then((begun) => finishAhead(input, memory, begun));
  // It is looked at only after the scan.
  draft.catch(() => undefined);
  return draft;
}

/** Most likely nothing but the same files is to be forced either. */
async function finishAhead(input: Taking, memory: Memory, draft: FilesDraft): Promise<FilesDraft> {
  try {
    await draft.force(await forcedFiles(input, { draft, repositories: [], remembered: memory.forced }));
    draft.hasten();
    return draft;
  } catch (error) {
    await draft.abandon();
    throw error;
  }
}

type Found = { scan: Scan; plan: Plan; memory: Memory | undefined; ahead: Ahead };

export async function takeFiles(input: Taking, { scan, plan, memory, ahead }: Found): Promise<FilesDraft> {
  const rulesChanged = !sameRules(plan, memory);
  if (ahead !== undefined && !rulesChanged) return ahead;
  await abandon(ahead);
  return draftFiles({
    ...input,
    excludesFile: excludesFile(input.privateDir),
    excluded: plan.excluded,
    nested: plan.nested,
    rulesChanged,
    many: scan.files > (memory?.files ?? 0) + MANY,
  });
}

export const abandon = async (ahead: Ahead): Promise<void> =>
  ahead?.then(
    (draft) => draft.abandon(),
    () => undefined,
  );

const sameRules = (plan: Plan, memory: Memory | undefined): boolean =>
  memory !== undefined &&
  plan.rules === memory.rules &&
  plan.excluded.join('\0') === memory.excluded.join('\0') &&
  plan.nested.join('\0') === memory.nested.join('\0');

/** A failure of one leaves nothing of the other behind. */
export async function settle(
  files: Promise<FilesDraft>,
  repositories: Promise<TakenState[]>,
): Promise<[FilesDraft, TakenState[]]> {
  const [draft, states] = await Promise.allSettled([files, repositories]);
  if (draft.status === 'fulfilled' && states.status === 'fulfilled') return [draft.value, states.value];
  if (draft.status === 'fulfilled') await draft.value.abandon();
  throw draft.status === 'rejected' ? draft.reason : (states as PromiseRejectedResult).reason;
}

export async function finishFiles(
  draft: FilesDraft,
  scrubbed: readonly ScrubbedFile[],
  findForced: () => Promise<RawPath[]>,
): Promise<{ tree: string; forced: RawPath[] }> {
  try {
    const put = new Set(scrubbed.map(({ path }) => path));
    const forced = (await findForced()).filter((path) => !put.has(path));
    await draft.force(forced);
    await draft.put(scrubbed);
    return { tree: await draft.finish(), forced };
  } catch (error) {
    await draft.abandon();
    throw error;
  }
}
