#!/usr/bin/env node
// The bin: runs one command and ends with its exit code. Every failure leaves as one sentence on stderr.
import { CommanderError } from '@commander-js/extra-typings';
import { readConfig } from '../config.js';
import { EXIT } from '../contract/exit-codes.js';
import { asFailure } from './failure.js';
import { programName } from './invocation.js';
import { flushed, paintFor } from './output.js';
import { jsonLine, plainText } from './plain-text.js';
import { taskrunProgram } from './program.js';

// Whoever reads us may have seen enough (taskrun ls | head); a terminal that is gone must not keep us from ending gently.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
});
process.stderr.on('error', () => {});

process.on('unhandledRejection', (error) => {
  sayFailure(error);
  process.exit(EXIT.failed);
});

try {
  await taskrunProgram().parseAsync();
} catch (error) {
  process.exitCode = error instanceof CommanderError ? sayUsage(error) : sayFailure(error);
}
await flushed();
// Connections and native threads may still be there; nothing of theirs is waited for.
process.exit();

/** Help and version are no failures; anything else that commander says is a usage error. */
function sayUsage(error: CommanderError): number {
  if (error.exitCode === 0) return EXIT.done;
  if (error.code !== 'commander.help')
    print(`${error.message.replace(/^error: /, '')}\nSee ${programName()} --help`, EXIT.usage);
  return EXIT.usage;
}

function sayFailure(error: unknown): number {
  const failure = asFailure(error);
  print(failure.message, failure.exitCode);
  if (isDebugging())
    process.stderr.write(`${plainText(String((failure.cause as Error | undefined)?.stack ?? failure.stack))}\n`);
  return failure.exitCode;
}

function print(says: string, exitCode: number): void {
  const error = plainText(says);
  const words = `${paintFor(process.stderr).red('error:')} ${error}`;
  process.stderr.write(`${process.argv.includes('--json') ? jsonLine({ error, exitCode }) : words}\n`);
}

function isDebugging(): boolean {
  const read = readConfig();
  return read.ok && ['debug', 'trace'].includes(read.config.logLevel);
}
