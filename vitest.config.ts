import { defineConfig } from 'vitest/config';

// Real servers and real processes: forks, generous time-outs, and few files at a time: most of a test's time is waiting.
const shared = {
  pool: 'forks' as const,
  testTimeout: 90_000,
  hookTimeout: 60_000,
  maxWorkers: 4,
  teardownTimeout: 20_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: { ...shared, name: 'fast', include: ['test/**/*.test.ts'], exclude: ['test/slow/**', 'test/browser/**'] },
      },
      { test: { ...shared, name: 'slow', include: ['test/slow/**/*.test.ts'], testTimeout: 300_000, maxWorkers: 3 } },
      {
        test: {
          ...shared,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 300_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
