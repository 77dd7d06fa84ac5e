// One launch of the CLI within an attempt: what it needs, the process with its watches, and what came of it.
import { claudeArguments, sessionFlags } from '../../claude/arguments.js';
import { ATTEMPT_MARKER, claudeEnvironment } from '../../claude/environment.js';
import { locateClaude } from '../../claude/locate.js';
import { type Run, runClaude } from '../../claude/run.js';
import type { AttemptReport, AttemptRequest } from '../../contract/attempt.js';
import { sayDuration } from '../../contract/duration.js';
import { BOUNDS } from '../../contract/limits.js';
import { cut } from '../../contract/text.js';
import { classify } from '../../domain/attempt/classify.js';
import type { Grounded } from '../../domain/attempt/ground.js';
import { nudgeText } from '../../domain/attempt/nudge.js';
import { type Claim, isMine } from '../../host/claims.js';
import type { AttemptPlace, TaskPlace } from '../../host/task-place.js';
import { watchClaim } from '../../host/watch-claim.js';
import { everySoOften } from './every-so-often.js';
import { evidenceOf } from './evidence.js';
import { attemptProblem, bypassForbidden, tookOver } from './failure.js';
import type { AttemptCall, AttemptHost } from './host.js';
import { keepingProblem, mustKeepTranscripts } from './kept.js';
import { makeLaunchFiles } from './launch-files.js';
import { CLAIM_WATCH_MS } from './one-writer.js';
import type { ProgressKeeper } from './progress-keeper.js';
import { transcriptFacts } from './transcript-facts.js';
import { placeFiles } from './workspace.js';

export type ToLaunch = Extract<Grounded, { do: 'launch' }>;

export class ClaudeLaunch {
  #begun = false;

  constructor(
    private readonly request: AttemptRequest,
    private readonly host: AttemptHost,
    private readonly call: AttemptCall,
    private readonly place: TaskPlace,
    private readonly at: AttemptPlace,
    private readonly progress: ProgressKeeper,
    private readonly claim: Claim,
    /** Takes a checkpoint while Claude works. */
    private readonly keepMeanwhile: () => Promise<unknown>,
  ) {}

  /** All that it needs was there. */
  get begun(): boolean {
    return this.#begun;
  }

  async perform(workspace: string, grounded: ToLaunch): Promise<AttemptReport> {
    const { path, args } = await this.prepare(workspace, grounded);
    this.#begun = true;
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
    const checkpoints = everySoOften(host.checkpointEveryMs, () => this.keepMeanwhile());
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
