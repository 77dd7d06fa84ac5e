// `taskrun worker`: a worker of this host, until it is told to end.

import { sayDuration } from '../contract/duration.js';
import type { CommonOptions, Program } from './base-program.js';
import { asFailure } from './failure.js';
import { mustFindServer } from './find-server.js';
import { exitCodes, lesson, workerDefaults } from './help.js';
import { onInterrupt } from './interrupts.js';
import { openOutput } from './output.js';
import { settingsOf } from './settings.js';

export function registerWorker(program: Program): void {
  program
    .command('worker')
    .summary('work tasks on this host')
    .description(
      'Takes tasks from the queue and runs Claude for them on this host. Logs go to stderr, one JSON line each.',
    )
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun worker', 'on the server that is configured, else on one of this machine'],
          ['TASKRUN_CONCURRENCY=8 taskrun worker --address temporal:7233', ''],
        ],
        next:
          'It prints what it found (server, CLI, home, search attributes), then works until SIGTERM or Ctrl-C.\n' +
          'Then it lets attempts end within the drain time and hands the others to another worker; a second signal ends it at once.',
      }),
    )
    .addHelpText('after', () => `${workerDefaults()}\n${exitCodes()}`)
    .action((_, self) => worker(self.optsWithGlobals()));
}

async function worker(options: CommonOptions): Promise<void> {
  const out = openOutput(options);
  const { config } = await mustFindServer(settingsOf(options));
  const { startWorker, sayStartUp } = await import('../worker.js');
  const running = await startWorker(config).catch((error: unknown) => {
    throw asFailure(error, config.temporal);
  });
  const deaf = onInterrupt(
    () => {
      out.note(`Ending: attempts get up to ${sayDuration(config.drainMs)} to end, then they are handed over.`);
      running.shutdown();
    },
    () => 'Left at once: attempts under way are cut off; another worker takes them up within half a minute.',
  );
  out.result(sayStartUp(running.report).join('\n'), running.report);
  try {
    await running.ended;
  } finally {
    deaf();
  }
}
