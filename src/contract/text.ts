// Sizes and excerpts of text, counted the same way in the workflow sandbox, on the host and in a client.
// Pure and free of Node: the workflow bundle has no Buffer.

/** Bytes of `text` in UTF-8; a lone surrogate counts as its three-byte replacement. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 2;
      i += 1;
    } else bytes += 2;
  }
  return bytes;
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/** Bytes a value takes as JSON. */
export const jsonBytes = (value: unknown): number => utf8Bytes(JSON.stringify(value) ?? '');

/** One line of at most `chars` characters, free of control characters; a cut ends in `…`, never in half a character. */
export function excerpt(text: string, chars: number): string {
  const seen = cut(text.trim(), chars * 4);
  return cut(seen.replace(/[\s\p{Cc}]+/gu, ' ').trim(), chars);
}

/** The first `chars` characters, line breaks kept. */
export function cut(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const end = isLowSurrogate(text.charCodeAt(chars - 1)) ? chars - 2 : chars - 1;
  return `${text.slice(0, end)}…`;
}

/** The longest start of `text` that fits `bytes` in UTF-8 (a Keyword's limit is in bytes). */
export function cutBytes(text: string, bytes: number): string {
  if (utf8Bytes(text) <= bytes) return text;
  let kept = '';
  let used = 0;
  for (const char of text) {
    used += utf8Bytes(char);
    if (used > bytes) break;
    kept += char;
  }
  return kept;
}
