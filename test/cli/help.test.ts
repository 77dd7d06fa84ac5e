import { describe, expect, it } from 'vitest';
import { taskrunProgram } from '../../src/cli/program.js';
import { BOUNDS, DEFAULTS, WORKER_DEFAULTS } from '../../src/contract/limits.js';

/** What `taskrun <words> --help` prints. */
function help(...words: string[]): string {
  let printed = '';
  const program = taskrunProgram();
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeOut: (text) => (printed += text), getOutHelpWidth: () => 200 });
  expect(() => program.parse(['node', 'taskrun', ...words, '--help'])).toThrow('(outputHelp)');
  return printed;
}

const COMMANDS = [
  ...['run', 'start', 'ls', 'show', 'sessions', 'update', 'continue', 'resume', 'answer'],
  ...['log', 'diff', 'checkout', 'mark', 'restore', 'rewind', 'fork'],
  ...['stop', 'drop', 'finish', 'worker', 'dev', 'doctor', 'gc', 'demo'],
];

describe('taskrun --help', () => {
  it('lists every command, and none that is not built', () => {
    const listed = taskrunProgram().commands.map((command) => command.name());
    expect(listed.toSorted()).toEqual(COMMANDS.toSorted());
    for (const name of COMMANDS) expect(help()).toMatch(new RegExp(`^  ${name} .*\\w`, 'm'));
  });

  it('states the defaults of the contract and of a worker', () => {
    const text = help();
    for (const value of [
      DEFAULTS.attemptTimeout,
      DEFAULTS.silenceTimeout,
      DEFAULTS.closeAfterIdle,
      DEFAULTS.permissionMode,
    ])
      expect(text).toContain(value);
    expect(text).toMatch(new RegExp(`--attempts +${DEFAULTS.attempts} `));
    expect(text).toContain(`${WORKER_DEFAULTS.concurrency} attempts at a time`);
    expect(text).toContain(`${BOUNDS.promptBytes / 1024} KiB`);
  });

  it('names the environment and every exit code', () => {
    const text = help();
    for (const name of [
      'TASKRUN_HOME',
      'TASKRUN_STORE',
      'TASKRUN_CHECKPOINT_EVERY',
      'TASKRUN_CLAUDE',
      'TASKRUN_TASK_QUEUE',
      'TEMPORAL_ADDRESS',
      'NO_COLOR',
    ])
      expect(text).toContain(name);
    for (const code of ['0 ', '1 ', '2 ', '3 ', '4 ', '130']) expect(text).toMatch(new RegExp(`^  ${code}`, 'm'));
  });
});

describe.each(COMMANDS)('taskrun %s --help', (name) => {
  const text = help(name);

  it('shows a line to copy and the exit codes', () => {
    expect(text).toMatch(new RegExp(`Examples:[^]*taskrun ${name}|Examples:[^]*\\| taskrun ${name}`));
    expect(text).toContain('Exit codes:');
  });

  it('has the options that every command has', () => {
    for (const option of ['--address', '--namespace', '--home', '--json']) expect(text).toContain(option);
  });
});

it.each(['run', 'start'])('taskrun %s --help says which limits a task has by itself', (name) => {
  expect(help(name)).toContain('Defaults of a task:');
  expect(help(name)).toContain(`${DEFAULTS.attemptTimeout}, then`);
});

it.each([
  'run',
  'update',
  'resume',
  'fork',
  'mark',
  'restore',
  'rewind',
  'checkout',
  'gc',
  'stop',
  'finish',
  'worker',
  'dev',
])('taskrun %s --help says what happens next', (name) => {
  expect(help(name)).toContain('What happens next:');
});
