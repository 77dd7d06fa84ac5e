// Durations as people write them in a spec: "90s", "2h", "7d".
import { z } from 'zod';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const PATTERN = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)$/;

/** Milliseconds of a duration string, or undefined where it is none. */
export function parseDurationMs(text: string): number | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]);
}

/** Milliseconds of a duration that a schema has accepted. */
export function durationMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new TypeError(`not a duration: ${text}`);
  return ms;
}

/** "2h", "1m 30s", "450ms": the two largest units, for sentences. */
export function sayDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  const parts: string[] = [];
  let rest = Math.round(ms / 1_000) * 1_000;
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / UNIT_MS[unit]);
    if (count > 0 && parts.length < 2) parts.push(`${count}${unit}`);
    rest -= count * UNIT_MS[unit];
  }
  return parts.join(' ');
}

/** A duration string between two bounds, both inclusive and themselves durations. */
export function duration(least: string, most: string) {
  const [leastMs, mostMs] = [durationMs(least), durationMs(most)];
  const allowed = `a duration from "${least}" to "${most}", such as "90s", "2h" or "7d"`;
  return z
    .string({ error: allowed })
    .refine(
      (text) => {
        const ms = parseDurationMs(text);
        return ms !== undefined && ms >= leastMs && ms <= mostMs;
      },
      { error: allowed },
    )
    .meta({ pattern: PATTERN.source, examples: ['90s', '2h', '7d'] });
}
