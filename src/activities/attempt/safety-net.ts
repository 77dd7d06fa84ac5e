// The store as one attempt uses it: where the task stands, the claim, the checkpoints taken on the way. A store that
// can't be reached costs the safety net, never the conversation: it is noted, and tried again at the next step.
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { configHome } from '../../claude/environment.js';
import { transcriptFolder } from '../../claude/transcript.js';
import { shownPath } from '../../context/compare/shown.js';
import type { MomentAt, TranscriptNotes } from '../../context/moment.js';
import { type Content, filesOf, type Writer } from '../../context/store/content.js';
import { advance, claimHead, type Fence, keepAside } from '../../context/store/fence.js';
import { type Located, locate } from '../../context/store/locate.js';
import { openStore, type Store } from '../../context/store/store.js';
import type { TaskKey } from '../../context/store/task-ref.js';
import { planTranscripts, type TranscriptPlan } from '../../context/transcripts/plan.js';
import { adoptIndex, type TakeInput, type Taken, takeWorkspace } from '../../context/workspace/take.js';
import type { AttemptRequest } from '../../contract/attempt.js';
import type { Problem } from '../../contract/fault.js';
import type { TaskPlace } from '../../host/task-place.js';
import { AttemptProblem, attemptProblem, overtaken, problemOf } from './failure.js';
import type { AttemptCall, AttemptHost } from './host.js';

/** How often a checkpoint is begun anew because Claude said something meanwhile. */
const QUIET_TRIES = 3;

/** One checkpoint, as the report tells of it. */
export type Kept = { id: string; lacks: string[] };

export class SafetyNet {
  readonly task: TaskKey;
  readonly privateDir: string;
  /** Why the newest work has no checkpoint; undefined while all is well. */
  problem: Problem | undefined;
  #store: Store | undefined;
  #located: Located = {};
  #fence: Fence | undefined;
  readonly #brought: string[] = [];

  constructor(
    private readonly request: AttemptRequest,
    private readonly host: AttemptHost,
    private readonly call: Pick<AttemptCall, 'token' | 'isPending'>,
    private readonly place: TaskPlace,
  ) {
    this.task = { namespace: host.namespace, taskId: request.taskId, incarnation: request.incarnation };
    this.privateDir = join(place.context, request.attemptId);
  }

  /** Looks where the task stands. */
  async look(): Promise<void> {
    await takeOverIndex(this.place.context, this.privateDir);
    await this.#trying(async () => {
      const store = await openStore({ configured: this.host.store, home: this.host.home.path });
      const { head, since } = this.request.line ?? { since: [] };
      this.#located = await locate(store, this.task, { since, ...(head === undefined ? {} : { head }) });
      this.#store = store;
    });
  }

  /** The moment to go on from; undefined where there is none, or the store can't tell. */
  get base(): MomentAt | undefined {
    return this.#located.base;
  }

  /** The store has told where the task stands. */
  get hasAnswered(): boolean {
    return this.#store !== undefined;
  }

  /** @throws AttemptProblem where the store can't be reached: for what can't be done without it. */
  async mustHaveStore(): Promise<Store> {
    if (this.#store === undefined) await this.look();
    if (this.#store !== undefined) return this.#store;
    throw attemptProblem(
      'store',
      this.problem?.says ?? 'The store of checkpoints is out of reach.',
      this.problem?.remedy,
    );
  }

  /** Says who writes from now on. @throws AttemptProblem where a newer attempt has said so. */
  async claim(): Promise<void> {
    const refused = await this.#trying(async () => {
      if (this.#fence !== undefined || this.#store === undefined) return undefined;
      const claimed = await claimHead(this.#store, this.task, this.#located, this.#writer());
      if (claimed.ok) this.#fence = claimed.fence;
      return claimed.ok ? undefined : claimed.by;
    });
    if (refused === undefined) return;
    const says = `A newer attempt of this task (${refused.attempt.number}, on ${refused.host}) writes its checkpoints; this one was ended.`;
    throw await overtaken(this.call, says);
  }

  /** Keeps files and conversation as they are now; undefined where that can't be, or a newer attempt has taken over. */
  async keep(
    workspace: string,
    { during, filesFrom, settledFor }: { during: boolean; filesFrom?: string[]; settledFor?: string | undefined },
  ): Promise<Kept | undefined> {
    return this.#trying(async () => {
      if (this.#store === undefined) await this.look();
      await this.claim();
      if (this.#fence === undefined) return undefined;
      const { kept } = this.#fence;
      const content = await this.#content(workspace, kept?.moment.transcripts ?? [], {
        during,
        ...(kept === undefined ? {} : { known: filesOf(kept) }),
      });
      const { id, where } = await advance(this.#fence, {
        ...content,
        during,
        ...(settledFor === undefined ? {} : { settledFor }),
        ...(filesFrom === undefined ? {} : { filesFrom }),
      });
      if (where === 'head') this.problem = undefined;
      return where === 'head' ? { id, lacks: this.#lacksOf(content) } : undefined;
    });
  }

  /**
   * Keeps what is there now beside the task's line, where nothing takes its place: leftovers, and today's files before
   * others come. `from`: what it derives from; where nothing differs from that, its id. @throws AttemptProblem: it must not be lost
   */
  async keepAside(workspace: string, from: MomentAt | undefined): Promise<string> {
    const store = await this.mustHaveStore();
    const content = await this.#content(workspace, from?.moment.transcripts ?? []);
    return keepAside(store, this.task, this.#writer(), { ...content, during: false }, from);
  }

  /** Brings files of the store into a workspace; what could not be brought, or had to step aside for it, is told. */
  async bring(work: () => Promise<{ lacks: string[] }>): Promise<void> {
    this.#brought.push(...(await work()).lacks);
  }

  #lacksOf({ lacks, withheld }: Pick<Content, 'lacks' | 'withheld'>): string[] {
    const secrets = withheld.map((path) => shownPath(path, 60));
    return [
      ...lacks,
      ...(secrets.length === 0 ? [] : [`left out as secrets: ${secrets.join(', ')}`]),
      ...this.#brought,
    ];
  }

  /** Where the CLI keeps the transcripts of this workspace. */
  folder(workspace: string): Promise<string> {
    return transcriptFolder(configHome(this.host.env, this.place.claudeConfig).dir, workspace);
  }

  /** In the user's own directory and configuration the user's own sessions lie beside ours. */
  get foldersAreShared(): boolean {
    const { dir } = configHome(this.host.env, this.place.claudeConfig);
    return dir !== this.place.claudeConfig && this.request.workspaceDir !== undefined;
  }

  /**
   * The conversation first, then the files: while Claude works these may be ahead of what is said of them, never behind.
   * Best of all is a moment in which nothing is said meanwhile.
   */
  async #content(
    workspace: string,
    transcripts: readonly TranscriptNotes[],
    { known, during = false }: { known?: TakeInput['known']; during?: boolean } = {},
  ) {
    const { gitDir } = await this.mustHaveStore();
    const { privateDir } = this;
    for (let tries = 1; ; tries += 1) {
      const plan = await this.#plan(workspace, transcripts);
      const { tree, ...rest }: Taken = await takeWorkspace({
        ...{ gitDir, workspace, privateDir },
        ...(known === undefined ? {} : { known }),
      });
      const isQuiet = !during || isDeepStrictEqual(plan.notes, (await this.#plan(workspace, transcripts)).notes);
      if (isQuiet || tries === QUIET_TRIES) return { ...rest, workspaceTree: tree, transcripts: plan };
    }
  }

  async #plan(workspace: string, known: readonly TranscriptNotes[]): Promise<TranscriptPlan> {
    const only = [this.request.session.id, ...known.map(({ sessionId }) => sessionId)];
    const folder = await this.folder(workspace);
    return planTranscripts({ folder, known, ...(this.foldersAreShared ? { only } : {}) });
  }

  #writer(): Writer {
    const { attemptId, number, session } = this.request;
    return { id: attemptId, number, token: this.call.token, host: this.host.hostname, sessionId: session.id };
  }

  async #trying<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      // A newer attempt's claim is no trouble of the store's.
      if (error instanceof AttemptProblem) throw error;
      this.problem = problemOf(error, this.place.root);
      return undefined;
    }
  }
}

/** What the attempt before knew of the files saves reading them all again. */
async function takeOverIndex(context: string, own: string): Promise<void> {
  if ((await stat(own).catch(() => undefined)) !== undefined) return;
  await mkdir(context, { recursive: true, mode: 0o700 });
  const others = (await readdir(context)).map((name) => join(context, name)).filter((dir) => dir !== own);
  const times = await Promise.all(
    others.map(async (dir) => ({ dir, atMs: (await stat(dir).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const [newest] = times.toSorted((a, b) => b.atMs - a.atMs);
  await adoptIndex(newest?.dir, own);
  for (const dir of others) await rm(dir, { recursive: true, force: true });
}
