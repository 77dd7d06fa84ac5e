// What to leave out, what to enter and what to note of a workspace, from what the scan found and what the workspace
// ignores. Reads rules, takes nothing.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ScrubbedFile, scrubbedFiles } from './bare.js';
import { excludeRules } from './exclude-rules.js';
import { ignoredOf } from './ignored.js';
import { linkTarget } from './linked-git.js';
import type { RawPath } from './raw-path.js';
import { parentOf, shown } from './raw-path.js';
import type { Scan } from './scan.js';
import { gitEntryPath } from './scan.js';

export type Plan = {
  rules: string;
  excluded: RawPath[];
  /** Folders below the root with a `.git` of any kind. */
  nested: RawPath[];
  repositories: RawPath[];
  links: { folder: RawPath; target: string }[];
  emptyFolders: RawPath[];
  oddModes: Scan['oddModes'];
  withheld: RawPath[];
  /** Left out for another reason than a rule or a name. */
  omitted: RawPath[];
  /** Kept without the credentials in them, and not as they lie there. */
  scrubbed: ScrubbedFile[];
  lacks: string[];
};
export type PlanInput = { gitDir: string; workspace: string; privateDir: string; signal?: AbortSignal };

export const excludesFile = (privateDir: string): string => join(privateDir, 'exclude');

export async function makePlan(input: PlanInput, scan: Scan): Promise<Plan> {
  const gits = scan.gitEntries.filter(({ name }) => name === '.git');
  const folders = gits.filter(({ type }) => type === 'd').map(({ folder }) => folder);
  const rules = await writeRules(input, folders);
  const scrubbed = await scrubbedFiles(input.workspace, scan.heads);
  const asked = [...questions(scan), ...scrubbed.files.map(({ path }) => path), ...scrubbed.refused];
  const ignored = await ignoredOf({ ...input, excludesFile: excludesFile(input.privateDir) }, asked);
  const isKept = (path: RawPath): boolean => !ignored.has(path);
  const entries = gits.filter(({ folder }) => isKept(folder));
  const plan: Plan = {
    rules,
    excluded: scan.secrets.filter(isKept),
    nested: entries.map(({ folder }) => folder).filter((folder) => folder !== '.'),
    repositories: folders.filter(isKept),
    links: [],
    emptyFolders: scan.emptyFolders.filter(isKept),
    oddModes: scan.oddModes.filter(({ path }) => isKept(path)),
    withheld: scan.secrets.filter((path) => isKept(parentOf(path))),
    omitted: [],
    scrubbed: scrubbed.files.filter(({ path }) => isKept(path)),
    lacks: [],
  };
  await addLinks(
    input.workspace,
    plan,
    entries.filter(({ type }) => type !== 'd'),
  );
  leaveOut(plan, scan, isKept);
  for (const path of scrubbed.refused.filter(isKept)) {
    plan.excluded.push(path);
    plan.omitted.push(path);
    plan.lacks.push(`${shown(path)} is not kept: credentials may stand in it, and it can't be read whole`);
  }
  return plan;
}

async function writeRules(input: PlanInput, folders: readonly RawPath[]): Promise<string> {
  const rules = await excludeRules(input.workspace, folders);
  await writeFile(excludesFile(input.privateDir), rules, 'latin1');
  return rules;
}

function* questions(scan: Scan): Iterable<RawPath> {
  for (const { folder } of scan.gitEntries) yield folder;
  for (const path of scan.secrets) yield* [path, parentOf(path)];
  yield* scan.emptyFolders;
  for (const { path } of scan.oddModes) yield path;
  for (const { path } of scan.large) yield path;
  yield* scan.specials;
}

async function addLinks(workspace: string, plan: Plan, entries: Scan['gitEntries']): Promise<void> {
  for (const { folder, type } of entries) {
    const target = type === 'f' ? await linkTarget(workspace, folder) : undefined;
    if (target !== undefined) plan.links.push({ folder, target });
    else
      plan.lacks.push(
        `the repository at ${shown(folder)} is not kept: its .git points out of the workspace; its files are kept`,
      );
  }
}

function leaveOut(plan: Plan, scan: Scan, isKept: (path: RawPath) => boolean): void {
  for (const { path } of plan.scrubbed) plan.excluded.push(path);
  for (const { path, bytes } of scan.large.filter((file) => isKept(file.path))) {
    plan.excluded.push(path);
    plan.omitted.push(path);
    plan.lacks.push(`${shown(path)} is too large to be kept (${Math.round(bytes / 1024 / 1024)} MB)`);
  }
  for (const entry of scan.gitEntries.filter(({ name, folder }) => name !== '.git' && isKept(folder))) {
    plan.excluded.push(gitEntryPath(entry));
    plan.lacks.push(`${shown(gitEntryPath(entry))} is not kept: git takes no file of that name`);
  }
  for (const path of scan.specials.filter(isKept)) {
    plan.omitted.push(path);
    plan.lacks.push(`${shown(path)} is not kept: a pipe, socket or device`);
  }
}
