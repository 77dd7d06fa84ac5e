// A watch over the Claude processes of one world: what argv each really had, when it lived, and which overlapped.
// Reads /proc alone; the world's API address in the environment tells its processes from all others.
import { readdirSync, readFileSync } from 'node:fs';

export interface SeenProcess {
  pid: number;
  /** Clock ticks since boot: with the pid it names one process for good. */
  startTicks: number;
  argv: string[];
  /** TASKRUN_TASK and TASKRUN_ATTEMPT as the process got them. */
  task: string;
  attempt: string;
  environ: Record<string, string>;
  firstSeenAt: number;
  lastSeenAt: number;
}

const EVERY_MS = 25;

export class ProcessWatch {
  readonly seen: SeenProcess[] = [];
  readonly #timer = setInterval(() => this.look(), EVERY_MS);

  constructor(private readonly needle: string) {}

  /** CLI launches of a task, in the order in which they were seen; `key` is any part of its marker. */
  of(key: string): SeenProcess[] {
    return this.seen.filter((process) => process.task.includes(key));
  }

  /** Our session flags of each launch of a task. */
  flagsOf(key: string): string[] {
    return this.of(key).map((process) =>
      process.argv.filter((arg) => /^--(continue|resume|session-id|fork)/.test(arg)).join(' '),
    );
  }

  /** Pairs of launches of one task that lived at the same time. */
  overlaps(key: string): [SeenProcess, SeenProcess][] {
    const launches = this.of(key);
    return launches.flatMap((one, at) =>
      launches
        .slice(at + 1)
        .filter((other) => other.firstSeenAt < one.lastSeenAt)
        .map((other): [SeenProcess, SeenProcess] => [one, other]),
    );
  }

  alive(key = ''): SeenProcess[] {
    this.look();
    const now = Date.now();
    return this.of(key).filter((process) => now - process.lastSeenAt < EVERY_MS);
  }

  look(): void {
    for (const pid of readdirSync('/proc')
      .map(Number)
      .filter((number) => number > 0)) {
      const found = this.#read(pid);
      if (found === undefined) continue;
      const known = this.seen.find((process) => process.pid === pid && process.startTicks === found.startTicks);
      if (known === undefined) this.seen.push(found);
      else known.lastSeenAt = Date.now();
    }
  }

  async killAll(): Promise<void> {
    for (const { pid } of this.alive()) process.kill(pid, 'SIGKILL');
    clearInterval(this.#timer);
  }

  /** The CLI itself: its children have other programs in argv[0]. Zombies have no argv. */
  #read(pid: number): SeenProcess | undefined {
    try {
      const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
      if (!argv.includes('--output-format=stream-json')) return undefined;
      const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (!pairs.includes(this.needle)) return undefined;
      const environ = Object.fromEntries(
        pairs
          .filter((pair) => pair.includes('='))
          .map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      );
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const startTicks = Number(fields[19]);
      // A child of the CLI between fork and exec still shows its parent's argv.
      if (this.seen.some((known) => known.pid === Number(fields[1]))) return undefined;
      const now = Date.now();
      return {
        pid,
        startTicks,
        argv,
        environ,
        task: environ['TASKRUN_TASK'] ?? '',
        attempt: environ['TASKRUN_ATTEMPT'] ?? '',
        firstSeenAt: now,
        lastSeenAt: now,
      };
    } catch {
      return undefined;
    }
  }
}
