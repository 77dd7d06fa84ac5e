// The CLI's argument list, made from one launch and the task's options. Pure.
// Every value goes as `--flag=value`, so that none can be read as a flag; the prompt never stands here (input.ts).
import { assertNever } from '../contract/assert-never.js';
import type { ClaudeOptions } from '../contract/spec.js';
import type { Launch } from '../domain/attempt/ground.js';

/** Files of this launch, as settings-file.ts writes them. */
export interface LaunchFiles {
  settings?: string | undefined;
  mcpConfig?: string | undefined;
}

const PROTOCOL = [
  '-p',
  '--input-format=stream-json',
  '--output-format=stream-json',
  '--verbose',
  '--replay-user-messages',
] as const;

export function claudeArguments(launch: Launch, options: ClaudeOptions, files: LaunchFiles): string[] {
  return [
    ...PROTOCOL,
    ...launchFlags(launch),
    ...one('settings', files.settings),
    ...one('mcp-config', files.mcpConfig),
    ...one('permission-mode', options.permissionMode),
    ...one('model', options.model),
    ...one('append-system-prompt', options.appendSystemPrompt),
    ...one('max-turns', options.maxTurns),
    ...each('allowedTools', options.allowedTools),
    ...each('disallowedTools', options.disallowedTools),
    ...each('add-dir', options.addDirs),
  ];
}

/** The session flags alone, as a report's `sent` shows them. */
export const sessionFlags = (launch: Launch): string => launchFlags(launch).join(' ');

function launchFlags(launch: Launch): string[] {
  switch (launch.flag) {
    case 'session-id':
      return [`--session-id=${launch.sessionId}`];
    case 'continue':
      return ['--continue'];
    case 'resume':
      return [`--resume=${launch.sessionId}`];
    case 'fork':
      return [
        `--resume=${launch.sessionId}`,
        '--fork-session',
        `--session-id=${launch.newSessionId}`,
        ...one('resume-session-at', launch.at),
      ];
    default:
      return assertNever(launch);
  }
}

const one = (flag: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`--${flag}=${value}`];

// Repeated rather than joined: a rule such as `Bash(git log, git show)` holds commas and spaces of its own.
const each = (flag: string, values: readonly string[] | undefined): string[] =>
  (values ?? []).map((value) => `--${flag}=${value}`);
