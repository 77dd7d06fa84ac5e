import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { claudeArguments, sessionFlags } from '../../src/claude/arguments.js';
import type { ClaudeOptions } from '../../src/contract/spec.js';
import type { Launch } from '../../src/domain/attempt/ground.js';

const PROTOCOL = [
  '-p',
  '--input-format=stream-json',
  '--output-format=stream-json',
  '--verbose',
  '--replay-user-messages',
];

const argv = (options: ClaudeOptions, launch: Launch = { flag: 'continue' }) =>
  claudeArguments(launch, options, {}).slice(PROTOCOL.length);

test.each<[Launch, string]>([
  [{ flag: 'session-id', sessionId: 'a' }, '--session-id=a'],
  [{ flag: 'continue' }, '--continue'],
  [{ flag: 'resume', sessionId: 'a' }, '--resume=a'],
  [{ flag: 'fork', sessionId: 'a', newSessionId: 'b' }, '--resume=a --fork-session --session-id=b'],
  [
    { flag: 'fork', sessionId: 'a', newSessionId: 'b', at: 'c' },
    '--resume=a --fork-session --session-id=b --resume-session-at=c',
  ],
])('%j is sent, and shown, as %s', (launch, flags) => {
  expect(sessionFlags(launch)).toBe(flags);
  expect(claudeArguments(launch, {}, {})).toEqual([...PROTOCOL, ...flags.split(' ')]);
});

test.each<[ClaudeOptions, string[]]>([
  [{ model: 'opus' }, ['--model=opus']],
  [{ permissionMode: 'acceptEdits' }, ['--permission-mode=acceptEdits']],
  [{ permissionMode: 'default' }, ['--permission-mode=default']],
  [{ maxTurns: 3 }, ['--max-turns=3']],
  [{ appendSystemPrompt: '-x\nstill one argument' }, ['--append-system-prompt=-x\nstill one argument']],
  [
    { allowedTools: ['Bash(git log, git show)', 'Edit'] },
    ['--allowedTools=Bash(git log, git show)', '--allowedTools=Edit'],
  ],
  [{ disallowedTools: ['--help'] }, ['--disallowedTools=--help']],
  [{ addDirs: ['/a b', '/c'] }, ['--add-dir=/a b', '--add-dir=/c']],
  [{}, []],
])('options %j become %j', (options, args) => {
  expect(argv(options).slice(1)).toEqual(args);
});

test('settings and MCP servers go as files', () => {
  const args = claudeArguments({ flag: 'continue' }, {}, { settings: '/s.json', mcpConfig: '/m.json' });
  expect(args).toEqual([...PROTOCOL, '--continue', '--settings=/s.json', '--mcp-config=/m.json']);
});

test('no value, whatever it holds, stands as an argument of its own', () => {
  const value = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' });
  const few = fc.array(value, { maxLength: 3 });
  const options = fc.record({
    model: value,
    appendSystemPrompt: value,
    allowedTools: few,
    disallowedTools: few,
    addDirs: few,
  });
  const flag = /^--(model|append-system-prompt|allowedTools|disallowedTools|add-dir)=/;
  fc.assert(
    fc.property(options, (given) =>
      argv(given)
        .slice(1)
        .every((arg) => flag.test(arg)),
    ),
  );
});
