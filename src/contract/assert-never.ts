// Consumes a discriminated union to its end: a member added later fails to compile where it is not handled.

export function assertNever(value: never): never {
  throw new TypeError(`unhandled: ${JSON.stringify(value)}`);
}
