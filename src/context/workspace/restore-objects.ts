// Gives a repository the objects that its anchor holds in the store. Whatever it has already stays.
import { readdir } from 'node:fs/promises';
import { git, gitInto } from '../git.js';
import { plainReading, readFrom } from './git-objects.js';
import { writeLooseObject } from './loose-object.js';

type Held = { parents: string[]; others: string[]; tags: string[]; pack: string | undefined };

/** `objects`: the repository's object folder, there and no link. @throws GitFailure */
export async function restoreObjects(gitDir: string, anchor: string, objects: string): Promise<void> {
  const held = await readAnchor(gitDir, anchor);
  if (held.pack !== undefined) await unseal(gitDir, held.pack, objects);
  else await bringOver(gitDir, [...held.parents, ...held.others], objects);
  const tags = await readFrom({ gitDir }, { contents: held.tags, info: [] });
  for (const { content } of tags.values()) await writeLooseObject(objects, 'tag', content);
}

async function readAnchor(gitDir: string, anchor: string): Promise<Held> {
  const [commit, listing] = await Promise.all([
    git({ gitDir, args: ['cat-file', 'commit', anchor] }),
    git({ gitDir, args: ['ls-tree', '-r', '-t', '-z', anchor] }),
  ]);
  const [head = ''] = commit.toString('latin1').split('\n\n');
  const entries = listing.toString('latin1').split('\0').slice(0, -1).map(parseEntry);
  const of = (pattern: RegExp): string[] => entries.filter(({ path }) => pattern.test(path)).map(({ id }) => id);
  return {
    parents: [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map(([, id]) => id ?? ''),
    others: of(/^objects\/[0-9a-f]{40}$/),
    tags: of(/^tags\/[0-9a-f]{40}$/),
    pack: of(/^pack$/)[0],
  };
}

function parseEntry(line: string): { id: string; path: string } {
  const tab = line.indexOf('\t');
  return { id: line.slice(0, tab).split(' ')[2] ?? '', path: line.slice(tab + 1) };
}

async function bringOver(gitDir: string, wanted: readonly string[], objects: string): Promise<void> {
  if (wanted.length === 0 || (await hasAll(gitDir, wanted, objects))) return;
  const source = {
    gitDir,
    args: [...plainReading, 'pack-objects', '--revs', '--stdout', '--delta-base-offset', '-q'],
    input: wanted.map((id) => `${id}\n`).join(''),
  };
  await gitInto(source, { gitDir, objectDirectory: objects, args: ['index-pack', '--stdin'] });
}

/** With all they lead to; an empty folder isn't worth the question. */
async function hasAll(gitDir: string, wanted: readonly string[], objects: string): Promise<boolean> {
  const names = await readdir(objects);
  if (!names.some((name) => /^[0-9a-f]{2}$/.test(name) || name === 'pack')) return false;
  const args = [...plainReading, 'rev-list', '--objects', '--quiet', '--stdin'];
  const input = wanted.map((id) => `${id}\n`).join('');
  return git({ gitDir, objectDirectory: objects, args, input }).then(
    () => true,
    () => false,
  );
}

async function unseal(gitDir: string, pack: string, objects: string): Promise<void> {
  const source = { gitDir, args: ['cat-file', 'blob', pack] };
  await gitInto(source, { gitDir, objectDirectory: objects, args: ['index-pack', '--stdin'] });
}
