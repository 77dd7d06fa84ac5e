// Markdown for the Temporal UI: cells, tables, blocks to copy, what a page weighs. Knows nothing of tasks.
import { plainText } from '../contract/plain-markdown.js';
import { excerpt, utf8Bytes } from '../contract/text.js';

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
