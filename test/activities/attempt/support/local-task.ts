// A task without a server: the real state and steps of the workflow, the real attempt on a host of the test's choice.
// What the loop of workflows/ does over Temporal is done here in one process, so that a test chooses each host.
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptHost } from '../../../../src/activities/attempt/host.js';
import type { AttemptReport, AttemptRequest } from '../../../../src/contract/attempt.js';
import { type Command, commandPayloads } from '../../../../src/contract/commands.js';
import { taskSpec } from '../../../../src/contract/spec.js';
import type { TaskView } from '../../../../src/contract/views.js';
import { apply } from '../../../../src/domain/task/apply.js';
import { decide } from '../../../../src/domain/task/commands/decide.js';
import { nextStep } from '../../../../src/domain/task/next-step.js';
import { openTask } from '../../../../src/domain/task/open.js';
import type { TaskState } from '../../../../src/domain/task/state.js';
import { openHome } from '../../../../src/host/home.js';
import { type TaskPlace, taskPlace } from '../../../../src/host/task-place.js';
import { taskView } from '../../../../src/view/task-view.js';
import { requestOf } from '../../../../src/workflows/attempt-request.js';
import type { Site } from './site.js';

/** Another host: a home, a user and an id of its own; the store is the site's, by `store`. */
export async function hostOf(site: Site, name: string, store: string): Promise<AttemptHost> {
  const home = join(site.root, name);
  const opened = await openHome(join(home, 'taskrun'));
  if (!opened.ok) throw new Error(opened.says);
  await mkdir(join(home, 'user'), { recursive: true });
  const env = { ...site.host.env, HOME: join(home, 'user') };
  return { ...site.host, home: opened.home, hostname: name, hostId: randomUUID(), env, store };
}

/** What this task runs with: everything is allowed, nobody is asked. */
const CLAUDE = { permissionMode: 'bypassPermissions' };

export class LocalTask {
  state: TaskState;
  readonly #incarnation = randomUUID();

  constructor(
    private readonly site: Site,
    readonly taskId: string,
    spec: object,
  ) {
    this.state = openTask({
      spec: taskSpec.parse({ claude: CLAUDE, ...spec }),
      taskId,
      incarnation: this.#incarnation,
      atMs: Date.now(),
      sessionId: randomUUID(),
      instructionId: randomUUID(),
    });
  }

  get view(): TaskView {
    return taskView(this.state);
  }

  place(host: AttemptHost): TaskPlace {
    return taskPlace(host.home, { namespace: host.namespace, taskId: this.taskId, incarnation: this.#incarnation });
  }

  workspace(host: AttemptHost): string {
    return this.place(host).workspace;
  }

  /** The number of a session → its id. */
  session(number: number): string {
    return this.view.sessions.find((one) => one.number === number)?.sessionId ?? '';
  }

  /** A command is accepted, or the test fails with the refusal. */
  tell(name: Command['name'], payload: object): void {
    const command = { name, payload: commandPayloads[name].parse(payload) } as Command;
    const ids = { instruction: randomUUID(), session: randomUUID() };
    const event = { type: 'command' as const, atMs: Date.now(), commandId: randomUUID(), command, ids };
    const verdict = decide(this.state, event);
    if (verdict.refused !== undefined) throw new Error(verdict.refused);
    this.state = apply(this.state, event);
  }

  /** Launches what is next and returns the request; its end is the test's to feed. */
  launch(): AttemptRequest {
    while (this.state.hold?.kind === 'backoff')
      this.state = apply(this.state, { type: 'tick', atMs: this.state.hold.untilMs });
    const step = nextStep(this.state, 'short');
    if (step.do !== 'launch') throw new Error(`the next step is ${JSON.stringify(step)}: ${JSON.stringify(this.view)}`);
    this.state = apply(this.state, { type: 'launched', atMs: Date.now(), attemptId: randomUUID() });
    const { current } = this.state;
    if (current === undefined) throw new Error('nothing was launched');
    return requestOf(this.state, current);
  }

  feed(report: AttemptReport): AttemptReport {
    this.state = apply(this.state, { type: 'report', atMs: Date.now(), report });
    return report;
  }

  /** The next attempt, on this host, to its report. */
  async next(host: AttemptHost): Promise<AttemptReport> {
    const request = this.launch();
    return this.feed(await this.site.run(request, {}, host));
  }

  /** The host is gone: what Temporal reports when heartbeats stay away. */
  lost(request: AttemptRequest, host: AttemptHost, seen: Partial<AttemptReport> = {}): void {
    const at = new Date().toISOString();
    this.feed({
      attemptId: request.attemptId,
      outcome: 'lost',
      sent: '',
      seen: false,
      delivered: false,
      turns: 0,
      host: host.hostname,
      hostId: host.hostId,
      startedAt: at,
      endedAt: at,
      problem: { class: 'lost', says: 'no heartbeat' },
      ...seen,
    });
  }

  /** Back to an earlier state, as a Reset of the workflow does. */
  rewind(to: TaskState): void {
    this.state = to;
  }
}
