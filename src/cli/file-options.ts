// Task documents from the command line: `--file name=path`, read here and sent along.
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { TaskFile } from '../contract/fields.js';
import { BOUNDS } from '../contract/limits.js';
import { badInput } from './failure.js';

export const FILE_OPTION = [
  '--file <name=path>',
  'a document for Claude, placed under .taskrun/ in the workspace; may be given several times',
] as const;

/** For options that may be given several times. */
export const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

export async function readFiles(given: readonly string[]): Promise<TaskFile[]> {
  return Promise.all(given.map(readOne));
}

async function readOne(given: string): Promise<TaskFile> {
  const at = given.indexOf('=');
  const [name, path] = at < 0 ? [basename(given), given] : [given.slice(0, at), given.slice(at + 1)];
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile())
    throw badInput(
      `--file: got ${JSON.stringify(given)}; ${JSON.stringify(path)} is no file. Allowed: name=path, or a path.`,
    );
  if (found.size > BOUNDS.fileBytes)
    throw badInput(
      `--file: ${path} has ${Math.ceil(found.size / 1024)} KiB; allowed: at most ${BOUNDS.fileBytes / 1024} KiB.`,
    );
  return { name, content: await readFile(path, 'utf8') };
}
