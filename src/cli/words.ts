// Small pieces of sentences for people: ages, costs, counts, shortened ids.
import { sayDuration } from '../contract/duration.js';

/** "3m 10s ago", "just now" */
export function ago(at: Date | string, nowMs = Date.now()): string {
  const ms = nowMs - new Date(at).getTime();
  return ms < 1_000 ? 'just now' : `${sayDuration(ms)} ago`;
}

/** "3m 10s", of two moments or of one until now. */
export const spent = (from: Date | string, to: Date | string | number = Date.now()): string =>
  sayDuration(Math.max(0, new Date(to).getTime() - new Date(from).getTime()));

/** "$0.12"; tiny sums keep enough digits to be seen. */
export const dollars = (usd: number): string => `$${usd.toFixed(usd === 0 || usd >= 0.01 ? 2 : 4)}`;

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** Session flags as people recognise them: the flag, and the start of the id. */
export const shortFlags = (sent: string): string =>
  sent.replace(/=([0-9a-f]{8})-[0-9a-f-]{27}(?= |$)/g, '=$1…').replace(/^--session-id=\S+$/, '--session-id');
