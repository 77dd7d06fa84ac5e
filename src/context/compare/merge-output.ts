// Reads what `git merge-tree --write-tree -z` tells: the tree, the versions of each file that conflicts, and the kinds
// of conflict. Names stay bytes. Judges nothing, and leaves git's own sentences aside.
import { splitAtNul } from './changes.js';

/** 1 is the common ancestor's version, 2 ours, 3 theirs. */
export type Stage = 1 | 2 | 3;

export interface MergeNews {
  /** "CONFLICT (modify/delete)" and the like: stable words of git. */
  type: string;
  paths: Buffer[];
}

export interface MergeOutput {
  tree: string;
  /** By the path's bytes, as latin1: which versions there are, and their modes. */
  stages: Map<string, Map<Stage, string>>;
  news: MergeNews[];
}

export function parseMergeOutput(output: Buffer): MergeOutput {
  const fields = splitAtNul(output);
  const tree = fields.next().toString('latin1');
  const stages: MergeOutput['stages'] = new Map();
  while (fields.left() > 0) {
    const entry = fields.next();
    if (entry.length === 0) break;
    addStage(stages, entry);
  }
  const news: MergeNews[] = [];
  while (fields.left() > 0) {
    const count = Number(fields.next().toString('latin1'));
    if (!Number.isInteger(count)) break;
    const paths = Array.from({ length: count }, fields.next);
    news.push({ type: fields.next().toString('latin1'), paths });
    fields.next();
  }
  return { tree, stages, news };
}

/** `<mode> <id> <stage><tab><path>` */
function addStage(stages: MergeOutput['stages'], entry: Buffer): void {
  const tab = entry.indexOf('\t');
  const [mode = '', , stage] = entry.subarray(0, tab).toString('latin1').split(' ');
  const path = entry.subarray(tab + 1).toString('latin1');
  const versions = stages.get(path) ?? new Map<Stage, string>();
  versions.set(Number(stage) as Stage, mode);
  stages.set(path, versions);
}
