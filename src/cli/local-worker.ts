// The worker inside `run` and `dev`: the same as `taskrun worker`, its log in a file instead of on the terminal.
import { join } from 'node:path';
import type { Config } from '../config.js';
import type { RunningWorker } from '../worker.js';
import { CliFailure } from './failure.js';

export type LocalWorker = {
  report: RunningWorker['report'];
  log: string;
  /** Rejects when the worker can't go on. */
  failed: Promise<never>;
  /** Takes no more work; resolves when what it had in hand has ended or was handed over. */
  stop(): Promise<void>;
};

export async function startLocalWorker(config: Config, command: string): Promise<LocalWorker> {
  const log = join(
    config.home,
    'logs',
    `${command}-${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}.log`,
  );
  const [{ startWorker }, { createLog }] = await Promise.all([import('../worker.js'), import('../log.js')]);
  const worker = await startWorker(config, createLog(config.logLevel, log));
  const failed = worker.ended.then(
    () => new Promise<never>(() => {}),
    (error: unknown) => {
      throw new CliFailure(
        1,
        `The worker ended: ${error instanceof Error ? error.message : String(error)}. Its log: ${log}`,
      );
    },
  );
  failed.catch(() => {});
  return {
    report: worker.report,
    log,
    failed,
    stop: async () => {
      worker.shutdown();
      await worker.ended.catch(() => {});
    },
  };
}
