// Gets the workspace of an attempt ready: goes on in it, brings it to the task's newest checkpoint, or makes it. What it
// holds that is no part of the task's line is kept aside before anything is overwritten.
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MomentAt } from '../../context/moment.js';
import { fillFromSource, makeWhole, type Source } from '../../context/source.js';
import { readMoment, readTrees } from '../../context/store/read.js';
import { restoreTranscripts } from '../../context/transcripts/restore.js';
import { restoreWorkspace } from '../../context/workspace/restore.js';
import { takeWorkspace } from '../../context/workspace/take.js';
import type { AttemptRequest } from '../../contract/attempt.js';
import { chooseWorkspace, type WorkspaceChoice } from '../../domain/attempt/workspace-choice.js';
import type { AttemptPlace, TaskPlace } from '../../host/task-place.js';
import { readRecord, type WorkspaceRecord, writeRecord } from '../../host/workspace-record.js';
import { attemptProblem } from './failure.js';
import type { AttemptHost } from './host.js';
import { originOf } from './origin.js';
import type { SafetyNet } from './safety-net.js';
import { runSetup } from './setup.js';
import { mustBeDirectory } from './workspace.js';

export type ReadyWorkspace = {
  dir: string;
  /** It was brought to a moment by this attempt: a session that the moment lacks has not begun yet. */
  broughtHere: boolean;
  /** The attempt that was lost before this one had put the wanted files in place. */
  filesSettled: boolean;
  /** The moment that the attempt goes on from. */
  startedFrom?: string;
  kept?: string;
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
  const exists = (await stat(dir).catch(() => undefined)) !== undefined;
  const { base } = net;
  const line = {
    since: [],
    ...request.line,
    ...(base === undefined ? {} : { base: { id: base.id, attemptId: base.moment.attempt.id } }),
  };
  // A workflow of a version that kept no checkpoints tells of no line.
  const choice: WorkspaceChoice =
    request.line === undefined && exists ? { do: 'goOn' } : chooseWorkspace({ exists, record }, line);
  switch (choice.do) {
    case 'goOn':
      return goOn(site, dir, record);
    case 'make':
      if (choice.aside && request.workspaceDir === undefined) await clearAside(site, dir, record);
      return make(site, dir);
    case 'restore':
      if (base === undefined) throw new TypeError('a restore without its moment');
      if (request.workspaceDir !== undefined && record === undefined) return adopt(site, dir, base);
      if (choice.aside) await keepLeftovers(site, dir, record);
      return restore(site, dir, base, exists);
    case 'needStore': {
      await net.mustHaveStore();
      throw attemptProblem(
        'store',
        `The store has no checkpoint ${request.line?.head?.slice(0, 12) ?? ''} of this task.`,
      );
    }
    case 'needHost':
      throw needsHost(choice.host);
  }
}

async function goOn(site: Site, dir: string, record: WorkspaceRecord | undefined): Promise<ReadyWorkspace> {
  const { request, net } = site;
  if (record?.setUp !== true) await setUp(site, dir, record?.kept);
  const [...since] = request.line?.since ?? [];
  const filesSettled = record?.filesSettled === true && since.at(-1) === record.attemptId;
  await note(site, record?.kept, { filesSettled });
  return {
    dir,
    broughtHere: false,
    filesSettled,
    ...(net.base === undefined ? {} : { startedFrom: net.base.id }),
    ...(record?.kept === undefined ? {} : { kept: record.kept }),
  };
}

/** From another task's moment, from the source, or empty. */
async function make(site: Site, dir: string): Promise<ReadyWorkspace> {
  const { request, net, place, signal } = site;
  const origin = request.session.forkOf?.taskId === undefined ? undefined : await originOf(request, net);
  if (request.workspaceDir === undefined) {
    await makeWhole(place.workspace, async (draft) => {
      if (origin === undefined) return fromSource(request.source, draft, signal);
      const { gitDir } = await net.mustHaveStore();
      await restoreWorkspace({ gitDir, workspace: draft, privateDir: net.privateDir, ...origin });
    });
  }
  await setUp(site, dir, undefined);
  await note(site, undefined, { filesSettled: false });
  return { dir, broughtHere: true, filesSettled: false, ...(origin === undefined ? {} : { startedFrom: origin.id }) };
}

async function fromSource(source: Source | undefined, draft: string, signal: AbortSignal): Promise<void> {
  const filled = source === undefined ? undefined : await fillFromSource(source, draft, signal);
  if (filled === undefined || filled.ok) return;
  const remedy = "mend the source, or the access to it on the worker's host, then continue";
  throw attemptProblem(filled.maybeLater ? 'network' : 'workspace', filled.says, remedy);
}

async function restore(site: Site, dir: string, base: MomentAt, exists: boolean): Promise<ReadyWorkspace> {
  const { request, net, place } = site;
  const { gitDir } = await net.mustHaveStore();
  const into = (workspace: string) => restoreWorkspace({ gitDir, workspace, privateDir: net.privateDir, ...base });
  if (exists) {
    await writeRecord(place.record, {
      attemptId: base.moment.attempt.id,
      kept: base.id,
      restoring: true,
      setUp: false,
      filesSettled: false,
    });
    await into(dir);
  } else {
    await makeWhole(dir, async (draft) => {
      await into(draft);
    });
  }
  await bringTranscripts(site, dir, base);
  await setUp(site, dir, base.id);
  const filesSettled = base.moment.settled === true && request.line?.since.at(-1) === base.moment.attempt.id;
  await note(site, base.id, { filesSettled });
  return { dir, broughtHere: true, filesSettled, startedFrom: base.id, kept: base.id };
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
  await setUp(site, dir, base.id);
  await note(site, base.id, { filesSettled: false });
  return { dir, broughtHere: true, filesSettled: false, startedFrom: base.id, kept: base.id };
}

/** Back before its first attempt: what was made since is kept aside, and the workspace begins anew. */
async function clearAside(site: Site, dir: string, record: WorkspaceRecord | undefined): Promise<void> {
  await keepLeftovers(site, dir, record);
  await rm(dir, { recursive: true, force: true });
}

/** An outdated host's work, or what was made after the moment that the task went back to. */
async function keepLeftovers({ net }: Site, dir: string, record: WorkspaceRecord | undefined): Promise<void> {
  const { kept } = record ?? {};
  const moment = kept === undefined ? undefined : await readMoment(await net.mustHaveStore(), kept);
  await net.keepAside(dir, kept === undefined || moment === undefined ? undefined : { id: kept, moment });
}

/** The conversations of the moment; another one of the task's that is no part of it steps aside. */
async function bringTranscripts({ request, net }: Site, dir: string, base: MomentAt): Promise<void> {
  const folder = await net.folder(dir);
  const ofMoment = new Set(base.moment.transcripts.map(({ sessionId }) => `${sessionId}.jsonl`));
  if (!net.foldersAreShared) {
    const names = await readdir(folder).catch((): string[] => []);
    const strays = names.filter((name) => name.endsWith('.jsonl') && !ofMoment.has(name));
    for (const name of strays) await rename(join(folder, name), join(folder, `${name}.before-${request.attemptId}`));
  }
  await restoreTranscripts({ store: await net.mustHaveStore(), ...base, folder });
}

/** What is there is whole before it begins: a setup that fails or is killed is run again, in the same workspace. */
async function setUp(site: Site, dir: string, kept: string | undefined): Promise<void> {
  const { request } = site;
  if (request.setupCommand === undefined) return;
  await note(site, kept, { filesSettled: false, setUp: false });
  await runSetup(request.setupCommand, site, dir);
}

/** From here on the workspace is this attempt's. */
export const note = (
  { request, place }: Pick<Site, 'request' | 'place'>,
  kept: string | undefined,
  { filesSettled, setUp: isSetUp = true }: { filesSettled: boolean; setUp?: boolean },
): Promise<void> =>
  writeRecord(place.record, {
    attemptId: request.attemptId,
    restoring: false,
    setUp: isSetUp,
    filesSettled,
    ...(kept === undefined ? {} : { kept }),
  });

const needsHost = (host: string | undefined): Error =>
  attemptProblem(
    'store',
    `The newest work of this task is on ${host ?? 'another host'} alone: no checkpoint of it reached the store.`,
    'start the worker of that host again, or resume an earlier checkpoint (taskrun log) to go on without it',
  );
