// The last message of a conversation, found from the end of its transcript. Reads two fields of a line and the rest not.
import { readPiece } from './pieces.js';

const FIRST_LOOK_BYTES = 256 * 1024;
/** A conversation has a message in that much, or this is none. */
const LAST_LOOK_BYTES = 64 * 1024 * 1024;

/** The uuid of the last user or assistant line between `from` and `end` that is no side conversation. */
export async function lastMessageId(path: string, from: number, end: number): Promise<string | undefined> {
  for (let look = FIRST_LOOK_BYTES; ; look *= 4) {
    const start = Math.max(from, end - look);
    const lines = (await readPiece(path, start, end)).toString('utf8').split('\n');
    // The first line of a piece that begins inside the file may lack its head: it is no JSON then, or found next time.
    const found = lastOf(lines);
    if (found !== undefined || start === from || look >= LAST_LOOK_BYTES) return found;
  }
}

function lastOf(lines: readonly string[]): string | undefined {
  for (let n = lines.length - 1; n >= 0; n--) {
    const id = messageId(lines[n] ?? '');
    if (id !== undefined) return id;
  }
  return undefined;
}

function messageId(line: string): string | undefined {
  if (!line.includes('"uuid"')) return undefined;
  const said = asJson(line);
  if (typeof said !== 'object' || said === null) return undefined;
  const { type, uuid, isSidechain }: { type?: unknown; uuid?: unknown; isSidechain?: unknown } = said;
  const isMessage = (type === 'user' || type === 'assistant') && isSidechain !== true;
  return isMessage && typeof uuid === 'string' ? uuid : undefined;
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
