// `taskrun doctor`: looks at everything a task needs, each with its remedy. Changes nothing, unless --fix.
import { EXIT } from '../contract/exit-codes.js';
import type { CommonOptions, Program } from './base-program.js';
import type { Finding } from './doctor/check.js';
import { exitCodes, lesson } from './help.js';
import { openOutput, type Paint } from './output.js';
import { plain } from './plain-text.js';
import { settingsOf } from './settings.js';

type Options = CommonOptions & { fix?: true };

export function registerDoctor(program: Program): void {
  program
    .command('doctor')
    .summary('look at everything tasks need, each with its remedy')
    .description(
      'Looks at server, namespace, workers, search attributes, and at what a worker on this host needs: the Claude CLI, ' +
        'credentials, TASKRUN_HOME, git and the store of checkpoints. No value of a key is ever printed.',
    )
    .option('--fix', 'add the search attributes that are missing')
    .addHelpText(
      'after',
      lesson({
        examples: [
          ['taskrun doctor', ''],
          ['taskrun doctor --fix', 'adds missing search attributes to the namespace'],
        ],
        next: 'Exit code 0: all well, perhaps with warnings; 1: something must be mended; 3: no server.',
      }),
    )
    .addHelpText('after', exitCodes)
    .action(async (_, self) => {
      process.exitCode = await doctor(self.optsWithGlobals());
    });
}

async function doctor(options: Options): Promise<number> {
  const out = openOutput(options);
  const config = settingsOf(options);
  const [{ hostFindings }, { serverFindings }] = await Promise.all([
    import('./doctor/host-checks.js'),
    import('./doctor/server-checks.js'),
  ]);
  const [server, host] = await Promise.all([serverFindings(config, options.fix === true), hostFindings(config)]);
  const findings = [...server.findings, ...host];
  const exitCode = exitCodeOf(server.reached, findings);
  out.result(
    plain(findings)
      .map((finding) => sayFinding(finding, out.paint))
      .join('\n'),
    { exitCode, findings },
  );
  return exitCode;
}

function exitCodeOf(reached: boolean, findings: Finding[]): number {
  if (!reached) return EXIT.unreachable;
  return findings.some(({ state }) => state === 'bad') ? EXIT.failed : EXIT.done;
}

function sayFinding({ what, state, says, remedy = [] }: Finding, paint: Paint): string {
  const mark = { good: paint.green('✔'), warning: paint.yellow('!'), bad: paint.red('✗') }[state];
  return [`${mark} ${what.padEnd(18)}${says}`, ...remedy.map((line) => `  ${' '.repeat(18)}${paint.cyan(line)}`)].join(
    '\n',
  );
}
