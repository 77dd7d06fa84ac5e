// A picture of a folder, byte for byte, and of a repository as its user sees it: two are equal when nothing was lost.
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { userGit } from './workspace-store.js';

/** One line a name: type, permissions, content. `.git` is left to `repositoryPicture`. */
export async function picture(root: string): Promise<string[]> {
  const lines: string[] = [];
  await draw(Buffer.from(root), '', lines);
  return lines.sort();
}

async function draw(folder: Buffer, path: string, lines: string[]): Promise<void> {
  for (const name of await readdir(folder, { encoding: 'buffer' })) {
    const inner = name.toString('latin1');
    if (inner === '.git') continue;
    const place = Buffer.concat([folder, Buffer.from('/'), name]);
    const at = path === '' ? inner : `${path}/${inner}`;
    const stats = await lstat(place);
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink())
      lines.push(`${at} link ${(await readlink(place, { encoding: 'buffer' })).toString('latin1')}`);
    else if (stats.isDirectory()) {
      lines.push(`${at} folder ${mode}`);
      await draw(place, at, lines);
    } else if (stats.isFile())
      lines.push(
        `${at} file ${mode} ${createHash('sha1')
          .update(await readFile(place))
          .digest('hex')}`,
      );
    else lines.push(`${at} special`);
  }
}

const QUESTIONS = [
  ['status', '--porcelain=v2', '--branch', '--untracked-files=all'],
  ['log', '--all', '--format=%H %D %s'],
  ['reflog', '--all', '--format=%H %gd %gs'],
  ['stash', 'list', '-p'],
  ['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)'],
  ['diff', '--cached'],
  ['diff'],
  ['ls-files', '-s', '-u'],
  ['fsck', '--no-dangling', '--full'],
];

export async function repositoryPicture(cwd: string): Promise<string> {
  const answers: string[] = [];
  for (const question of QUESTIONS) answers.push(`${question.join(' ')}:\n${await userGit(cwd, ...question)}`);
  return answers.join('\n\n');
}
