// Freezes a value to its leaves, so that a function which changes its input throws.

const known = new WeakSet<object>();

export function frozen<T>(value: T): T {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null || known.has(next)) continue;
    known.add(next);
    Object.freeze(next);
    for (const member of Object.values(next)) open.push(member);
  }
  return value;
}
