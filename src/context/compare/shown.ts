// Makes what a workspace or a store says fit for a terminal and a sentence: names are bytes that anybody chose. Control
// and invisible characters are shown as escapes, never obeyed. Knows nothing of what is shown.
import { type KeptPath, pathBytes } from '../moment.js';

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const SHORT: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\u001b': '\\e' };
const PATH_CHARS = 160;

/** One line of at most `chars` characters; of a long path the end, which tells files apart, stays longest. */
export function shownPath(kept: KeptPath, chars = PATH_CHARS): string {
  return middleCut(escaped(textOf(kept)), chars);
}

/** One line of at most `chars` characters, cut at the end. */
export function shownText(text: string, chars: number): string {
  const safe = escaped(text);
  return safe.length <= chars ? safe : `${whole(safe.slice(0, chars - 1))}…`;
}

/** Every control character as an escape; the line break and the tab too. */
export const escaped = (text: string): string => text.replace(UNSEEN, escape);

function escape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code > 0xffff) return `\\u{${hex}}`;
  return SHORT[char] ?? (code > 0xff ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`);
}

/** Bytes that are no UTF-8 stand as `\xe9`. */
function textOf(kept: KeptPath): string {
  const bytes = pathBytes(kept);
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  return bytes.toString('latin1').replace(/[\u0080-\u00ff]/g, escapeByte);
}

const escapeByte = (char: string): string => `\\x${char.charCodeAt(0).toString(16)}`;

function middleCut(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const head = Math.floor((chars - 1) / 3);
  return `${whole(text.slice(0, head))}…${whole(text.slice(text.length - (chars - 1 - head)))}`;
}

/** Half a character at either end is taken off. */
const whole = (text: string): string => text.replace(/[\ud800-\udbff]$|^[\udc00-\udfff]/g, '');
