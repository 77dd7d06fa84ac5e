// A payload as the list of commands shows it: small, plain JSON, whatever came.
import { BOUNDS } from '../../contract/limits.js';
import { shapeProblem } from '../../contract/shape.js';
import { excerpt, jsonBytes } from '../../contract/text.js';

const MOST_BYTES = 1_000;

/** Long strings cut; anything still large, or not plain JSON, becomes an excerpt of its text. */
export function excerptPayload(payload: unknown): unknown {
  const misshapen = shapeProblem(payload);
  if (misshapen !== undefined) return `not shown: ${misshapen}`;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return small(payload);
  const entries = Object.entries(payload)
    .slice(0, 12)
    .filter(([, value]) => value !== undefined);
  const cut = Object.fromEntries(
    entries.map(([key, value]) => [
      excerpt(key, 40),
      typeof value === 'string' ? excerpt(value, BOUNDS.excerptChars) : value,
    ]),
  );
  return small(cut);
}

function small(value: unknown): unknown {
  const json = JSON.stringify(value);
  if (json === undefined) return String(value);
  return jsonBytes(value) <= MOST_BYTES ? JSON.parse(json) : excerpt(json, BOUNDS.excerptChars);
}
