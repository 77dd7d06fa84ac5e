// Builds the commit that a moment becomes as a branch: on top of the commit its own repository stood at, with what
// differs. Works on objects alone. Knows the store, nothing of the repository that gets the branch.
import { join } from 'node:path';
import { CheckoutRefused } from './checkout-refused.js';
import { splitAtNul } from './compare/changes.js';
import { workspaceTrees } from './compare/trees.js';
import { type GitRun, git, gitLine } from './git.js';
import { type Moment, pathBytes } from './moment.js';
import { plainCommit } from './plain-commit.js';
import { readObjects } from './store/objects.js';
import { EMPTY_TREE } from './store/read.js';
import type { Store } from './store/store.js';

export interface BranchInput {
  id: string;
  moment: Moment;
  /** An empty directory for the objects that come about, and for the index. */
  objects: string;
  /** What the commit's message calls the task. */
  name: string;
}

/** The commit's id; the same for the same moment. @throws GitFailure */
export async function branchCommit(store: Store, input: BranchInput): Promise<string> {
  const where = {
    gitDir: store.gitDir,
    objectDirectory: input.objects,
    alternates: [join(store.gitDir, 'objects')],
    indexFile: join(input.objects, 'index'),
  };
  const [workspace = EMPTY_TREE] = await workspaceTrees(store, [input.id]);
  await unseal(where, store, input.moment);
  const head = await headCommit(where, store, input);
  const headTree = head === undefined ? EMPTY_TREE : await gitLine({ ...where, args: ['rev-parse', `${head}^{tree}`] });
  const tree = await treeOnTopOf(where, headTree, workspace, input.moment);
  if (head !== undefined && tree === headTree) return head;
  const parents = head === undefined ? [] : [head];
  const message = `Files of ${input.name}, attempt ${input.moment.attempt.number}\n\nCheckpoint: ${input.id}\n`;
  return plainCommit(where, { tree, parents, atMs: Date.parse(input.moment.at) || 0, message });
}

type Where = Omit<GitRun, 'args' | 'input'>;

const ownRepository = (moment: Moment): number => moment.repositories.findIndex(({ path }) => path === '.');

/** The objects of a shallow clone lie in the store as one file, out of the way of its other histories. */
async function unseal(where: Where, store: Store, moment: Moment): Promise<void> {
  const anchor = moment.repositories[ownRepository(moment)]?.anchor;
  if (anchor === undefined) return;
  const [sealed] = await readObjects(store, [`${anchor}:pack`]);
  if (sealed?.type === 'blob') await git({ ...where, args: ['index-pack', '--stdin'], input: sealed.content });
}

/**
 * What the HEAD of the repository at the workspace's root names; undefined: there was none, or it had no commit.
 * @throws CheckoutRefused
 */
async function headCommit(where: Where, store: Store, { id, moment }: BranchInput): Promise<string | undefined> {
  const at = ownRepository(moment);
  if (at === -1) return undefined;
  const state = `${id}:git/${at}`;
  const [head, packed] = await texts(store, [`${state}/HEAD`, `${state}/packed-refs`]);
  const ref = /^ref: (refs\/\S+)\s*$/.exec(head ?? '')?.[1];
  const [loose] = ref === undefined ? [head] : await texts(store, [`${state}/${ref}`]);
  const oid = COMMIT.exec(loose ?? '')?.[1] ?? packedRef(packed ?? '', ref);
  if (oid === undefined) return undefined;
  const args = ['rev-parse', '--quiet', '--verify', `${oid}^{commit}`];
  return gitLine({ ...where, args }).catch((): never => {
    throw new CheckoutRefused(
      `checkpoint: ${id} lacks the commit ${oid} that its repository stood at. Check out its files instead.`,
    );
  });
}

const COMMIT = /^([0-9a-f]{40})\s*$/;

const packedRef = (packed: string, ref: string | undefined): string | undefined =>
  packed
    .split('\n')
    .find((line) => ref !== undefined && line.slice(41) === ref)
    ?.slice(0, 40);

const texts = async (store: Store, names: readonly string[]): Promise<(string | undefined)[]> =>
  (await readObjects(store, names)).map((object) =>
    object?.type === 'blob' ? object.content.toString('utf8') : undefined,
  );

/** The tree at HEAD with the workspace's changes laid over it, those aside that are none of the user's. */
async function treeOnTopOf(where: Where, head: string, workspace: string, moment: Moment): Promise<string> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--ignore-submodules=none', head, workspace];
  const changes = parseRaw(await git({ ...where, args }));
  const input = Buffer.concat(changes.filter(notOurs(changes, moment)).map(indexLine));
  await git({ ...where, args: ['read-tree', head] });
  await git({ ...where, args: ['update-index', '-z', '--index-info'], input });
  return gitLine({ ...where, args: ['write-tree'] });
}

type Raw = { path: Buffer; oldMode: string; newMode: string; newId: string };

function parseRaw(output: Buffer): Raw[] {
  const fields = splitAtNul(output);
  const changes: Raw[] = [];
  while (fields.left() > 0) {
    const [oldMode = '', newMode = '', , newId = ''] = fields.next().toString('latin1').slice(1).split(' ');
    changes.push({ path: fields.next(), oldMode, newMode, newId });
  }
  return changes;
}

const NOTHING = '000000';
const SUBMODULE = '160000';
const OUR_FOLDER = '.taskrun';

/**
 * Left as they are at HEAD: the task's documents, which are ours; what was withheld from the moment, and what it omits,
 * which look deleted and aren't; submodules, whose files a moment holds as plain ones.
 */
function notOurs(changes: readonly Raw[], moment: Moment): (change: Raw) => boolean {
  const left = new Set(moment.withheld.map((path) => pathBytes(path).toString('latin1')));
  left.add(OUR_FOLDER);
  for (const { path, oldMode } of changes) if (oldMode === SUBMODULE) left.add(path.toString('latin1'));
  const omitted = new Set((moment.workspace.omitted ?? []).map((path) => pathBytes(path).toString('latin1')));
  return ({ path, newMode }) => {
    const folders = atAndAbove(path.toString('latin1'));
    return !folders.some((name) => left.has(name) || (newMode === NOTHING && omitted.has(name)));
  };
}

function atAndAbove(path: string): string[] {
  const names: string[] = [];
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) names.push(path.slice(0, end));
  return names;
}

function indexLine({ path, newMode, newId }: Raw): Buffer {
  const head = newMode === NOTHING ? `0 ${'0'.repeat(40)}\t` : `${newMode} ${newId}\t`;
  return Buffer.concat([Buffer.from(head), path, Buffer.from([0])]);
}
