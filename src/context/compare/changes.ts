// Owns what differs between two moments' workspace files: as a list, and as text for people. The settings of the store,
// and the attributes and drivers that a workspace brings along, have no say in it.
import { git } from '../git.js';
import { type KeptPath, keepPath } from '../moment.js';
import type { Store } from '../store/store.js';
import { forTerminal } from './terminal-diff.js';
import { workspaceTrees } from './trees.js';

export type Change = {
  /** Exact, as in checkpoint.json; `shownPath` makes it fit for people. */
  path: KeptPath;
  how: 'added' | 'deleted' | 'modified' | 'renamed' | 'mode';
  /** The former name of a renamed file. */
  from?: KeptPath;
  binary: boolean;
};

export interface DiffOptions {
  /** A line a file instead of the content. */
  stat?: boolean;
  /** Escapes what a terminal would obey: the text then is for reading, no longer for `git apply`. */
  terminal?: boolean;
  /** Coloured; implies `terminal`. */
  color?: boolean;
  /** Files or folders, taken literally. */
  paths?: readonly string[];
}

const ALIKE = ['-M', '-l1000', '--no-ext-diff', '--no-textconv', '--ignore-submodules=none'];
/** Beyond it a file only "differs": comparing it by lines would take gigabytes of memory. */
const BIG_FILE = 'core.bigFileThreshold=16m';

/** From `a` to `b`, in the order of paths. @throws UnknownMoment */
export async function changesBetween(
  store: Store,
  a: string,
  b: string,
  opts: { limit?: number } = {},
): Promise<{ changes: Change[]; total: number }> {
  const [from = '', to = ''] = await workspaceTrees(store, [a, b]);
  if (from === to) return { changes: [], total: 0 };
  const args = ['diff-tree', '-r', '-z', '--raw', '--numstat', ...ALIKE, from, to];
  const changes = parseChanges(await git({ gitDir: store.gitDir, args, settings: [BIG_FILE] }));
  return { changes: changes.slice(0, opts.limit), total: changes.length };
}

/** For `taskrun diff`. @throws UnknownMoment */
export async function diffText(store: Store, a: string, b: string, opts: DiffOptions = {}): Promise<Buffer> {
  const [from = '', to = ''] = await workspaceTrees(store, [a, b]);
  const form = opts.stat === true ? ['--stat=100'] : ['-p', '--src-prefix=a/', '--dst-prefix=b/'];
  const only = (opts.paths ?? []).map((path) => `:(literal)${path}`);
  const args = ['diff-tree', '-r', '--no-color', ...form, ...ALIKE, from, to, '--', ...only];
  const text = await git({ gitDir: store.gitDir, args, settings: [BIG_FILE] });
  const color = opts.color === true;
  return color || opts.terminal === true ? forTerminal(text, { color }) : text;
}

/** Git tells all files once by their names and ids, then once more by the lines that changed. */
function parseChanges(output: Buffer): Change[] {
  const fields = splitAtNul(output);
  const changes: Change[] = [];
  const byPath = new Map<string, Change>();
  while (fields.left() > 0) {
    const head = fields.next().toString('latin1');
    if (head.startsWith(':')) {
      const { change, key } = rawChange(head, fields.next);
      changes.push(change);
      byPath.set(key, change);
    } else markBinary(head, fields.next, byPath);
  }
  return changes;
}

type Next = () => Buffer;

/** `:100644 100755 <id> <id> R090`, then one path, or two for a renamed file. */
function rawChange(head: string, next: Next): { change: Change; key: string } {
  const [oldMode, newMode, oldId, newId, status = ''] = head.slice(1).split(' ');
  const first = next();
  if (status.startsWith('R')) {
    const to = next();
    const change: Change = { path: keepPath(to), how: 'renamed', from: keepPath(first), binary: false };
    return { change, key: to.toString('latin1') };
  }
  const onlyMode = oldId === newId && oldMode !== newMode;
  const how = status === 'A' ? 'added' : status === 'D' ? 'deleted' : onlyMode ? 'mode' : 'modified';
  return { change: { path: keepPath(first), how, binary: false }, key: first.toString('latin1') };
}

/** `3<tab>1<tab>path`, or an empty path followed by two; dashes stand for a binary file. */
function markBinary(head: string, next: Next, byPath: Map<string, Change>): void {
  const [added, , ...rest] = head.split('\t');
  let path = rest.join('\t');
  if (path === '') {
    next();
    path = next().toString('latin1');
  }
  const change = byPath.get(path);
  if (change !== undefined && added === '-') change.binary = true;
}

/** Names are bytes: they are cut apart before anything is read as text. */
export function splitAtNul(output: Buffer): { left: () => number; next: Next } {
  let at = 0;
  const next = (): Buffer => {
    const end = output.indexOf(0, at);
    const field = output.subarray(at, end === -1 ? output.length : end);
    at = end === -1 ? output.length : end + 1;
    return field;
  };
  return { left: () => output.length - at, next };
}
