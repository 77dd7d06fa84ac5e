// What this machine lets a test do with Linux namespaces: some containers allow none of it.
import { spawnSync } from 'node:child_process';

/** May mount filesystems of its own (as root of a user namespace). */
export const mayMount = works(['-rm', 'true']);

/** May start a PID namespace with a /proc of its own, as a container has. */
export const mayStartPidNamespace = works(['-rpf', '--mount-proc', 'true']);

function works(args: string[]): boolean {
  return spawnSync('unshare', args, { stdio: 'ignore' }).status === 0;
}
