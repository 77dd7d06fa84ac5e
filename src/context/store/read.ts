// Reads checkpoints and refs from the store. What it hands out is parsed; who wrote it is not trusted.
import { git } from '../git.js';
import { MOMENT_FILE, MOMENT_VERSION, type Moment, type MomentAt, moment, momentId } from '../moment.js';
import { readObjects, type StoredObject, treeEntries } from './objects.js';
import type { Store } from './place.js';
import { fetchCommits, fetchRefs } from './remote.js';
import { orStoreError, problem } from './store-error.js';

/** What a moment's tree says of a workspace without a single file. */
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const LARGEST_NOTES_BYTES = 64 * 1024 * 1024;

/** The trees of a moment. */
export interface MomentTrees {
  workspaceTree: string;
  /** One for each of the moment's repositories, in its order. */
  stateTrees: string[];
  claudeTree?: string;
  /** The commits that hold the objects of its repositories. */
  anchors: string[];
}

export interface WholeMoment extends MomentAt {
  trees: MomentTrees;
}

/** Undefined: no such commit here, or not one of ours. Fetched from the remote when it isn't here. */
export async function readMoment(store: Store, id: string): Promise<Moment | undefined> {
  return (await readWhole(store, id))?.moment;
}

/** The trees of a moment; undefined as in `readMoment`. */
export async function readTrees(store: Store, id: string): Promise<MomentTrees | undefined> {
  return (await readWhole(store, id))?.trees;
}

export async function readWhole(store: Store, id: string): Promise<WholeMoment | undefined> {
  if (!momentId.safeParse(id).success) return undefined;
  return orStoreError(store, async () => {
    const [here] = await readNamed(store, [id]);
    if (here !== undefined || store.url === undefined) return here;
    await fetchCommits(store, [id]);
    return (await readNamed(store, [id]))[0];
  });
}

/** Those that can be read, in the order asked for: a list is not lost for one damaged entry. */
export async function readMoments(store: Store, ids: readonly string[]): Promise<MomentAt[]> {
  const asked = ids.filter((id) => momentId.safeParse(id).success);
  return orStoreError(store, async () => {
    const objects = await readObjects(store, asked.flatMap(partsOf));
    const missing = asked.filter((_, n) => objects[n * PARTS] === undefined);
    if (missing.length === 0 || store.url === undefined) return readable(store, asked, objects);
    await fetchCommits(store, missing);
    return readable(store, asked, await readObjects(store, asked.flatMap(partsOf)));
  });
}

/** `names`: ids or refs. @throws StoreError for one of ours that can't be understood */
export async function readNamed(store: Store, names: readonly string[]): Promise<(WholeMoment | undefined)[]> {
  const objects = await readObjects(store, names.flatMap(partsOf));
  return names.map((name, n) => understood(store, name, objects.slice(n * PARTS, n * PARTS + PARTS)));
}

/** The refs under `prefix`, brought up to date from the remote first. */
export async function listRefs(
  store: Store,
  prefix: string,
  { local = false }: { local?: boolean } = {},
): Promise<{ ref: string; id: string }[]> {
  return orStoreError(store, async () => {
    if (store.url !== undefined && !local) await fetchRefs(store, [`${prefix}*`]);
    const folder = prefix.slice(0, prefix.lastIndexOf('/'));
    const args = ['for-each-ref', '--format=%(objectname) %(refname)', folder];
    const lines = (await git({ gitDir: store.gitDir, args })).toString('utf8').split('\n');
    const refs = lines.map((line) => ({ id: line.slice(0, 40), ref: line.slice(41) }));
    return refs.filter(({ ref }) => ref.startsWith(prefix));
  });
}

const PARTS = 4;
const partsOf = (name: string): string[] => [name, `${name}^{tree}`, `${name}:${MOMENT_FILE}`, `${name}:git`];

function readable(store: Store, ids: readonly string[], objects: (StoredObject | undefined)[]): MomentAt[] {
  return ids.flatMap((id, n) => {
    try {
      const found = understood(store, id, objects.slice(n * PARTS, n * PARTS + PARTS));
      return found === undefined ? [] : [{ id, moment: found.moment }];
    } catch {
      return [];
    }
  });
}

function understood(store: Store, name: string, parts: (StoredObject | undefined)[]): WholeMoment | undefined {
  const [commit, tree, notes, states] = parts;
  if (commit === undefined || commit.type !== 'commit') return undefined;
  if (tree === undefined) throw problem('damaged', store, `the tree of ${name} is missing`);
  const root = treeEntries(tree.content);
  if (!root.has(MOMENT_FILE)) return undefined;
  if (notes === undefined) throw problem('damaged', store, `${MOMENT_FILE} of ${name} is missing`);
  const said = parseMoment(store, commit.id, notes);
  const stateOf = states?.type === 'tree' ? treeEntries(states.content) : new Map<string, string>();
  const claudeTree = root.get('claude');
  const trees = {
    workspaceTree: root.get('workspace') ?? EMPTY_TREE,
    stateTrees: said.repositories.map((_, n) => stateOf.get(String(n)) ?? EMPTY_TREE),
    anchors: parentsOf(commit.content),
    ...(claudeTree === undefined ? {} : { claudeTree }),
  };
  return { id: commit.id, moment: said, trees };
}

function parseMoment(store: Store, id: string, notes: StoredObject): Moment {
  const where = `${MOMENT_FILE} of ${id}`;
  if (notes.content.length > LARGEST_NOTES_BYTES) throw problem('damaged', store, `${where} is too large`);
  const said = asJson(notes.content);
  if (said === undefined) throw problem('damaged', store, `${where} is no JSON`);
  const version = versionOf(said);
  if (typeof version === 'number' && version !== MOMENT_VERSION)
    throw problem('otherVersion', store, `${where} says version ${version}, this one knows ${MOMENT_VERSION}`);
  const parsed = moment.safeParse(said);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw problem('damaged', store, `${where}, ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
}

const versionOf = (said: unknown): unknown =>
  typeof said === 'object' && said !== null && 'version' in said ? said.version : undefined;

function asJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return undefined;
  }
}

function parentsOf(commit: Buffer): string[] {
  const head = commit.toString('latin1').split('\n\n', 1)[0] ?? '';
  return [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map(([, id = '']) => id);
}
