// Makes the text of a diff fit for a terminal: the files in it may hold anything, so whatever a terminal would obey is
// shown as an escape, and the colours are ours. Knows nothing of git but the look of its diffs.
import { escaped } from './shown.js';

const RESET = '\u001b[m';
const BOLD = '\u001b[1m';
const COLORS: [RegExp, string][] = [
  [/^(diff --git |index |--- |\+\+\+ |new file |deleted file |old mode |new mode |rename |similarity )/, BOLD],
  [/^@@/, '\u001b[36m'],
  [/^\+/, '\u001b[32m'],
  [/^-/, '\u001b[31m'],
];

export function forTerminal(diff: Buffer, opts: { color: boolean }): Buffer {
  const lines = diff.toString('utf8').split('\n').map(plainLine);
  return Buffer.from((opts.color ? lines.map(colored) : lines).join('\n'));
}

/** Tabs stay: they are how code is indented. */
const plainLine = (line: string): string => line.split('\t').map(escaped).join('\t');

function colored(line: string): string {
  const color = COLORS.find(([looks]) => looks.test(line))?.[1];
  return color === undefined ? line : `${color}${line}${RESET}`;
}
