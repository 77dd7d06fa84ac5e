// What any input's shape may be, told before a schema or JSON walks it: those recurse, and a hostile depth would
// throw in the middle of a workflow task. Knows nothing of the fields.

/** Deeper than any settings file nests; far below what overflows a stack. */
const LEVELS = 64;
/** Values in all lists and objects together: more than the 64 KiB of the largest spec can hold. */
const VALUES = 50_000;

/** A sentence's part where `input` is nested too deep, holds too much or names `__proto__`; undefined where it's fine. */
export function shapeProblem(input: unknown): string | undefined {
  const open: [value: object, level: number][] = isObject(input) ? [[input, 1]] : [];
  let values = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, level] = next;
    if (level > LEVELS) return `more than ${LEVELS} levels of lists and objects; allowed: ${LEVELS}`;
    const members = Array.isArray(value) ? value : Object.keys(value);
    values += members.length;
    if (values > VALUES) return `more than ${VALUES} values; allowed: ${VALUES}`;
    // Its meaning differs from parser to parser; a schema would leave it out in silence.
    if (Object.hasOwn(value, '__proto__')) return 'a field named "__proto__"; allowed: none of that name';
    for (const member of Array.isArray(value) ? value : Object.values(value))
      if (isObject(member)) open.push([member, level + 1]);
  }
  return undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
