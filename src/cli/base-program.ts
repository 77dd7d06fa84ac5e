// The bare `taskrun` program and the options that every command has. Commands hang themselves on it (program.ts).
import { createRequire } from 'node:module';
import { Command } from '@commander-js/extra-typings';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** Inferred, so that each command sees the options of the program with their types. */
export function baseProgram() {
  return new Command('taskrun')
    .description(
      'Runs one piece of work with Claude Code for as long as it takes: through time-outs, crashes, restarts and follow-ups.',
    )
    .version(version, '--version', 'print the version')
    .option('--address <host:port>', "the Temporal server; default: Temporal's own settings, else one on this machine")
    .option('--namespace <name>', "the Temporal namespace; default: Temporal's own settings, else default")
    .option('--home <dir>', 'where taskrun keeps its data; default: TASKRUN_HOME, else ~/.taskrun')
    .option(
      '--json',
      'print JSON on stdout: the shape of the query, the answer of the command, one object a line where it follows',
    )
    .helpOption('-h, --help', 'teach this command')
    .helpCommand('help [command]', 'teach a command')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
}

export type Program = ReturnType<typeof baseProgram>;
export type CommonOptions = ReturnType<Program['opts']>;
