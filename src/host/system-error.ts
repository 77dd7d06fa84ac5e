// Owns reading what was thrown: a system call's error code ("ENOENT"), and words for people. Judges nothing.

export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What lies at the bottom of it: fetch and others wrap the reason in a "cause". */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return errorMessage(error.cause);
  return error.message || errorCode(error) || error.name;
}
