// A worker of taskrun: takes tasks' workflows and attempts from the queue and runs Claude on this host.
// Owns starting, draining and ending; what an attempt does stands under activities/.
import { type NativeConnection, Runtime, type RuntimeOptions, Worker } from '@temporalio/worker';
import { Attempts } from './activities/attempt.js';
import { keepMilestone } from './activities/keep-milestone.js';
import { knownSearchAttributes } from './activities/known-search-attributes.js';
import type { Config } from './config.js';
import { hostQueueOf, shortQueueOf } from './contract/names.js';
import { hostId } from './host/host-id.js';
import { createLog, type Log, temporalLogger } from './log.js';
import { AttemptSlots } from './worker/attempt-slots.js';
import { PAYLOAD_CONVERTER_PATH, workflowBundle } from './worker/bundle.js';
import { type HealthServer, serveHealth } from './worker/health.js';
import { wrongSetting } from './worker/refusal.js';
import { checkHost, connect, type StartUp, startUpReport } from './worker/start-up.js';

export { StartRefused } from './worker/refusal.js';
export { type StartUp, sayStartUp } from './worker/start-up.js';

/** Beyond the drain: the time a handed-over attempt gets to end gently and send its report. */
const HAND_OVER_MS = 20_000;
const HEARTBEAT_THROTTLE_MS = 2_000;

export type RunningWorker = {
  /** What was found at the start. */
  report: StartUp;
  /** Resolves when the worker has ended; rejects when it could not go on. */
  ended: Promise<void>;
  /** Takes no more work, lets attempts end within the drain time, hands the others over. */
  shutdown(): void;
};

/**
 * Starts a worker of this process.
 * @throws StartRefused with an exit code (2: a setting, 3: no server) and a sentence that says what to do.
 */
export async function startWorker(config: Config, log: Log = createLog(config.logLevel)): Promise<RunningWorker> {
  const { home, claude } = await checkHost(config);
  installRuntime(config, log);
  const connection = await connect(config);
  try {
    const report = await startUpReport(config, connection, claude);
    const attempts = new Attempts(
      {
        home,
        namespace: config.temporal.namespace,
        env: process.env,
        claude: claude.path,
        claudeEnvNames: config.claudeEnvNames,
        forbidBypass: config.forbidBypass,
        store: config.store,
        hostId: await hostId(home.path),
        checkpointEveryMs: config.checkpointEveryMs,
      },
      config.concurrency,
    );
    const workers = await createWorkers(config, connection, attempts);
    return await run(config, connection, workers, attempts, report);
  } catch (error) {
    await connection.close().catch(() => {});
    throw error;
  }
}

/** Once a process: logs and metrics of the SDK's core. Signals are the caller's to handle. */
function installRuntime(config: Config, log: Log): void {
  const metrics =
    config.metricsPort === undefined
      ? {}
      : { metrics: { prometheus: { bindAddress: `127.0.0.1:${config.metricsPort}` } } };
  const options: RuntimeOptions = {
    logger: temporalLogger(log),
    shutdownSignals: [],
    telemetryOptions: { ...metrics, logging: { forward: {}, filter: { core: 'WARN', other: 'WARN' } } },
  };
  try {
    Runtime.install(options);
  } catch (error) {
    if (config.metricsPort !== undefined && !(error instanceof Error && error.name === 'IllegalStateError')) {
      throw wrongSetting(
        `TASKRUN_METRICS_PORT: port ${config.metricsPort} can't be served: ${error instanceof Error ? error.message : String(error)}. Choose another, or unset it.`,
      );
    }
  }
}

/**
 * One for workflows and attempts, one for the attempts that this host is asked for first, a small one for short
 * activities, so that no attempt delays them.
 */
async function createWorkers(
  config: Config,
  connection: NativeConnection,
  attempts: Attempts,
): Promise<[Worker, ...Worker[]]> {
  const { namespace } = config.temporal;
  const shared = { connection, namespace, dataConverter: { payloadConverterPath: PAYLOAD_CONVERTER_PATH } };
  const slots = new AttemptSlots(config.concurrency);
  const ofAttempts = {
    ...shared,
    activities: { ...attempts.activities },
    tuner: {
      workflowTaskSlotSupplier: { type: 'fixed-size' as const, numSlots: 40 },
      activityTaskSlotSupplier: slots,
      localActivityTaskSlotSupplier: { type: 'fixed-size' as const, numSlots: 1 },
      nexusTaskSlotSupplier: { type: 'fixed-size' as const, numSlots: 1 },
    },
    // One poll a queue: a poll holds back no slot from the other queue.
    activityTaskPollerBehavior: { type: 'simple-maximum' as const, maximum: 1 },
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    shutdownGraceTime: config.drainMs,
    shutdownForceTime: config.drainMs + HAND_OVER_MS,
  };
  const main = Worker.create({ ...ofAttempts, taskQueue: config.taskQueue, workflowBundle: await workflowBundle() });
  const ofThisHost = Worker.create({ ...ofAttempts, taskQueue: hostQueueOf(config.taskQueue, attempts.hostId) });
  const short = Worker.create({
    ...shared,
    taskQueue: shortQueueOf(config.taskQueue),
    activities: { knownSearchAttributes, keepMilestone: keepMilestone(config) },
    maxConcurrentActivityTaskExecutions: 5,
    shutdownGraceTime: 5_000,
    shutdownForceTime: 10_000,
  });
  return Promise.all([main, ofThisHost, short]);
}

async function run(
  config: Config,
  connection: NativeConnection,
  workers: [Worker, ...Worker[]],
  attempts: Attempts,
  report: StartUp,
): Promise<RunningWorker> {
  const health = await openHealth(config, workers[0], attempts, report);
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  // One that fails takes the other with it: half a worker would look alive.
  const running = workers.map((worker) => worker.run().finally(shutdown));
  return { report, ended: untilEnded(running, connection, health), shutdown };
}

async function untilEnded(
  running: Promise<void>[],
  connection: NativeConnection,
  health?: HealthServer,
): Promise<void> {
  const ends = await Promise.allSettled(running);
  await health?.close();
  await connection.close();
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function openHealth(
  config: Config,
  worker: Worker,
  attempts: Attempts,
  report: StartUp,
): Promise<HealthServer | undefined> {
  if (config.healthPort === undefined) return undefined;
  const status = () =>
    (({ INITIALIZED: 'starting', RUNNING: 'running', STOPPED: 'stopped', FAILED: 'stopped' }) as const)[
      worker.getState() as 'RUNNING'
    ] ?? 'draining';
  const { concurrency, namespace, taskQueue, claude } = report;
  try {
    return await serveHealth(config.healthPort, () => ({
      status: status(),
      attempts: attempts.underWay,
      concurrency,
      namespace,
      taskQueue,
      claude: claude.version,
    }));
  } catch (error) {
    throw wrongSetting(
      `TASKRUN_HEALTH_PORT: port ${config.healthPort} can't be served: ${error instanceof Error ? error.message : String(error)}. Choose another, or unset it.`,
    );
  }
}
