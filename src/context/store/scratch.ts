// Where a commit is held between being written and being named by a ref of its task. Before a remote it is a promise to
// hand it over later, and has a name that is found again; in the store itself it only has to be out of the way.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from './place.js';
import { pendingHead, pendingSide, scratchRef, type TaskKey } from './task-ref.js';

const unique = (): string => randomBytes(4).toString('hex');

export const scratchFor = (attemptId: string): string => scratchRef(attemptId, unique());

export const scratchForHead = (store: Store, task: TaskKey, attemptId: string): string =>
  store.url === undefined ? scratchFor(attemptId) : pendingHead(task, attemptId);

export const scratchForSide = (store: Store, task: TaskKey, attemptId: string): string =>
  store.url === undefined ? scratchFor(attemptId) : pendingSide(task, attemptId, unique());

/**
 * Removes the ref as a file: git would lock every packed ref of the store for it, and a process killed in there would
 * hold up all others. One that has been packed meanwhile stays until the garbage is collected.
 */
export const dropScratch = (store: Store, ref: string): Promise<void> => rm(join(store.gitDir, ref), { force: true });
