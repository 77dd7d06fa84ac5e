// Takes what is in a workspace into the store: its files as one tree, the state and the objects of every git repository
// in it. Runs nothing of the workspace and changes nothing in it. Knows no attempt, no ref and no transcript.
import { rm } from 'node:fs/promises';
import { GitFailure } from '../git.js';
import { forcedFiles } from './forced.js';
import { readMemory, writeMemory } from './memory.js';
import { planWithin } from './over-limit.js';
import { indexFile, memoryFile, readyPrivateDir } from './private-dir.js';
import { takeRepositories } from './repositories.js';
import { scanWorkspace } from './scan.js';
import { abandon, finishFiles, settle, startAhead, takeFiles } from './take-files.js';
import { DEFAULT_LIMITS, type TakeInput, type Taken, type Taking } from './take-shape.js';
import { answer, tooLate } from './taken.js';
import { unreadable } from './unreadable.js';

export { adoptIndex } from './private-dir.js';
export type { TakeInput, TakeLimits, Taken, TakenRepository } from './take-shape.js';
export { DEFAULT_LIMITS } from './take-shape.js';

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

async function take(input: Taking): Promise<Taken> {
  const memory = await readMemory(input.privateDir);
  const { fileBytes } = input.limits;
  const umask = process.umask();
  const ahead = startAhead(input, memory);
  try {
    const scan = await scanWorkspace({ ...input, fileBytes, umask });
    const plan = await planWithin(input, scan);
    const [draft, repositories] = await settle(
      takeFiles(input, { scan, plan, memory, ahead }),
      takeRepositories({ ...input, fileBytes }, plan, memory),
    );
    const forced = () => forcedFiles(input, { draft, repositories, remembered: memory?.forced ?? [] });
    const files = await finishFiles(draft, plan.scrubbed, forced);
    const { rules, excluded, nested } = plan;
    const found = { rules, excluded, nested, forced: files.forced, files: scan.files, repositories };
    await writeMemory(input.privateDir, found);
    const troubled = scan.troubled || draft.warnings !== '';
    const unread = troubled ? await unreadable(input, draft.warnings) : { lacks: [], omitted: [] };
    return answer(plan, { tree: files.tree, repositories, unread, umask });
  } finally {
    await abandon(ahead);
  }
}
