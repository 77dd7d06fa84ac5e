// Owns who a process is beyond its pid, and whether that very process still lives. A pid alone proves nothing: it is
// used again, and it means another process in another PID namespace. What can't be proven is 'unknown', never 'dead'.
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { readProcess } from './process-table.js';
import { errorCode } from './system-error.js';

export const processIdentitySchema = z.object({
  pid: z.int().positive(),
  /** Clock ticks since boot. */
  startTime: z.int().nonnegative(),
  bootId: z.string().min(1),
  /** The PID namespace in which `pid` is this process's number, as the kernel names it: "pid:[4026531836]". */
  pidNamespace: z.string().min(1),
  /** Names the machine across boots; empty where it has no name of its own. */
  machine: z.string(),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;
export type Aliveness = 'alive' | 'dead' | 'unknown';
type Surroundings = Omit<ProcessIdentity, 'pid' | 'startTime'>;

/** The number that Linux gives the namespace of the machine itself, on every boot. */
const FIRST_NAMESPACE = 'pid:[4026531836]';

let surroundings: Surroundings | undefined;

/** This process. Throws where there is no /proc (ask `processTreeSupport` first). */
export function ownIdentity(): ProcessIdentity {
  const own = identityOf(process.pid);
  if (own === undefined) throw new Error('this process is not in /proc: processTreeSupport() says why');
  return own;
}

/** Any process that we can see, by its pid here; undefined when there is none, or only its zombie. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const row = readProcess(pid);
  return row === undefined || row.gone ? undefined : { pid, startTime: row.startTime, ...ownSurroundings() };
}

/** Whether the process that bore this identity still runs. A stopped one is alive, a zombie is dead. */
export function aliveness(identity: ProcessIdentity): Aliveness {
  return judgeAliveness(identity, ownSurroundings());
}

/** The judgement, seen from `here`. */
export function judgeAliveness(identity: ProcessIdentity, here: Surroundings): Aliveness {
  if (identity.bootId !== here.bootId) return otherBoot(identity, here);
  if (identity.pidNamespace !== here.pidNamespace) return 'unknown';
  const row = readProcess(identity.pid);
  if (row === undefined) return isHidden(identity.pid) ? 'unknown' : 'dead';
  return row.startTime === identity.startTime && !row.gone ? 'alive' : 'dead';
}

/**
 * Another boot is either this machine before its restart (all dead) or another machine sharing the disk (anything).
 * Containers often share the machine's names, so only processes outside of any may be judged by them.
 */
function otherBoot(identity: ProcessIdentity, here: Surroundings): Aliveness {
  const sameMachine = here.machine !== '' && identity.machine === here.machine;
  const outsideContainers = [identity, here].every(({ pidNamespace }) => pidNamespace === FIRST_NAMESPACE);
  return sameMachine && outsideContainers ? 'dead' : 'unknown';
}

/** Under hidepid another user's process has no entry in /proc and yet exists. */
function isHidden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

function ownSurroundings(): Surroundings {
  surroundings ??= {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    pidNamespace: readlinkSync('/proc/self/ns/pid'),
    machine: machineName(),
  };
  return surroundings;
}

/** machine-id(5) asks not to be shown as it is: a hash of it names the machine as well. */
function machineName(): string {
  let id: string;
  try {
    id = readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
  return /^[0-9a-f]{32}$/.test(id) ? createHash('sha256').update(`${id} ${hostname()}`).digest('hex').slice(0, 16) : '';
}
