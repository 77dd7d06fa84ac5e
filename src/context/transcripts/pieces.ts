// A transcript as a file: its size and time, a piece of it, the fingerprint of its end. Knows nothing of what it says.
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { errorCode } from '../../host/system-error.js';

export interface TranscriptFile {
  path: string;
  bytes: number;
  /** Whole milliseconds: what a restored file can be given and will answer. */
  modifiedAtMs: number;
}

/** Longer than one line of a conversation mostly is, and read at each checkpoint. */
const TAIL_BYTES = 64 * 1024;

/** Undefined: there is no such file. */
export async function sizeAndTime(path: string): Promise<TranscriptFile | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? { path, bytes: found.size, modifiedAtMs: Math.round(found.mtimeMs) } : undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** SHA-256 of the last bytes before `end`. */
export async function tailHash(path: string, end: number): Promise<string> {
  const piece = await readPiece(path, Math.max(0, end - TAIL_BYTES), end);
  return createHash('sha256').update(piece).digest('hex');
}

/** The bytes from `start` up to `end`; fewer where the file ends before. */
export async function readPiece(path: string, start: number, end: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const piece = Buffer.alloc(end - start);
    let length = 0;
    while (length < piece.length) {
      const { bytesRead } = await file.read(piece, length, piece.length - length, start + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return piece.subarray(0, length);
  } finally {
    await file.close();
  }
}
