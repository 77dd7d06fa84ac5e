// One attempt, from the request to the report: become the only writer, look at the disk, launch what is left to do,
// watch it, say what came of it. Always a report; an exception here is a surprise.

import { mkdir } from 'node:fs/promises';
import type { AttemptReport, AttemptRequest, FilesQuestion } from '../../contract/attempt.js';
import { BOUNDS } from '../../contract/limits.js';
import { cut } from '../../contract/text.js';
import { ground } from '../../domain/attempt/ground.js';
import { type Claim, isMine, release } from '../../host/claims.js';
import { type AttemptPlace, type TaskPlace, taskPlace } from '../../host/task-place.js';
import { ClaudeLaunch } from './claude-launch.js';
import { aborted } from './every-so-often.js';
import { problemOf, transcriptLost } from './failure.js';
import type { AttemptCall, AttemptHost } from './host.js';
import { setDeadTranscriptAside } from './kept.js';
import { removeOwnLaunchFiles } from './launch-files.js';
import { becomeOnlyWriter } from './one-writer.js';
import { forkParent, originOf, type PlacedParent } from './origin.js';
import { ProgressKeeper } from './progress-keeper.js';
import { type ReadyWorkspace, readyWorkspace } from './ready-workspace.js';
import { type Kept, SafetyNet } from './safety-net.js';
import { transcriptFacts } from './transcript-facts.js';
import { settleFiles } from './wanted-files.js';
import { note, noteChanging, wishOf } from './workspace-notes.js';

/** Never throws; what the host can't do is a fault in the report. */
export async function runAttempt(
  request: AttemptRequest,
  host: AttemptHost,
  call: AttemptCall,
): Promise<AttemptReport> {
  const place = taskPlace(host.home, {
    namespace: host.namespace,
    taskId: request.taskId,
    incarnation: request.incarnation,
  });
  const at = place.attempt(request.number, request.attemptId);
  const progress = new ProgressKeeper(request, host, at.dir, (seen) => call.onProgress(seen));
  try {
    await mkdir(at.dir, { recursive: true, mode: 0o700 });
    const claim = await becomeOnlyWriter(request, host, call, place);
    return await new OneAttempt(request, host, call, place, at, progress, claim).work();
  } catch (error) {
    return progress.report({ outcome: 'fault', problem: { ...problemOf(error, place.root), log: at.dir } });
  }
}

class OneAttempt {
  readonly #net: SafetyNet;
  #workspace: ReadyWorkspace | undefined;
  #settledFor: string | undefined;
  readonly #launch: ClaudeLaunch;
  #filesFrom: string[] | undefined;
  #parentSessionId: string | undefined;

  constructor(
    readonly request: AttemptRequest,
    private readonly host: AttemptHost,
    private readonly call: AttemptCall,
    readonly place: TaskPlace,
    private readonly at: AttemptPlace,
    private readonly progress: ProgressKeeper,
    private readonly claim: Claim,
  ) {
    this.#net = new SafetyNet(request, host, call, place);
    this.#launch = new ClaudeLaunch(request, host, call, place, at, progress, claim, () => this.keep(true));
  }

  async work(): Promise<AttemptReport> {
    try {
      if (this.call.signal.aborted) return this.progress.report({ outcome: this.call.endedAs() });
      const report = await this.toReport().catch((error: unknown) => this.reportOfTrouble(error));
      return { ...report, ...(await this.whatIsKept()) };
    } finally {
      await removeOwnLaunchFiles(this.at).catch(() => undefined);
      // What the attempt came to outweighs a disk that is full by now; an unreleased claim is judged by its process.
      await release(this.claim).catch(() => undefined);
    }
  }

  /** Asked to end before anything was launched, it has ended: what that broke off is no fault. */
  private reportOfTrouble(error: unknown): AttemptReport {
    if (this.call.signal.aborted && !this.#launch.begun) return this.progress.report({ outcome: this.call.endedAs() });
    const problem = { ...problemOf(error, this.place.root), log: this.at.dir };
    return this.progress.report({ outcome: 'fault', problem });
  }

  private async toReport(): Promise<AttemptReport> {
    const { request, host, place, at } = this;
    const net = this.#net;
    // A store that hangs holds up no end.
    await Promise.race([net.look(), aborted(this.call.signal)]);
    if (this.call.signal.aborted) return this.progress.report({ outcome: this.call.endedAs() });
    const workspace = await readyWorkspace({ request, host, place, at, net, signal: this.call.signal });
    this.#workspace = workspace;
    this.progress.hasWorkspace();
    await net.claim();
    const question = await this.settleFiles(workspace);
    if (question !== undefined) return this.progress.report({ outcome: 'asks', question });
    await setDeadTranscriptAside(request, host, place, workspace.dir);
    const facts = await transcriptFacts(request, host, place, workspace.dir);
    this.progress.saw(facts);
    const parent = facts.seen ? undefined : await this.forkParent(workspace.dir);
    // A session that its moment lacks has not begun yet, whatever an attempt saw on a host that is gone.
    const seen = request.session.seen && !workspace.broughtHere;
    const grounded = ground(request.intention, { id: request.session.id, seen, parent: parent?.fork }, facts);
    if (grounded.do === 'transcriptLost') throw transcriptLost(request.session.id);
    if (grounded.do === 'report')
      return this.progress.report({
        outcome: 'done',
        text: cut(facts.lastSaid ?? '', BOUNDS.resultChars),
        sentWhy: 'nothing was launched: the transcript shows the instruction done',
      });
    if (this.call.signal.aborted) return this.progress.report({ outcome: this.call.endedAs() });
    try {
      return await this.#launch.perform(workspace.dir, grounded);
    } finally {
      await parent?.remove();
    }
  }

  private async settleFiles({ dir, known, isSetUp }: ReadyWorkspace): Promise<FilesQuestion | undefined> {
    const { files } = this.request;
    const wish = wishOf(this.request);
    this.#settledFor = known.settledFor;
    if (files === undefined || known.settledFor === wish) return undefined;
    const settled = await settleFiles(files, this.#net, dir, async (today, work) => {
      await noteChanging(this, known, today);
      await work();
      await note(this, { ...known, ...(wish === undefined ? {} : { settledFor: wish }) }, { setUp: isSetUp });
    });
    if (settled.question !== undefined) return settled.question;
    this.#settledFor = wish;
    this.#filesFrom = settled.filesFrom;
    return undefined;
  }

  private async forkParent(dir: string): Promise<PlacedParent | undefined> {
    const { forkOf } = this.request.session;
    const pinned = this.#workspace?.known.origin;
    const origin = forkOf === undefined ? undefined : await originOf(this.request, this.#net, forkOf, pinned);
    const parent = origin === undefined ? undefined : await forkParent(this.request, this.#net, dir, origin);
    this.#parentSessionId = parent?.parentSessionId;
    if (parent?.costUsd !== undefined) this.progress.inherits(parent.costUsd);
    return parent;
  }

  /** The checkpoint of what there is now, however the attempt ended; nothing where a newer attempt works here. */
  private async whatIsKept(): Promise<Partial<AttemptReport>> {
    const workspace = this.#workspace;
    if (workspace === undefined) return {};
    const { startedFrom, known: noted } = workspace;
    const parentSessionId = this.#parentSessionId;
    const wish = wishOf(this.request);
    const known = {
      hostId: this.host.hostId,
      ...(startedFrom === undefined ? {} : { startedFrom }),
      ...(noted.origin === undefined ? {} : { origin: noted.origin }),
      ...(parentSessionId === undefined ? {} : { parentSessionId }),
      ...(wish !== undefined && this.#settledFor === wish ? { filesSettled: true } : {}),
    };
    if (!(await isMine(this.claim).catch(() => false))) return known;
    const kept = await this.keep(false).catch((error: unknown) => {
      this.#net.problem ??= problemOf(error, this.place.root);
      return undefined;
    });
    const { problem } = this.#net;
    return {
      ...known,
      ...(kept === undefined ? {} : { checkpoint: kept.id, ...(kept.lacks.length === 0 ? {} : { lacks: kept.lacks }) }),
      ...(kept !== undefined || problem === undefined ? {} : { unsaved: problem }),
    };
  }

  private async keep(during: boolean): Promise<Kept | undefined> {
    const workspace = this.#workspace;
    if (workspace === undefined) return undefined;
    const settledFor = this.#settledFor;
    const filesFrom = this.#filesFrom === undefined ? {} : { filesFrom: this.#filesFrom };
    const kept = await this.#net.keep(workspace.dir, { during, settledFor, ...filesFrom });
    if (kept === undefined) return undefined;
    this.progress.kept(kept.id);
    const isNews = kept.id !== workspace.known.kept;
    workspace.known = { ...workspace.known, kept: kept.id, ...(settledFor === undefined ? {} : { settledFor }) };
    // A disk that is full by now costs the note, not the checkpoint; a newer attempt's note is not overwritten.
    if (isNews && (await isMine(this.claim).catch(() => false)))
      await note(this, workspace.known, { setUp: workspace.isSetUp }).catch(() => undefined);
    return kept;
  }
}
