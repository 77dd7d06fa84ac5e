// A world for tests of the workflow: a real server and a real worker with the real bundle, payload converter and
// interceptors; only the attempt is a stand-in (stub-attempts.ts). One a test file, every task under an id of its own.
import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import {
  DefaultLogger,
  type LogEntry,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { afterAll, beforeAll } from 'vitest';
import { knownSearchAttributes } from '../../src/activities/known-search-attributes.js';
import { hostQueueOf, shortQueueOf, TASK_QUEUE, WORKFLOW_TYPE } from '../../src/contract/names.js';
import { StubAttempts } from './stub-attempts.js';
import { StubMilestones } from './stub-milestones.js';
import { startTestServer, type TestServer, type TestServerOptions } from './temporal.js';
import { type TestBundle, testBundle } from './workflow-bundle.js';

/** What the SDK warned of in this process, for tests that expect a warning. */
export const warnings: LogEntry[] = [];
Runtime.install({
  logger: new DefaultLogger('WARN', (entry) => warnings.push(entry)),
  shutdownSignals: [],
  telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
});

export interface WorldOptions extends TestServerOptions {
  /** Workflows kept in memory; default 0: each workflow task replays its whole history, as on another worker. */
  cached?: number;
  /** Default: the bundle of the sources. */
  bundle?: TestBundle;
  /** Default true. */
  worker?: boolean;
}

export class World {
  readonly attempts = new StubAttempts();
  readonly milestones = new StubMilestones();
  readonly taskQueue = TASK_QUEUE;
  #workers: { stop(): Promise<void> }[] = [];

  private constructor(
    public server: TestServer,
    readonly connection: Connection,
    readonly bundle: TestBundle,
    private readonly options: WorldOptions,
  ) {}

  static async open(options: WorldOptions = {}): Promise<World> {
    const [server, bundle] = await Promise.all([startTestServer(options), options.bundle ?? testBundle()]);
    const world = new World(server, await connectTo(server), bundle, options);
    if (options.worker !== false) await world.startWorker();
    return world;
  }

  get client(): Client {
    return new Client({ connection: this.connection, namespace: this.server.namespace });
  }

  /** One worker more, on the task queue and on the short one. Returns how to end this one. */
  async startWorker(options: Partial<WorkerOptions> = {}): Promise<() => Promise<void>> {
    const connection = await NativeConnection.connect({ address: this.server.address });
    const shared = {
      connection,
      namespace: options.namespace ?? this.server.namespace,
      dataConverter: { payloadConverterPath: this.bundle.payloadConverterPath },
    };
    const main = await Worker.create({
      ...shared,
      taskQueue: this.taskQueue,
      workflowBundle: { codePath: this.bundle.codePath },
      activities: { ...this.attempts.activities },
      maxCachedWorkflows: this.options.cached ?? 0,
      maxConcurrentActivityTaskExecutions: 200,
      maxHeartbeatThrottleInterval: 200,
      defaultHeartbeatThrottleInterval: 200,
      ...options,
    });
    const short = await Worker.create({
      ...shared,
      taskQueue: shortQueueOf(this.taskQueue),
      activities: { knownSearchAttributes, ...this.milestones.activities },
    });
    const runs = [main.run(), short.run()];
    const stop = async (): Promise<void> => {
      this.#workers = this.#workers.filter((one) => one !== entry);
      for (const worker of [main, short]) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(runs);
      await connection.close();
    };
    const entry = { stop };
    this.#workers.push(entry);
    return stop;
  }

  /** A worker of the queue that belongs to one host: attempts alone. Returns how to end it. */
  async startHost(hostId: string): Promise<() => Promise<void>> {
    const connection = await NativeConnection.connect({ address: this.server.address });
    const worker = await Worker.create({
      connection,
      namespace: this.server.namespace,
      dataConverter: { payloadConverterPath: this.bundle.payloadConverterPath },
      taskQueue: hostQueueOf(this.taskQueue, hostId),
      activities: { ...this.attempts.activities },
      maxHeartbeatThrottleInterval: 200,
      defaultHeartbeatThrottleInterval: 200,
    });
    const run = worker.run();
    const stop = async (): Promise<void> => {
      this.#workers = this.#workers.filter((one) => one !== entry);
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await run;
      await connection.close();
    };
    const entry = { stop };
    this.#workers.push(entry);
    return stop;
  }

  /** Attempts that still wait are handed over, as a draining worker does. */
  async stopWorkers(): Promise<void> {
    this.attempts.release();
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await this.connection.close();
    await this.server.stop();
  }

  /** Starts a task as any plain Temporal client does. Without a spec: one prompt. */
  async start(...args: unknown[]): Promise<WorkflowHandle> {
    return this.client.workflow.start(WORKFLOW_TYPE, {
      workflowId: `task-${randomUUID()}`,
      taskQueue: this.taskQueue,
      args: args.length === 0 ? [{ prompt: 'first prompt' }] : args,
    });
  }
}

/** Histories full of large payloads come in larger messages than a client takes by default (4 MB). */
const connectTo = ({ address }: TestServer): Promise<Connection> =>
  Connection.connect({ address, channelArgs: { 'grpc.max_receive_message_length': 64 * 1024 * 1024 } });

/** The world of a test file, there from its first test to its last. */
export function useWorld(options: WorldOptions = {}): { world: World } {
  const used = {} as { world: World };
  beforeAll(async () => {
    used.world = await World.open(options);
  });
  afterAll(() => used.world?.close());
  return used;
}
