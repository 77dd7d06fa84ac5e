// `taskrun dev`: server, UI and worker in one, for as long as it runs.
import { sayDuration } from '../contract/duration.js';
import type { CommonOptions, Program } from './base-program.js';
import type { ServerUp } from './embedded-server.js';
import { exitCodes, lesson, workerDefaults } from './help.js';
import { onInterrupt } from './interrupts.js';
import { commandLine } from './invocation.js';
import { liveLine } from './live-line.js';
import type { LocalWorker } from './local-worker.js';
import { type Output, openOutput } from './output.js';
import { settingsOf } from './settings.js';

export function registerDev(program: Program): void {
  program
    .command('dev')
    .summary('server, UI and worker in one, until Ctrl-C')
    .description(
      'Brings up what tasks need on this machine: a real Temporal server with its web UI, unless one is configured or ' +
        'runs already, and a worker. The data lies under TASKRUN_HOME and stays: tasks go on at the next start.',
    )
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun dev', 'in one terminal'],
          ['taskrun start "…"', 'in another: it finds this server'],
        ],
        next: 'It prints the addresses. Ctrl-C ends all gently: attempts may end within the drain time, the others go on at the next start.',
      }),
    )
    .addHelpText('after', () => `${workerDefaults()}\n${exitCodes()}`)
    .action((_, self) => dev(self.optsWithGlobals()));
}

async function dev(options: CommonOptions): Promise<void> {
  const out = openOutput(options);
  const settings = settingsOf(options);
  const line = liveLine(process.stderr, !out.json);
  const asked = new Promise<void>((resolve) => {
    onInterrupt(
      () => resolve(),
      () => 'Left at once: attempts under way are cut off and go on at the next start.',
    );
  });
  let server: ServerUp | undefined;
  try {
    const [{ bringUpServer }, { startLocalWorker }] = await Promise.all([
      import('./embedded-server.js'),
      import('./local-worker.js'),
    ]);
    server = await bringUpServer(settings, (says) => line.show(() => says));
    line.show(() => 'starting a worker');
    const worker = await startLocalWorker(server.config, 'dev');
    line.stop();
    sayUp(out, options, server, worker);
    await Promise.race([asked, worker.failed]);
    out.note(`Ending: attempts get up to ${sayDuration(settings.drainMs)} to end; Ctrl-C again leaves at once.`);
    await worker.stop();
  } finally {
    line.stop();
    await server?.stop();
  }
}

function sayUp(out: Output, options: CommonOptions, server: ServerUp, worker: LocalWorker): void {
  const { address, namespace } = server.config.temporal;
  const { report, log } = worker;
  const lines = [
    `Temporal  ${server.says}`,
    ...(server.uiUrl === undefined ? [] : [`Web UI    ${server.uiUrl}`]),
    `Worker    queue ${report.taskQueue}, ${report.concurrency} attempts at a time, Claude Code ${report.claude.version}`,
    `Log       ${log}`,
    '',
    `In another terminal:  ${commandLine(options, 'start', 'what to do')}`,
    'Ctrl-C ends all gently; tasks are kept and go on at the next start.',
  ];
  out.result(lines.join('\n'), {
    server: { address, namespace, via: server.via, ...(server.uiUrl === undefined ? {} : { uiUrl: server.uiUrl }) },
    worker: report,
    log,
  });
}
