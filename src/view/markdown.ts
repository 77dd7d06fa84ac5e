// Markdown for the Temporal UI: foreign text kept plain, tables, blocks to copy, what a page weighs. The UI's renderer
// lets raw HTML and any link pass, makes a dash of `--` and a formula of $…$. Knows nothing of tasks.
import { excerpt, utf8Bytes } from '../contract/text.js';

/** Foreign text on one line: nothing in it ends a cell, starts markup, becomes a link or changes its look. */
export const plainText = (value: string): string =>
  value
    .replace(/\s*\r?\n\s*/g, ' ')
    .replace(/[\\`*_{}[\]<>|#~$]|-(?=-)/g, '\\$&')
    .replace(/\b(?:https?|ftp|mailto|www)(?=[:.])/gi, '$&\\');

export const cell = (value: string, chars: number): string => plainText(excerpt(value, chars));

export const code = (word: string): string => `\`${word}\``;

/** One line to copy whole. */
export const jsonBlock = (value: object): string => `\`\`\`json\n${JSON.stringify(value)}\n\`\`\``;

/** The renderer's tables have no padding: a no-break space keeps the columns apart. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join('\u00a0 | ')} |`;
  return [row(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(row)].join('\n');
}

const UNRESERVED = /[\w\-.!~*'()]/g;

/** Length as a URL's parameter: the UI asks for the rendered page with the whole page in the address. */
export const urlChars = (markdown: string): number =>
  3 * utf8Bytes(markdown) - 2 * (markdown.match(UNRESERVED)?.length ?? 0);
