// Reads objects of the store, many in one git process. Knows git's output, not what the objects mean here.
import { git } from '../git.js';
import type { Store } from './place.js';

export interface StoredObject {
  id: string;
  type: string;
  content: Buffer;
}

/** One answer a name, in their order; undefined: there is no such object. @throws GitFailure */
export async function readObjects(store: Store, names: readonly string[]): Promise<(StoredObject | undefined)[]> {
  if (names.length === 0) return [];
  const output = await git({ gitDir: store.gitDir, args: ['cat-file', '--batch'], input: `${names.join('\n')}\n` });
  const found: (StoredObject | undefined)[] = [];
  let at = 0;
  for (const _ of names) {
    const end = output.indexOf(10, at);
    const header = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(output.toString('latin1', at, end));
    at = end + 1;
    if (header === null) {
      found.push(undefined);
      continue;
    }
    const [, id = '', type = '', size] = header;
    found.push({ id, type, content: output.subarray(at, at + Number(size)) });
    at += Number(size) + 1;
  }
  return found;
}

/** The ids in a tree object, by name. */
export function treeEntries(tree: Buffer): Map<string, string> {
  const entries = new Map<string, string>();
  for (let at = 0; at < tree.length; ) {
    const space = tree.indexOf(32, at);
    const end = tree.indexOf(0, space);
    entries.set(tree.toString('utf8', space + 1, end), tree.toString('hex', end + 1, end + 21));
    at = end + 21;
  }
  return entries;
}
