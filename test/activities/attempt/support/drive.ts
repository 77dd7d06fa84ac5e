// Attempts in processes of their own: started, frozen, thawed and killed by a test.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { AttemptProgress, AttemptReport, AttemptRequest } from '../../../../src/contract/attempt.js';
import { until } from '../../../support/poll.js';
import { bundleProgram, talkTo } from '../../../support/program.js';
import { newTempDir } from '../../../support/temp.js';
import type { Said, Told } from '../programs/driver.js';
import { newToken, type Site } from './site.js';

export interface Driver {
  pid: number;
  progress: AttemptProgress[];
  report: AttemptReport | undefined;
  /** The report, or undefined when the process went without one. */
  ended: Promise<AttemptReport | undefined>;
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void;
  /** Waits until it stands still (its own SIGSTOP, or the test's). */
  frozen(): Promise<void>;
}

/** Starts attempts in processes of their own; the program is there from a file's first test to its last. */
export function useDriver(): (site: Site, request: AttemptRequest, options?: DriveOptions) => Driver {
  let program: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const made = await newTempDir('driver');
    remove = made.remove;
    program = await bundleDriver(made.dir);
  });
  afterAll(() => remove());
  return (site, request, options) => drive(program, site, request, options);
}

export const bundleDriver = (outDir: string): Promise<string> =>
  bundleProgram(fileURLToPath(new URL('../programs/driver.ts', import.meta.url)), outDir);

export interface DriveOptions {
  halt?: Told['halt'];
  token?: number;
  /** Before `node`, for example `unshare …`. */
  command?: string[];
}

export function drive(program: string, site: Site, request: AttemptRequest, options: DriveOptions = {}): Driver {
  const { halt, token = newToken(), command = [] } = options;
  const [name, ...args] = [...command, process.execPath, program];
  // Its environment has nothing of the test's: what Claude gets comes from the host it is told.
  const talk = talkTo(name, args, { env: { PATH: process.env['PATH'] ?? '' } });
  const driver: Driver = {
    pid: talk.pid,
    progress: [],
    report: undefined,
    ended: listen(),
    signal: (signal) => void talk.process.kill(signal),
    frozen: async () => void (await until(() => isStopped(talk.pid), { what: 'the driver stands still', everyMs: 5 })),
  };
  onTestFinished(async () => {
    talk.process.kill('SIGKILL');
    await talk.ended;
  });
  talk.tell({ request, host: site.host, token, ...(halt && { halt }) } satisfies Told);
  return driver;

  async function listen(): Promise<AttemptReport | undefined> {
    try {
      for (;;) hear(await talk.next<Said>());
    } catch {
      await talk.ended;
      return driver.report;
    }
  }

  function hear(said: Said): void {
    if ('progress' in said) driver.progress.push(said.progress);
    else driver.report = said.report;
  }
}

/** The state letter in /proc: every thread has felt the SIGSTOP. */
function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}
