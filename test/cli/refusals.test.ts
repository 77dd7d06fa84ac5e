// What the command line itself refuses, before any server is looked for: each case names itself. In this process, since
// the sentence is the subject; usage.test.ts has the binary around it.
import { CommanderError } from '@commander-js/extra-typings';
import { describe, expect, it } from 'vitest';
import { CliFailure } from '../../src/cli/failure.js';
import { taskrunProgram } from '../../src/cli/program.js';
import { EXIT } from '../../src/contract/exit-codes.js';
import { choosePort } from '../../src/host/ports.js';

async function refused(...args: string[]): Promise<unknown> {
  return taskrunProgram()
    .parseAsync(['node', 'taskrun', ...args])
    .then(
      () => expect.fail(`taskrun ${args.join(' ')} was not refused`),
      (error: unknown) => error,
    );
}

it.each([
  [['run'], 'prompt: got nothing'],
  [['start', ' '], 'spec.prompt: got " "'],
  [['start', 'x', '--attempt-timeout', 'soon'], 'spec.limits.attemptTimeout: got "soon"; allowed: a duration'],
  [['start', 'x', '--attempts', 'many'], 'spec.limits.attempts: got "many"; allowed: a whole number'],
  [['run', 'x', '--permission-mode', 'yolo'], 'spec.claude.permissionMode: got "yolo"; allowed: one of'],
  [['run', 'x', '--max-turns', '0'], 'spec.claude.maxTurns: got 0'],
  [['start', 'x', '--priority', '9'], 'spec.priority: got 9'],
  [['start', 'x', '--close', 'never'], 'spec.close: got "never"; allowed: one of "when-done", "when-asked"'],
  [['start', 'x', '--file', 'a.md=nowhere.md'], '"nowhere.md" is no file'],
  [['start', 'x', '--file', `../a=${import.meta.filename}`], 'spec.files.0.name: got "../a"'],
  [['start', '--spec', 'nowhere.json'], "--spec: nowhere.json can't be read"],
  [['start', '--spec', import.meta.filename], 'holds no JSON'],
  [['run', 'x', '--task', 't', '--dir', '.'], '--dir: a task that is there already keeps what it was started with'],
  [['start', 'x', '--git', 'ext::sh -c x'], 'spec.source.git: got "ext::sh -c x"; allowed: a git URL'],
  [
    ['start', 'x', '--git', 'https://u:p@h/r'],
    'spec.source.git: got "https://u:p@h/r"; allowed: a git URL without a password',
  ],
  [['start', 'x', '--git', '.', '--ref', '--upload-pack=x'], 'spec.source.ref: got "--upload-pack=x"'],
  [['start', 'x', '--git', '.', '--dir', '.'], '--dir and --git exclude each other'],
  [['start', 'x', '--ref', 'main'], '--ref: name its repository too (--git)'],
  [['start', 'x', '--copy'], '--copy: name the directory to copy too (--dir)'],
  [['start', 'x', '--from', '@v1'], '--from: got "@v1"; allowed: a task\'s id, or <task>@<checkpoint or label>'],
  [['run', 'x', '--from', 't', '--dir', '.'], '`from` without `source.inPlace`'],
  [['start', 'x', '--files', 'mine'], '--files: got "mine"; allowed: keep, restore, merge or ask'],
  [['update', 't', 'x', '--files', 'mine'], '--files: got "mine"'],
  [['resume', 't', '--at', 'v1', '--files', 'mine'], '--files: got "mine"'],
  [['checkout', 't', 'v1'], 'dir: got nothing; name a directory that is missing or empty'],
  [['checkout', 't', 'v1', 'd', '--branch', 'b'], 'got a directory and --branch'],
  [['checkout', 't', 'v1', 'd', '--repo', 'r'], '--repo: name the branch to make there too'],
  [['gc', '--older-than', 'soon'], '--older-than: got "soon"; allowed: a duration'],
  [['log', 't', '--home', '/nonexistent/home'], 'There is no store of checkpoints at /nonexistent/home/store.git'],
  [['ls', '--phase', 'busy'], '--phase: got "busy"; allowed: preparing, working'],
  [['ls', '--waiting', 'godot'], '--waiting: got "godot"; allowed: choice'],
  [['ls', '--limit', '0'], '--limit: got "0"'],
  [['update', 't', 'x', '--session', '1', '--new-session'], '--session and --new-session exclude each other'],
  [['show', 't', '--address', ''], '--address: got nothing'],
])('%j is bad input', async (args, says) => {
  const failure = await refused(...args);
  expect(failure).toBeInstanceOf(CliFailure);
  expect(failure).toMatchObject({ exitCode: EXIT.usage, message: expect.stringContaining(says) });
});

it.each([
  [['updat', 't', 'x'], "unknown command 'updat'\n(Did you mean update?)"],
  [['show', 't', '--folow'], "unknown option '--folow'\n(Did you mean --follow?)"],
  [['show'], "missing required argument 'task'"],
  [['update', 't'], "missing required argument 'prompt'"],
  [['rewind', 't'], "required option '--to <attempt>' not specified"],
  [['stop', 't', 'u'], "too many arguments for 'stop'"],
])('%j is a usage error', async (args, says) => {
  const error = await refused(...args);
  expect(error).toBeInstanceOf(CommanderError);
  expect(error).toMatchObject({ message: expect.stringContaining(says) });
});

describe('where nothing listens', () => {
  it.each([
    ...[['ls'], ['show', 't'], ['sessions', 't'], ['start', 'x'], ['update', 't', 'x'], ['continue', 't']],
    ...[
      ['resume', 't'],
      ['answer', 't', '1'],
      ['stop', 't'],
      ['drop', 't', 'c'],
      ['finish', 't'],
      ['fork', 't', 'x'],
      ['mark', 't', 'v1'],
      ['restore', 't', 'v1'],
      ['rewind', 't', '--to', '1'],
      ['answer', 't'],
    ],
  ])('taskrun %s says that nothing is reachable', async (...args) => {
    const address = `127.0.0.1:${await choosePort('127.0.0.1')}`;
    const failure = await refused(...args.filter((word) => word !== undefined), '--address', address);
    expect(failure).toMatchObject({
      exitCode: EXIT.unreachable,
      message: expect.stringContaining(`No Temporal server answers at ${address}`),
    });
  });
});
