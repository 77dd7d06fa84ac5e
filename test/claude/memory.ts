// What this process holds, for tests that promise constant memory.

const MIB = 1024 * 1024;

/** Buffers and heap, in MiB. */
export const heldMiB = (): number => (process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed) / MIB;
