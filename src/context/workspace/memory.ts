// What the last look at a workspace found, so that the next one need not ask again. A convenience: whatever is missing
// or unreadable in it is found out anew.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { repositoryNotes } from '../moment.js';
import { memoryFile } from './private-dir.js';
import type { RawPath } from './raw-path.js';
import { kept } from './raw-path.js';

const remembered = z.object({
  notes: repositoryNotes,
  stateTree: z.string(),
  /** Of names, sizes and times in its `.git`. */
  fingerprint: z.string(),
  lacks: z.array(z.string()),
});
export type RememberedRepository = z.infer<typeof remembered>;

const memory = z.object({
  rules: z.string(),
  excluded: z.array(z.string()),
  nested: z.array(z.string()),
  /** Files that are kept although a rule ignores them, because a repository tracks them. */
  forced: z.array(z.string()),
  files: z.number(),
  repositories: z.array(remembered),
});
export type Memory = z.infer<typeof memory>;

export async function readMemory(privateDir: string): Promise<Memory | undefined> {
  try {
    return memory.parse(JSON.parse(await readFile(memoryFile(privateDir), 'utf8')));
  } catch {
    return undefined;
  }
}

/** The last look kept all there is to the repository in that folder. */
export const holdsWhole = (known: Memory | undefined, folder: RawPath): boolean =>
  known?.repositories.some(({ notes, lacks }) => notes.path === kept(folder) && lacks.length === 0) === true;

/** No rules at all are never in force: secrets are always among them. */
export const RULES_UNKNOWN = '';

/** The index no longer is as the last look left it: what the rules leave out is to be sorted out anew. */
export async function forgetRules(privateDir: string): Promise<void> {
  const known = await readMemory(privateDir);
  if (known !== undefined) await writeMemory(privateDir, { ...known, rules: RULES_UNKNOWN });
}

export async function writeMemory(privateDir: string, value: Memory): Promise<void> {
  const draft = `${memoryFile(privateDir)}.next`;
  await writeFile(draft, JSON.stringify(memory.parse(value)), { mode: 0o600 });
  await rename(draft, memoryFile(privateDir));
}
