// Columns for terminals: no frames, so that the output can also be cut and searched.
import Table from 'cli-table3';
import type { Paint } from './output.js';

const NO_FRAME = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((part) => [part, part === 'middle' ? '  ' : '']),
);

/** Cells hold one line each; the last column may be as long as it likes. */
export function columns(paint: Paint, head: string[], rows: string[][]): string {
  const table = new Table({
    head: head.map((title) => paint.dim(title)),
    chars: NO_FRAME,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
