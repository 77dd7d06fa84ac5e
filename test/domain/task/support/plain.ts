// State equals its own JSON: plain objects, lists, strings, finite numbers, booleans, null; nothing undefined.
// What was looked at once and is frozen is not looked at again, so a check costs what an event changed.

const known = new WeakSet<object>();

export function expectPlain(value: unknown, at = 'state'): void {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Object.is(value, -0)) throw new Error(`${at} is ${value}`);
    return;
  }
  if (typeof value !== 'object') throw new Error(`${at} is ${typeof value}`);
  if (known.has(value)) return;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) throw new Error(`${at} is not plain`);
  if (Object.getOwnPropertySymbols(value).length > 0) throw new Error(`${at} has symbols`);
  for (const [key, member] of Object.entries(value)) expectPlain(member, `${at}.${key}`);
  if (Object.isFrozen(value)) known.add(value);
}
