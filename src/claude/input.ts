// The one message of an attempt, as the CLI reads it on stdin: a line of stream-json under a uuid of ours.
// Never argv: there a prompt is limited to 128 KiB, readable by every user of the host, and may begin with `-`.
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Message {
  /** The instruction's id, or the attempt's for a nudge; the CLI refuses to run a uuid twice. */
  uuid: string;
  content: string;
}

const PIECE_BYTES = 64 * 1024;

export const messageLine = ({ uuid, content }: Message): string =>
  `${JSON.stringify({ type: 'user', uuid, message: { role: 'user', content: asText(content) } })}\n`;

// A first `/` would make it a command of the CLI's: `/clear` opens another session, `/help` is answered without Claude.
const asText = (content: string): string => (content.startsWith('/') ? ` ${content}` : content);

/**
 * Writes the message as fast as it is read, then closes stdin: the CLI exits by itself only when stdin has ended.
 * False when the reader went away first: how it ended says why, and the transcript whether the message arrived.
 */
export async function writeMessage(stdin: Writable, message: Message): Promise<boolean> {
  try {
    await pipeline(Readable.from(pieces(Buffer.from(messageLine(message)))), stdin);
    return true;
  } catch {
    return false;
  }
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) yield bytes.subarray(from, from + PIECE_BYTES);
}
