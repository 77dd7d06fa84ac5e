// The report of a merge that a person decides by: what came over, and what needs a decision. A few lines, bounded. Knows
// neither git nor the store.
import type { KeptPath } from '../moment.js';
import type { Change } from './changes.js';
import type { MergeConflict, Sides } from './conflicts.js';
import { shownPath } from './shown.js';

const REPORT_CHARS = 1_500;
const NAMED_FILES = 5;
const ROOM_FOR_REST = 40;
const WORDS: Record<Change['how'], string> = {
  added: 'added',
  deleted: 'deleted',
  modified: 'changed',
  renamed: 'renamed',
  mode: 'with another mode',
};

export interface Outcome {
  taken: readonly Change[];
  conflicts: readonly MergeConflict[];
  /** Left alone, for a checkpoint does not have it. */
  left: readonly KeptPath[];
}

export function mergeReport({ taken, conflicts, left }: Outcome, sides: Sides): string {
  const lines = [headline(taken.length, conflicts.length, sides)];
  if (taken.length > 0) lines.push(...takenLines(taken));
  if (left.length > 0) lines.push(`Left as in ${sides.ours}, for a checkpoint lacks it: ${named(left)}`);
  if (conflicts.length > 0) lines.push('To decide:');
  return withinBounds(
    lines,
    conflicts.map((conflict) => `- ${conflict.says}`),
  );
}

function headline(taken: number, conflicts: number, sides: Sides): string {
  const names = `${sides.theirs} into ${sides.ours}`;
  if (taken === 0 && conflicts === 0) return `Merging ${names} changes nothing.`;
  const came = taken === 0 ? 'nothing came over' : `${files(taken)} came over`;
  return `Merging ${names}: ${came}, ${conflicts === 0 ? 'no conflict' : `${files(conflicts)} in conflict`}.`;
}

const files = (count: number): string => (count === 1 ? '1 file' : `${count} files`);

function takenLines(taken: readonly Change[]): string[] {
  const counts = Object.entries(WORDS)
    .map(([how, word]) => ({ word, count: taken.filter((change) => change.how === how).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  return [`Came over (${counts.join(', ')}): ${named(taken.map(({ path }) => path))}`];
}

function named(paths: readonly KeptPath[]): string {
  const some = paths.slice(0, NAMED_FILES).map((path) => shownPath(path, 60));
  const rest = paths.length - some.length;
  return `${some.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** As many of `items` as there is room for; how many are left out is said. */
function withinBounds(lines: readonly string[], items: readonly string[]): string {
  let text = lines.join('\n');
  for (const [at, item] of items.entries()) {
    if (text.length + 1 + item.length > REPORT_CHARS - ROOM_FOR_REST) return `${text}\n- and ${items.length - at} more`;
    text += `\n${item}`;
  }
  return text;
}
