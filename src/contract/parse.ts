// The border: everything a person, a Signal or another client sends is parsed here once. A refusal is a value:
// one sentence that names the field, what came, what is allowed and, for a mistyped name, the nearest known one.
import type { z } from 'zod';
import { BOUNDS } from './limits.js';
import { nearest } from './nearest.js';
import { shapeProblem } from './shape.js';
import { cut, excerpt } from './text.js';

export type Parsed<T> = { ok: true; value: T } | { ok: false; says: string };

/** Parses `input` as `what` (the first word of each refusal, such as "spec" or "update"). Never throws. */
export function parseAs<S extends z.ZodType>(schema: S, input: unknown, what: string): Parsed<z.output<S>> {
  const misshapen = shapeProblem(input);
  if (misshapen !== undefined) return { ok: false, says: `${what}: got ${misshapen}` };
  const result = schema.safeParse(input);
  if (result.success) return { ok: true, value: result.data };
  const says = result.error.issues.slice(0, 3).map((issue) => sayIssue(issue, schema, input, what));
  return { ok: false, says: cut(says.join('; '), BOUNDS.problemChars) };
}

function sayIssue(issue: z.core.$ZodIssue, schema: z.ZodType, input: unknown, what: string): string {
  const at = [what, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys
      .slice(0, 5)
      .map((key) => sayUnknown(key, at, knownKeys(schema, issue.path)))
      .join('; ');
  return `${at}: got ${sayValue(valueAt(input, issue.path))}; allowed: ${issue.message}`;
}

function sayUnknown(key: string, at: string, known: string[]): string {
  const near = nearest(key, known);
  const hint = near === undefined ? `allowed: ${known.join(', ')}` : `did you mean "${near}"?`;
  return `${at}.${excerpt(key, 60)}: unknown field; ${hint}`;
}

/** What came, short enough for a sentence; long text is told by its size. */
export function sayValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string')
    return value.length > 80 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === null) return 'null';
  if (typeof value === 'object') return `an object with ${Object.keys(value).length} fields`;
  return `${value as number | boolean}`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** The fields that this version serves at `path` of a schema. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = unwrapped(schema);
  for (const key of path)
    at = unwrapped(typeof key === 'number' ? member(at, 'element') : member(member(at, 'shape'), key));
  const shape = member(at, 'shape') as Record<string, unknown> | undefined;
  return Object.keys(shape ?? {}).filter((key) => kind(unwrapped(shape?.[key])) !== 'never');
}

const member = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;

const kind = (schema: unknown): unknown => member(member(schema, 'def'), 'type');

function unwrapped(schema: unknown): unknown {
  let at = schema;
  while (kind(at) === 'optional' || kind(at) === 'nullable') at = member(member(at, 'def'), 'innerType');
  return at;
}
