// Turns git's kinds of conflict into ours: one for each file, with a sentence that says what happened on either side and
// what the merged files hold now. Knows the merge's output, not the store.
import { type KeptPath, keepPath } from '../moment.js';
import type { MergeNews, MergeOutput, Stage } from './merge-output.js';
import { shownPath } from './shown.js';

export type MergeConflict = {
  /** Exact, as in checkpoint.json; `says` has it fit for people. */
  path: KeptPath;
  how: 'bothChanged' | 'deletedHere' | 'deletedThere' | 'binary' | 'renamed' | 'addedInBoth' | 'symlink' | 'other';
  says: string;
};

/** What the two sides are called in sentences, already fit for a terminal. */
export type Sides = { ours: string; theirs: string };

const LINK = '120000';
type Kind = Pick<MergeConflict, 'how' | 'says'>;

/** The first conflict of each file: git tells the decisive one first. */
export function conflictsOf(output: MergeOutput, sides: Sides): MergeConflict[] {
  const binary = new Set(output.news.filter((news) => news.type === 'CONFLICT (binary)').map(firstPath));
  const found = new Map<string, MergeConflict>();
  for (const news of output.news) {
    const path = firstPath(news);
    if (!news.type.startsWith('CONFLICT') || found.has(path)) continue;
    found.set(path, conflict(path, kindOf(news, output, sides, binary)));
  }
  for (const path of output.stages.keys()) {
    if (!found.has(path) && !isTold(output, path)) found.set(path, conflict(path, unexplained));
  }
  return [...found.values()];
}

/** Every path that a conflict is about, as latin1: also the second and third of a renamed file. */
export function pathsInConflict(output: MergeOutput): Set<string> {
  const told = output.news.filter((news) => news.type.startsWith('CONFLICT')).flatMap((news) => news.paths);
  return new Set([...told.map((path) => path.toString('latin1')), ...output.stages.keys()]);
}

const firstPath = (news: MergeNews): string => (news.paths[0] ?? Buffer.from('.')).toString('latin1');
const isTold = (output: MergeOutput, path: string): boolean =>
  output.news.some((news) => news.paths.some((told) => told.toString('latin1') === path));
const shown = (path: Buffer | undefined): string => shownPath(keepPath(path ?? Buffer.from('.')));
const unexplained: Kind = { how: 'other', says: 'the two sides do not go together' };

function conflict(path: string, kind: Kind): MergeConflict {
  const kept = keepPath(Buffer.from(path, 'latin1'));
  return { path: kept, how: kind.how, says: `${shownPath(kept)}: ${kind.says}` };
}

function kindOf(news: MergeNews, output: MergeOutput, sides: Sides, binary: Set<string>): Kind {
  const path = firstPath(news);
  const versions = output.stages.get(path) ?? new Map<Stage, string>();
  if (news.type === 'CONFLICT (contents)' || news.type === 'CONFLICT (binary)') {
    return contents(versions, sides, binary.has(path));
  }
  if (news.type === 'CONFLICT (modify/delete)') return deleted(versions.has(2), sides);
  if (news.type.startsWith('CONFLICT (rename')) return renamed(news, output, sides);
  if (news.type === 'CONFLICT (distinct modes)') return distinct(news, output);
  if (news.type === 'CONFLICT (file/directory)') {
    return {
      how: 'other',
      says: `a folder on one side bears the name ${shown(news.paths[1])}; the file now has this one`,
    };
  }
  return unexplained;
}

function contents(versions: Map<Stage, string>, sides: Sides, binary: boolean): Kind {
  if ([...versions.values()].includes(LINK)) {
    return { how: 'symlink', says: `a link that points elsewhere on both sides; that of ${sides.ours} stays` };
  }
  if (binary) return { how: 'binary', says: `not text, and changed on both sides; that of ${sides.ours} stays` };
  const marked = 'the places are marked with <<<<<<< and >>>>>>>';
  if (!versions.has(1)) return { how: 'addedInBoth', says: `made on both sides, with different content; ${marked}` };
  return { how: 'bothChanged', says: `changed in the same places on both sides; ${marked}` };
}

function deleted(oursHasIt: boolean, sides: Sides): Kind {
  if (oursHasIt) {
    return {
      how: 'deletedThere',
      says: `changed in ${sides.ours}, deleted in ${sides.theirs}; the changed file stays`,
    };
  }
  return { how: 'deletedHere', says: `deleted in ${sides.ours}, changed in ${sides.theirs}; the changed file is back` };
}

function renamed(news: MergeNews, output: MergeOutput, sides: Sides): Kind {
  const [first, second, third] = news.paths;
  if (news.type === 'CONFLICT (rename/delete)') {
    const byTheirs = output.stages.get(firstPath(news))?.has(3) === true;
    const [renamer, deleter] = byTheirs ? [sides.theirs, sides.ours] : [sides.ours, sides.theirs];
    return { how: 'renamed', says: `renamed from ${shown(second)} in ${renamer}, deleted in ${deleter}; it stays` };
  }
  if (news.type === 'CONFLICT (rename/rename)' && first !== undefined && third !== undefined) {
    const names = `${shown(second)} in ${sides.ours} and to ${shown(third)} in ${sides.theirs}`;
    return { how: 'renamed', says: `renamed to ${names}; both are there` };
  }
  return { how: 'renamed', says: 'files of different origin were renamed to this one name; look at what it holds' };
}

function distinct(news: MergeNews, output: MergeOutput): Kind {
  const modes = news.paths.flatMap((path) => [...(output.stages.get(path.toString('latin1'))?.values() ?? [])]);
  const apart = news.paths.slice(1).map(shown).join(', ');
  const says = `a different kind of thing on each side; the other one is ${apart}`;
  return { how: modes.includes(LINK) ? 'symlink' : 'other', says };
}
