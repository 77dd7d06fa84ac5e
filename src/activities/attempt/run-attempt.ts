// One attempt, from the request to the report: become the only writer, look at the disk, launch what is left to do,
// watch it, say what came of it. Always a report; an exception here is a surprise.

import { mkdir } from 'node:fs/promises';
import { claudeArguments, sessionFlags } from '../../claude/arguments.js';
import { ATTEMPT_MARKER, claudeEnvironment } from '../../claude/environment.js';
import { locateClaude } from '../../claude/locate.js';
import { type Run, runClaude } from '../../claude/run.js';
import type { AttemptReport, AttemptRequest, FilesQuestion } from '../../contract/attempt.js';
import { sayDuration } from '../../contract/duration.js';
import { BOUNDS } from '../../contract/limits.js';
import { cut } from '../../contract/text.js';
import { classify } from '../../domain/attempt/classify.js';
import { type Grounded, ground } from '../../domain/attempt/ground.js';
import { nudgeText } from '../../domain/attempt/nudge.js';
import { type Claim, isMine, release } from '../../host/claims.js';
import { type AttemptPlace, type TaskPlace, taskPlace } from '../../host/task-place.js';
import { watchClaim } from '../../host/watch-claim.js';
import { aborted, everySoOften } from './every-so-often.js';
import { evidenceOf } from './evidence.js';
import { attemptProblem, bypassForbidden, problemOf, tookOver, transcriptLost } from './failure.js';
import type { AttemptCall, AttemptHost } from './host.js';
import { keepingProblem, mustKeepTranscripts, setDeadTranscriptAside } from './kept.js';
import { makeLaunchFiles, removeOwnLaunchFiles } from './launch-files.js';
import { becomeOnlyWriter, CLAIM_WATCH_MS } from './one-writer.js';
import { forkParent, originOf, type PlacedParent } from './origin.js';
import { ProgressKeeper } from './progress-keeper.js';
import { type ReadyWorkspace, readyWorkspace } from './ready-workspace.js';
import { type Kept, SafetyNet } from './safety-net.js';
import { transcriptFacts } from './transcript-facts.js';
import { settleFiles } from './wanted-files.js';
import { placeFiles } from './workspace.js';
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

type ToLaunch = Extract<Grounded, { do: 'launch' }>;

class OneAttempt {
  readonly #net: SafetyNet;
  #workspace: ReadyWorkspace | undefined;
  #settledFor: string | undefined;
  #launches = false;
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
    if (this.call.signal.aborted && !this.#launches) return this.progress.report({ outcome: this.call.endedAs() });
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
      return await this.launch(workspace.dir, grounded);
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

  private async launch(workspace: string, grounded: ToLaunch): Promise<AttemptReport> {
    const { path, args } = await this.prepare(workspace, grounded);
    this.#launches = true;
    this.progress.sends(sessionFlags(grounded.launch), grounded.why);
    const run = await this.run(path, args, workspace, grounded.send);
    await this.lookAfter(run, workspace);
    const report = this.reportOf(run, await isMine(this.claim).catch(() => true));
    if (report.outcome !== 'done') return report;
    // The answer counts; that the conversation may lack it, somebody has to know.
    const problem = await keepingProblem(this.host, this.place).catch(() => undefined);
    return problem === undefined ? report : { ...report, problem: { ...problem, log: this.at.dir } };
  }

  /** All that a launch needs; throws where something is missing, with nothing launched. */
  private async prepare(workspace: string, { launch, send }: ToLaunch): Promise<{ path: string; args: string[] }> {
    const { request, host } = this;
    if (request.claude.permissionMode === 'bypassPermissions' && host.forbidBypass) throw bypassForbidden();
    const claude = await locateClaude({ configured: host.claude, path: host.env['PATH'] });
    if (!claude.ok) throw attemptProblem(claude.class, claude.says, claude.remedy);
    await mustKeepTranscripts(host, this.place);
    const files = await makeLaunchFiles(request, this.at, claude.path);
    if (!(await isMine(this.claim))) throw tookOver();
    if (send === 'instruction') await placeFiles(workspace, request.instruction.files ?? []);
    return { path: claude.path, args: claudeArguments(launch, request.claude, files) };
  }

  /** What came of the run stands, also where the disk can't be read any more. */
  private async lookAfter(run: Run, workspace: string): Promise<void> {
    if (run.exitCode === undefined && run.signal === undefined) this.progress.sentNothing();
    // An answer came from a session that has a transcript: if there is none now, it was lost, not never there.
    const answered = run.progress.result?.isError === false && run.ended !== 'wrongSession';
    const facts = await transcriptFacts(this.request, this.host, this.place, workspace).catch(() => undefined);
    this.progress.saw({ seen: answered || facts?.seen === true, delivery: facts?.delivery ?? 'absent' });
  }

  private async run(path: string, args: string[], workspace: string, send: 'instruction' | 'nudge'): Promise<Run> {
    const { request, host, call } = this;
    const lost = new AbortController();
    const unwatch = watchClaim(this.claim, CLAIM_WATCH_MS, () => lost.abort());
    const unfollow = this.progress.follow(this.place, workspace);
    const checkpoints = everySoOften(host.checkpointEveryMs, () => this.keep(true));
    try {
      return await runClaude({
        path,
        args,
        cwd: workspace,
        env: claudeEnvironment({
          environment: host.env,
          extraNames: host.claudeEnvNames,
          taskConfigDir: this.place.claudeConfig,
          taskMarker: this.place.key,
          attemptId: request.attemptId,
        }),
        marker: { name: ATTEMPT_MARKER, value: request.attemptId },
        message: this.message(send),
        expectSession: request.session.id,
        files: { stream: this.at.stream, stderr: this.at.stderr },
        limits: { attemptTimeoutMs: request.attemptTimeoutMs, silenceTimeoutMs: request.silenceTimeoutMs },
        signal: AbortSignal.any([call.signal, lost.signal]),
        // With the process there and nothing said: a thawed attempt finds here that it is not the writer any more.
        beforeMessage: async () => (await isMine(this.claim)) && (await call.isPending()) && (await isMine(this.claim)),
        onProgress: (seen) => this.progress.heard(seen),
      });
    } finally {
      unfollow();
      unwatch();
      await checkpoints.stop();
    }
  }

  /** A nudge goes out under the attempt's id: a launch tried twice says it once. */
  private message(send: 'instruction' | 'nudge'): { uuid: string; content: string } {
    const { instruction, cause, previous, attemptId } = this.request;
    return send === 'instruction'
      ? { uuid: instruction.id, content: instruction.prompt }
      : { uuid: attemptId, content: nudgeText(cause, previous?.says) };
  }

  private reportOf(run: Run, isWriter: boolean): AttemptReport {
    const limits = {
      attemptTimeout: sayDuration(this.request.attemptTimeoutMs),
      silenceTimeout: sayDuration(this.request.silenceTimeoutMs),
    };
    const verdict = classify(evidenceOf(run), limits);
    const text = run.progress.result?.isError === false ? run.progress.result.text : run.progress.lastWords;
    const said = text === undefined || run.ended === 'wrongSession' ? {} : { text: cut(text, BOUNDS.resultChars) };
    // Ended by a newer attempt, by its hand or by our own watch: neither what was asked for nor Claude's failure.
    if (!isWriter && verdict.outcome !== 'done') throw tookOver();
    if (verdict.outcome === 'ended') return this.progress.report({ outcome: this.call.endedAs(), ...said });
    if (verdict.outcome === 'done') return this.progress.report({ outcome: 'done', ...said });
    return this.progress.report({
      outcome: verdict.outcome,
      ...said,
      problem: { ...verdict.problem, log: this.at.dir },
    });
  }
}
