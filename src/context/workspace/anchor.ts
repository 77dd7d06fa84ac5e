// Brings the objects of a repository into the store under one commit, the anchor: whoever has it has them all. Its
// parents are the commits that the repository's state names; its tree holds what no commit can hold:
//   tags/<id>    the text of an annotated tag
//   objects/<id> a staged file, or a ref to a file or a tree
//   pack         everything, as one sealed pack, for a shallow clone: its history ends where no other's does
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitRun } from '../git.js';
import { git, gitInto } from '../git.js';
import type { GitObject } from './git-objects.js';
import { plainReading, readFrom } from './git-objects.js';
import type { TreeEntry } from './loose-object.js';
import { objectId, writeLooseObject, writeTree } from './loose-object.js';

export type AnchorInput = {
  gitDir: string;
  privateDir: string;
  /** Object folders of the repository. */
  folders: readonly string[];
  named: ReadonlySet<string>;
  staged: ReadonlySet<string>;
  /** The text of `.git/shallow`. */
  shallow: Buffer | undefined;
  /** Anchors of which the store holds everything. */
  held: readonly string[];
  signal?: AbortSignal;
};
export type Anchored = { anchor?: string; missing: ReadonlySet<string> };

export async function anchorObjects(input: AnchorInput): Promise<Anchored> {
  const objects = await readNamed(input);
  const missing = new Set([...input.named, ...input.staged].filter((id) => !objects.has(id)));
  const content = contentOf(objects);
  if (content.parents.length + content.files.size === 0) return { missing };
  const store = join(input.gitDir, 'objects');
  if (input.shallow !== undefined) return { anchor: await sealed(input, store, content, input.shallow), missing };
  await bring(input, content);
  for (const tag of content.tags) await writeLooseObject(store, 'blob', tag.content);
  return { anchor: await writeAnchor(store, content), missing };
}

const reading = (input: AnchorInput): Omit<GitRun, 'args' | 'input'> => ({
  gitDir: input.gitDir,
  alternates: input.folders,
  ...(input.signal === undefined ? {} : { signal: input.signal }),
});

/** What a tag points at is named by the tag alone. */
async function readNamed(input: AnchorInput): Promise<Map<string, GitObject>> {
  const objects = await readFrom(reading(input), { contents: [...input.named], info: [...input.staged] });
  for (;;) {
    const targets = [...objects.values()].filter(isTag).map(targetOf);
    const unread = targets.filter((id) => id !== '' && !objects.has(id));
    if (unread.length === 0) return objects;
    const more = await readFrom(reading(input), { contents: unread, info: [] });
    if (more.size === 0) return objects;
    for (const [id, object] of more) objects.set(id, object);
  }
}

const isTag = (object: GitObject): boolean => object.type === 'tag';
const targetOf = (tag: GitObject): string => /^object ([0-9a-f]{40})$/m.exec(tag.content.toString('latin1'))?.[1] ?? '';

type AnchorContent = { parents: string[]; others: string[]; tags: GitObject[]; files: Map<string, TreeEntry> };

function contentOf(objects: ReadonlyMap<string, GitObject>): AnchorContent {
  const all = [...objects.values()];
  const covered = new Set(all.filter(({ type }) => type === 'commit').flatMap(parentsOf));
  const parents = all.filter(({ id, type }) => type === 'commit' && !covered.has(id)).map(({ id }) => id);
  const tags = all.filter(isTag);
  const others = all.filter(({ type }) => type === 'blob' || type === 'tree');
  const files = new Map<string, TreeEntry>();
  for (const { id, type } of others)
    files.set(`objects/${id}`, { mode: type === 'tree' ? '40000' : '100644', name: id, id });
  return { parents: parents.sort(), others: others.map(({ id }) => id).sort(), tags, files: withTags(files, tags) };
}

function withTags(files: Map<string, TreeEntry>, tags: readonly GitObject[]): Map<string, TreeEntry> {
  for (const tag of tags)
    files.set(`tags/${tag.id}`, { mode: '100644', name: tag.id, id: objectId('blob', tag.content) });
  return files;
}

/** A commit that is another's parent comes with it. */
const parentsOf = (commit: GitObject): string[] => {
  const head = commit.content.toString('latin1');
  const end = head.indexOf('\n\n');
  return [...(end < 0 ? head : head.slice(0, end)).matchAll(/^parent ([0-9a-f]{40})$/gm)].map(([, id]) => id ?? '');
};

/** Few new objects go in singly: a pack for every checkpoint would slow down every later look. */
async function bring(input: AnchorInput, content: AnchorContent): Promise<void> {
  const wanted = [...content.parents, ...content.others];
  const list = [...wanted, ...input.held.map((id) => `^${id}`)].map((line) => `${line}\n`).join('');
  const pack = ['pack-objects', '--revs', '--stdout', '--thin', '--delta-base-offset', '-q'];
  const source = { ...reading(input), args: [...plainReading, ...pack], input: list };
  const into = input.held.length > 0 ? ['unpack-objects', '-q'] : ['index-pack', '--stdin', '--fix-thin'];
  await gitInto(source, { gitDir: input.gitDir, args: into });
  await git({
    gitDir: input.gitDir,
    args: [...plainReading, 'rev-list', '--objects', '--quiet', '--stdin'],
    input: list,
  });
}

async function writeAnchor(store: string, content: AnchorContent): Promise<string> {
  const tree = await writeTree(store, content.files);
  const who = 'taskrun <taskrun@localhost> 0 +0000';
  const parents = content.parents.map((id) => `parent ${id}\n`).join('');
  const text = `tree ${tree}\n${parents}author ${who}\ncommitter ${who}\n\nobjects of a repository\n`;
  return writeLooseObject(store, 'commit', Buffer.from(text));
}

async function sealed(input: AnchorInput, store: string, content: AnchorContent, shallow: Buffer): Promise<string> {
  const file = join(input.privateDir, 'shallow');
  await writeFile(file, shallow);
  const list = [...content.parents, ...content.others].map((id) => `${id}\n`).join('');
  const how = ['pack-objects', '--revs', '--stdout', '--delta-base-offset', '--threads=1', '-q'];
  const pack = await git({
    ...reading(input),
    args: ['--shallow-file', file, ...plainReading, ...how],
    input: list,
  });
  for (const tag of content.tags) await writeLooseObject(store, 'blob', tag.content);
  const id = await writeLooseObject(store, 'blob', pack);
  const files = new Map([...content.files].filter(([path]) => path.startsWith('tags/')));
  files.set('pack', { mode: '100644', name: 'pack', id });
  return writeAnchor(store, { ...content, parents: [], files });
}
