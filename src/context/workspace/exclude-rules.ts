// The exclude file under which a workspace is read: secrets by name, what a restore has moved aside, and what each inner
// repository excludes privately (`info/exclude`), which git would not read for the store. Rules of the workspace's own
// .gitignore files come on top.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { RawPath } from './raw-path.js';
import { onDisk, rawOf } from './raw-path.js';
import { SECRET_RULES } from './secrets.js';
import { ASIDE_RULE } from './set-aside.js';

const MOST_BYTES = 1024 * 1024;

/** One character a byte. */
export async function excludeRules(workspace: string, repositories: readonly RawPath[]): Promise<string> {
  const own = await Promise.all(repositories.map((folder) => privateRules(workspace, folder)));
  return [...SECRET_RULES, ASIDE_RULE, ...own.flat()].map((rule) => `${rule}\n`).join('');
}

async function privateRules(workspace: string, folder: RawPath): Promise<string[]> {
  const text = await readPlainFile(onDisk(workspace, folder, '.git/info/exclude'));
  return text.split('\n').flatMap((line) => ruleBelow(folder, line));
}

/** The rule as it reads from the workspace's root. */
export function ruleBelow(folder: RawPath, line: string): string[] {
  const rule = line.replace(/\r$/, '').replace(/(?<!\\) +$/, '');
  if (rule === '' || rule.startsWith('#')) return [];
  if (folder === '.') return [rule];
  const not = rule.startsWith('!') ? '!' : '';
  const pattern = rule.slice(not.length).replace(/^\\(?=[#!])/, '');
  const anchored = pattern.slice(0, -1).includes('/');
  const base = `/${folder.replace(/[\\*?[\]]/g, '\\$&').replace(/\n/g, '?')}`;
  return [`${not}${base}${anchored ? '/' : '/**/'}${pattern.replace(/^\//, '')}`];
}

/** Empty when it is missing, a link, a pipe or far too long. */
async function readPlainFile(path: Buffer): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size } = await file.stat();
      return size > MOST_BYTES ? '' : rawOf(await file.readFile());
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}
