// A check that tells what is wrong instead of a diff of two states.

export function must(holds: boolean, says: string): void {
  if (!holds) throw new Error(says);
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
