// Gets the workspace of an attempt ready: goes on in it, brings it to the task's newest checkpoint, or makes it. What it
// holds that is no part of the task's line is kept aside before anything is overwritten.
import { rm, stat } from 'node:fs/promises';
import type { MomentAt } from '../../context/moment.js';
import { fillFromSource, makeWhole, type Source } from '../../context/source.js';
import { readMoment, readTrees } from '../../context/store/read.js';
import { restoreWorkspace } from '../../context/workspace/restore.js';
import { takeWorkspace } from '../../context/workspace/take.js';
import type { AttemptRequest } from '../../contract/attempt.js';
import { chooseWorkspace, type WorkspaceChoice } from '../../domain/attempt/workspace-choice.js';
import { errorCode } from '../../host/system-error.js';
import type { AttemptPlace, TaskPlace } from '../../host/task-place.js';
import { readRecord, type WorkspaceRecord } from '../../host/workspace-record.js';
import { bringTranscripts } from './bring-transcripts.js';
import { attemptProblem } from './failure.js';
import type { AttemptHost } from './host.js';
import { originOf } from './origin.js';
import type { SafetyNet } from './safety-net.js';
import { runSetup } from './setup.js';
import { mustBeDirectory } from './workspace.js';
import { note, noteRestoring } from './workspace-notes.js';

export type ReadyWorkspace = {
  dir: string;
  /** It was brought to a moment by this attempt: a session that the moment lacks has not begun yet. */
  broughtHere: boolean;
  /** The moment that the attempt goes on from. */
  startedFrom?: string;
  /** The setup command has run in it; false where it was stopped with the attempt. */
  isSetUp: boolean;
  /** What the host notes of it from now on. */
  known: Pick<WorkspaceRecord, 'kept' | 'settledFor' | 'origin'>;
};

export type Site = {
  request: AttemptRequest;
  host: AttemptHost;
  place: TaskPlace;
  at: AttemptPlace;
  net: SafetyNet;
  signal: AbortSignal;
};

/** @throws AttemptProblem where it can't be had */
export async function readyWorkspace(site: Site): Promise<ReadyWorkspace> {
  const { request, place, net } = site;
  const dir = request.workspaceDir ?? place.workspace;
  if (request.workspaceDir !== undefined) await mustBeDirectory(dir);
  const record = await readRecord(place.record);
  const exists = await isThere(dir);
  const { base } = net;
  const line = {
    since: [],
    ...request.line,
    ...(base === undefined ? {} : { base: { id: base.id, attemptId: base.moment.attempt.id } }),
    outOfSight: !net.hasAnswered && request.session.seen,
  };
  // A workflow of a version that kept no checkpoints tells of no line.
  const choice: WorkspaceChoice =
    request.line === undefined && exists ? { do: 'goOn' } : chooseWorkspace({ exists, record }, line);
  switch (choice.do) {
    case 'goOn':
      return goOn(site, dir, record);
    case 'make':
      if (choice.aside && request.workspaceDir === undefined) await keepLeftovers(site, dir, record);
      return make(site, dir);
    case 'takeBack':
      return restore(site, dir, await momentBefore(site, choice.to), { exists, record });
    case 'restore':
      if (base === undefined) throw new TypeError('a restore without its moment');
      if (request.workspaceDir !== undefined && record === undefined) return adopt(site, dir, base);
      if (choice.aside) await keepLeftovers(site, dir, record);
      return restore(site, dir, base, { exists, record });
    case 'needStore': {
      await net.mustHaveStore();
      throw noSuchCheckpoint(request.line?.head);
    }
    case 'needHost':
      throw needsHost(choice.host);
  }
}

/** One that can't be looked at now is not one that is gone. @throws the system's error, also where no directory is */
async function isThere(dir: string): Promise<boolean> {
  try {
    await stat(`${dir}/.`);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function goOn(site: Site, dir: string, record: WorkspaceRecord | undefined): Promise<ReadyWorkspace> {
  const { net } = site;
  const { kept, settledFor, origin } = record ?? {};
  const known = {
    ...(kept === undefined ? {} : { kept }),
    ...(settledFor === undefined ? {} : { settledFor }),
    ...(origin === undefined ? {} : { origin }),
  };
  const isSetUp = record?.setUp === true || (await setUp(site, dir, known));
  await note(site, known, { setUp: isSetUp });
  return { dir, broughtHere: false, isSetUp, known, ...(net.base === undefined ? {} : { startedFrom: net.base.id }) };
}

/** From another task's moment, from the source, or empty. What is there by now was kept aside, or is half made. */
async function make(site: Site, dir: string): Promise<ReadyWorkspace> {
  const { request, net, place, signal } = site;
  const { forkOf } = request.session;
  const from = forkOf?.taskId === undefined ? request.from : forkOf;
  const origin = from === undefined ? undefined : await originOf(request, net, from);
  if (request.workspaceDir === undefined) {
    await noteRestoring(site, {});
    await rm(place.workspace, { recursive: true, force: true });
    await makeWhole(place.workspace, async (draft) => {
      if (origin === undefined) return fromSource(request.source, draft, signal);
      const { gitDir } = await net.mustHaveStore();
      await net.bring(() => restoreWorkspace({ gitDir, workspace: draft, privateDir: net.privateDir, ...origin }));
    });
  }
  await bringTranscripts(site, dir, undefined);
  const known = origin === undefined ? {} : { origin: origin.id };
  const isSetUp = await setUp(site, dir, known);
  await note(site, known, { setUp: isSetUp });
  return { dir, broughtHere: true, isSetUp, known, ...(origin === undefined ? {} : { startedFrom: origin.id }) };
}

async function fromSource(source: Source | undefined, draft: string, signal: AbortSignal): Promise<void> {
  const filled = source === undefined ? undefined : await fillFromSource(source, draft, signal);
  if (filled === undefined || filled.ok) return;
  const remedy = "mend the source, or the access to it on the worker's host, then continue";
  throw attemptProblem(filled.maybeLater ? 'network' : 'workspace', filled.says, remedy);
}

type Found = { exists: boolean; record: WorkspaceRecord | undefined };

async function restore(site: Site, dir: string, base: MomentAt, { exists, record }: Found): Promise<ReadyWorkspace> {
  const { net } = site;
  const { gitDir } = await net.mustHaveStore();
  const into = (workspace: string): Promise<void> =>
    net.bring(() => restoreWorkspace({ gitDir, workspace, privateDir: net.privateDir, ...base }));
  // What a restore that was broken off has brought must be seen, or it would stay beside what comes now.
  if (exists && record?.restoring === true) await takeWorkspace({ gitDir, workspace: dir, privateDir: net.privateDir });
  await noteRestoring(site, meanwhile(base, record));
  if (exists) await into(dir);
  else await makeWhole(dir, into);
  await bringTranscripts(site, dir, base);
  const { settledFor } = base.moment;
  const known = { kept: base.id, ...(settledFor === undefined ? {} : { settledFor }) };
  const isSetUp = await setUp(site, dir, known);
  await note(site, known, { setUp: isSetUp });
  return { dir, broughtHere: true, isSetUp, known, startedFrom: base.id };
}

/** Whoever finds it half restored must choose as this attempt did. */
const meanwhile = (base: MomentAt, record: WorkspaceRecord | undefined) =>
  record?.before === base.id
    ? { attemptId: record.attemptId, before: base.id }
    : { attemptId: base.moment.attempt.id, kept: base.id };

async function momentBefore({ net }: Site, id: string): Promise<MomentAt> {
  const moment = await readMoment(await net.mustHaveStore(), id);
  if (moment === undefined) throw noSuchCheckpoint(id);
  return { id, moment };
}

/** The user's own directory, on a host that the task has not worked on: taken as it is where it is as it was left. */
async function adopt(site: Site, dir: string, base: MomentAt): Promise<ReadyWorkspace> {
  const { net } = site;
  const store = await net.mustHaveStore();
  const { tree } = await takeWorkspace({ gitDir: store.gitDir, workspace: dir, privateDir: net.privateDir });
  const trees = await readTrees(store, base.id);
  if (tree !== trees?.workspaceTree) {
    throw attemptProblem(
      'workspace',
      `source.dir: ${dir} on this host is not as this task left it on ${base.moment.host}.`,
      `bring it there (taskrun checkout), or give the task its host ${base.moment.host} back, then continue`,
    );
  }
  await bringTranscripts(site, dir, base);
  const known = { kept: base.id };
  const isSetUp = await setUp(site, dir, known);
  await note(site, known, { setUp: isSetUp });
  return { dir, broughtHere: true, isSetUp, known, startedFrom: base.id };
}

/** An outdated host's work, or what was made after the moment that the task went back to. */
async function keepLeftovers({ net }: Site, dir: string, record: WorkspaceRecord | undefined): Promise<void> {
  const { kept } = record ?? {};
  const moment = kept === undefined ? undefined : await readMoment(await net.mustHaveStore(), kept);
  await net.keepAside(dir, kept === undefined || moment === undefined ? undefined : { id: kept, moment });
}

/** What is there is whole before it begins: a setup that fails or is broken off runs again, in the same workspace. */
async function setUp(site: Site, dir: string, known: ReadyWorkspace['known']): Promise<boolean> {
  const { setupCommand } = site.request;
  if (setupCommand === undefined) return true;
  await note(site, known, { setUp: false });
  return runSetup(setupCommand, site, dir);
}

const noSuchCheckpoint = (id = ''): Error =>
  attemptProblem(
    'store',
    `The store holds no checkpoint ${id.slice(0, 12)} of this task.`,
    'bring the store back, or the host that worked last; or go back to an attempt whose checkpoint is there (taskrun log, taskrun rewind)',
  );

const needsHost = (host: string | undefined): Error =>
  attemptProblem(
    'store',
    `The newest work of this task is on ${host ?? 'another host'} alone: no checkpoint of it reached the store.`,
    'start the worker of that host again, or resume an earlier checkpoint (taskrun log) to go on without it',
  );
