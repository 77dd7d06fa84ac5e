// Writes single git objects into a store without starting git: the few small ones that a repository's state consists
// of cost a process each otherwise. Owns the format of a loose object; knows nothing of what is in them.
import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';

const deflated = promisify(deflate);

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';
/** `name` has one character a byte. */
export type TreeEntry = { mode: '100644' | '100755' | '40000'; name: string; id: string };

export function objectId(type: ObjectType, content: Buffer): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

/** Whole or not at all: a reader never sees half of it. */
export async function writeLooseObject(objects: string, type: ObjectType, content: Buffer): Promise<string> {
  const id = objectId(type, content);
  const folder = join(objects, id.slice(0, 2));
  const path = join(folder, id.slice(2));
  if (await exists(path)) return id;
  const packed = await deflated(Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]), { level: 1 });
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `tmp_obj_${randomBytes(8).toString('hex')}`);
  await writeFile(draft, packed, { mode: 0o444 });
  await rename(draft, path);
  return id;
}

/** Git sorts a folder as though its name ended in a slash. */
export function treeContent(entries: readonly TreeEntry[]): Buffer {
  const sorted = [...entries].sort((one, other) => (sortName(one) < sortName(other) ? -1 : 1));
  return Buffer.concat(
    sorted.map((entry) =>
      Buffer.concat([Buffer.from(`${entry.mode} ${entry.name}\0`, 'latin1'), Buffer.from(entry.id, 'hex')]),
    ),
  );
}

const sortName = (entry: TreeEntry): string => (entry.mode === '40000' ? `${entry.name}/` : entry.name);

/** A tree with all its folders; `files` are paths with slashes. */
export async function writeTree(objects: string, files: ReadonlyMap<string, TreeEntry>): Promise<string> {
  const entries: TreeEntry[] = [];
  const folders = new Map<string, Map<string, TreeEntry>>();
  for (const [path, entry] of files) {
    const slash = path.indexOf('/');
    if (slash < 0) entries.push({ ...entry, name: path });
    else {
      const inner = folders.get(path.slice(0, slash)) ?? new Map<string, TreeEntry>();
      folders.set(path.slice(0, slash), inner.set(path.slice(slash + 1), entry));
    }
  }
  for (const [name, inner] of folders) entries.push({ mode: '40000', name, id: await writeTree(objects, inner) });
  return writeLooseObject(objects, 'tree', treeContent(entries));
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
