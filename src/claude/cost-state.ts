// What a session has cost by the CLI's own count, as it notes it in the transcript after each turn. A fork takes its
// parent's count over and adds to it. Seen in 2.1.330.
import { open } from 'node:fs/promises';
import { z } from 'zod';

const line = z.object({ type: z.literal('cost-state'), totalCostUSD: z.number().min(0) });
/** The note stands after the turn's last message; what comes behind it is short. */
const TAIL_BYTES = 256 * 1024;

/** US dollars; undefined where nothing is noted. */
export async function notedCostUsd(transcript: string): Promise<number | undefined> {
  const file = await open(transcript, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const noted = buffer
      .toString('utf8')
      .split('\n')
      .filter((text) => text.includes('"cost-state"'));
    return noted.map(parsed).findLast((usd) => usd !== undefined);
  } finally {
    await file.close();
  }
}

function parsed(text: string): number | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data?.totalCostUSD;
  } catch {
    return undefined;
  }
}
