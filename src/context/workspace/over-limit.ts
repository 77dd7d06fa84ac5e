// Chooses what to leave out of a workspace that holds more than is kept: of too many files the folder that is just large
// enough, of too many bytes the largest files. Asked only when the scan says so; ignored files do not count.
import { execa } from 'execa';
import type { Rules } from './ignored.js';
import { ignoredOf } from './ignored.js';
import type { Plan } from './plan.js';
import { excludesFile, makePlan } from './plan.js';
import type { RawPath } from './raw-path.js';
import { isUnder, rawOf, shown } from './raw-path.js';
import type { Scan } from './scan.js';
import type { Taking } from './take-shape.js';

type LeftOut = { excluded: RawPath[]; lacks: string[] };
type Sized = { path: RawPath; bytes: number };

/** More would make every later look slow. */
const MOST_LEFT_OUT = 2_000;

/** The plan of a workspace, within what is kept at most. */
export async function planWithin(input: Taking, scan: Scan): Promise<Plan> {
  const plan = await makePlan(input, scan);
  const { files, totalBytes } = input.limits;
  if (scan.files <= files && scan.bytes <= totalBytes) return plan;
  const rules = { ...input, excludesFile: excludesFile(input.privateDir) };
  const { excluded, lacks } = await leaveOutExcess(rules, input.limits, plan.excluded);
  return {
    ...plan,
    excluded: [...plan.excluded, ...excluded],
    omitted: [...plan.omitted, ...excluded],
    lacks: [...plan.lacks, ...lacks],
  };
}

async function leaveOutExcess(
  rules: Rules,
  limits: { files: number; totalBytes: number },
  excluded: readonly RawPath[],
): Promise<LeftOut> {
  const all = await allFiles(rules);
  const ignored = await ignoredOf(
    rules,
    all.map(({ path }) => path),
  );
  const out = new Set(excluded);
  const kept = all.filter(({ path }) => !ignored.has(path) && !isIn(out, path));
  const first = tooMany(kept, limits.files);
  const rest = kept.filter(({ path }) => !first.excluded.some((one) => one === path || isUnder(one, path)));
  const second = tooLarge(rest, limits.totalBytes);
  return { excluded: [...first.excluded, ...second.excluded], lacks: [...first.lacks, ...second.lacks] };
}

const isIn = (out: ReadonlySet<RawPath>, path: RawPath): boolean =>
  out.has(path) || foldersOf(path).some((folder) => out.has(folder));

async function allFiles(rules: Rules): Promise<Sized[]> {
  const args = ['-mindepth', '1', '-iname', '.git', '-prune', '-o', '(', '-type', 'f', '-o', '-type', 'l', ')'];
  const { stdout } = await execa('find', [rules.workspace, ...args, '-printf', '%s %P\\0'], {
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
    extendEnv: false,
    encoding: 'buffer',
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    maxBuffer: 2 ** 30,
    ...(rules.signal === undefined ? {} : { cancelSignal: rules.signal }),
  });
  rules.signal?.throwIfAborted();
  return rawOf(Buffer.from(stdout))
    .split('\0')
    .slice(0, -1)
    .map((line) => ({ bytes: Number.parseInt(line, 10), path: line.slice(line.indexOf(' ') + 1) }));
}

function tooMany(files: readonly Sized[], most: number): LeftOut {
  const left: LeftOut = { excluded: [], lacks: [] };
  let rest = [...files];
  while (rest.length > most && left.excluded.length < MOST_LEFT_OUT) {
    const folder = justLargeEnough(countFolders(rest), rest.length - most);
    const last = rest.at(-1);
    if (last === undefined) break;
    const path = folder?.path ?? last.path;
    const ownFiles = folder === undefined ? '' : ` with its ${folder.files} files`;
    left.excluded.push(path);
    left.lacks.push(`${shown(path)}${ownFiles} is left out: at most ${most} files are kept`);
    rest = rest.filter((file) => file.path !== path && !isUnder(path, file.path));
  }
  return left;
}

/** The smallest that is enough by itself, else the largest. */
function justLargeEnough(
  folders: ReadonlyMap<RawPath, number>,
  excess: number,
): { path: RawPath; files: number } | undefined {
  const sorted = [...folders].sort(([, one], [, other]) => one - other);
  const found = sorted.find(([, files]) => files >= excess) ?? sorted.at(-1);
  return found === undefined ? undefined : { path: found[0], files: found[1] };
}

function countFolders(files: readonly Sized[]): Map<RawPath, number> {
  const counts = new Map<RawPath, number>();
  for (const { path } of files) for (const folder of foldersOf(path)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  return counts;
}

function foldersOf(path: RawPath): RawPath[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function tooLarge(files: readonly Sized[], most: number): LeftOut {
  const left: LeftOut = { excluded: [], lacks: [] };
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of [...files].sort((one, other) => other.bytes - one.bytes)) {
    if (total <= most || left.excluded.length >= MOST_LEFT_OUT) break;
    total -= bytes;
    left.excluded.push(path);
    left.lacks.push(`${shown(path)} is left out (${bytes} bytes): at most ${most} bytes are kept in all`);
  }
  return left;
}
