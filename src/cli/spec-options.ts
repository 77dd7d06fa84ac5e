// The options of `run` and `start` that make a task's spec, and the spec they make. A file (--spec) gives the ground,
// the options go on top. Refused here, before any server is asked.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import type { TaskSpecInput } from '../client.js';
import { DEFAULTS } from '../contract/limits.js';
import { parseAs } from '../contract/parse.js';
import { taskSpec } from '../contract/spec.js';
import { badInput } from './failure.js';
import { collect, FILE_OPTION, readFiles } from './file-options.js';
import { filesFrom, filesOption } from './files-option.js';
import { fromOf } from './from-option.js';
import { promptFrom } from './prompt-argument.js';
import { whoAsks } from './send.js';
import { type SourceOptions, sourceFrom } from './source-options.js';

const several = (flags: string, says: string): Option => new Option(flags, says).argParser(collect);

const SPEC_OPTIONS: Option[] = [
  new Option('--id <task-id>', 'the id of the task; default: task- and a uuid'),
  new Option('--title <text>', 'what people see in lists; default: the start of the prompt'),
  new Option(
    '--dir <path>',
    "work in this directory of the worker's host; default: an empty workspace of the task's own",
  ),
  new Option('--copy', 'with --dir: work in a copy of it'),
  new Option('--git <url>', "work in a clone of this repository; a git URL, or a path on the worker's host"),
  new Option('--ref <name>', "with --git: a branch, a tag or a commit; default: the repository's own"),
  new Option('--setup <command>', 'run in the workspace whenever it is made on a host, such as "npm ci"'),
  new Option(
    '--from <task[@moment]>',
    "start from another task's files and conversation, running or closed; default: its newest moment",
  ),
  filesOption(`${DEFAULTS.updateFiles} for an update, ${DEFAULTS.resumeFiles} for a resume`),
  several(...FILE_OPTION),
  new Option('--model <name>', "Claude's model"),
  new Option('--permission-mode <mode>', "Claude's permission mode"),
  several('--allow <rule>', 'a tool that Claude may use without asking, such as "Bash(git *)"; several times'),
  several('--deny <rule>', 'a tool that Claude may not use; several times'),
  several('--add-dir <path>', "another directory of the worker's host that Claude may use; several times"),
  new Option('--mcp-config <json-or-path>', "MCP servers, as Claude's own flag takes them"),
  new Option('--settings <json-or-path>', "settings for Claude, as Claude's own flag takes them"),
  new Option('--append-system-prompt <text>', "added to Claude's system prompt"),
  new Option('--max-turns <number>', "Claude's own limit of turns an attempt"),
  new Option('--attempts <number>', 'attempts per instruction before the task waits for a person'),
  new Option('--attempt-timeout <duration>', 'how long one attempt may take, such as 90s or 2h'),
  new Option('--silence-timeout <duration>', 'how long the CLI may say nothing'),
  new Option('--close-after-idle <duration>', 'how long an idle task stays open'),
  new Option('--service <name>', 'for whom the task is, shown and searchable'),
  new Option('--by <name>', 'who asks: a claim, not authentication; default: the user of this machine'),
  new Option('--priority <1-5>', '1 is served first'),
  new Option('--spec <file>', 'the spec as JSON in a file, "-" for stdin; options go on top'),
];

export type SpecOptions = SourceOptions & { [K in 'setup' | 'from' | 'files']?: string } & {
  [K in 'id' | 'title' | 'model' | 'permissionMode' | 'mcpConfig' | 'settings' | 'appendSystemPrompt']?: string;
} & {
  [K in 'maxTurns' | 'attempts' | 'attemptTimeout' | 'silenceTimeout' | 'closeAfterIdle']?: string;
} & { [K in 'service' | 'by' | 'priority' | 'spec' | 'close']?: string } & {
  [K in 'file' | 'allow' | 'deny' | 'addDir']?: string[];
};

/** The type of the command stays as it was: the action reads its options as SpecOptions. */
export function addSpecOptions<A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
): Command<A, O, G> {
  for (const option of SPEC_OPTIONS) command.addOption(option);
  return command;
}

/** @throws CliFailure of exit code 2, with the field named */
export async function specFrom(
  prompt: string | undefined,
  options: SpecOptions,
  close: 'when-done' | undefined,
): Promise<TaskSpecInput> {
  const base = options.spec === undefined ? {} : await readSpec(options.spec);
  const given = {
    ...base,
    ...set({ requestedBy: options.by ?? (base['requestedBy'] === undefined ? whoAsks() : undefined) }),
    ...set({ prompt: prompt === undefined ? undefined : await promptFrom(prompt) }),
    ...set({ title: options.title, service: options.service, priority: numeric(options.priority) }),
    ...set({ close: options.close ?? close }),
    ...sourceFrom(options),
    ...set({ setupCommand: options.setup }),
    ...(options.from === undefined ? {} : { from: fromOf(options.from) }),
    ...filesFrom(options.files),
    ...(options.file === undefined ? {} : { files: await readFiles(options.file) }),
    ...section(base['claude'], 'claude', claudeFrom(options)),
    ...section(base['limits'], 'limits', limitsFrom(options)),
  };
  const parsed = parseAs(taskSpec, given, 'spec');
  if (!parsed.ok) throw badInput(parsed.says);
  return parsed.value;
}

const claudeFrom = (options: SpecOptions): object =>
  set({
    model: options.model,
    permissionMode: options.permissionMode,
    allowedTools: options.allow,
    disallowedTools: options.deny,
    addDirs: options.addDir?.map((dir) => resolve(dir)),
    mcpConfig: options.mcpConfig,
    settings: options.settings,
    appendSystemPrompt: options.appendSystemPrompt,
    maxTurns: numeric(options.maxTurns),
  });

const limitsFrom = (options: SpecOptions): object =>
  set({
    attempts: numeric(options.attempts),
    attemptTimeout: options.attemptTimeout,
    silenceTimeout: options.silenceTimeout,
    closeAfterIdle: options.closeAfterIdle,
  });

/** What a file says there stays where no option says otherwise; what is no object is left to be refused by name. */
function section(base: unknown, name: string, given: object): object {
  if (Object.keys(given).length === 0) return {};
  return { [name]: typeof base === 'object' && base !== null ? { ...base, ...given } : given };
}

const set = (members: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** What is no number stays text, and is refused with its field's name. */
const numeric = (given: string | undefined): number | string | undefined =>
  given !== undefined && /^-?\d+(\.\d+)?$/.test(given) ? Number(given) : given;

async function readSpec(path: string): Promise<Record<string, unknown>> {
  const read = path === '-' ? text(process.stdin) : readFile(path, 'utf8');
  const json = await read.catch((error: unknown) => {
    throw badInput(`--spec: ${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw badInput(`--spec: ${path} holds no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw badInput(`--spec: ${path} holds no JSON object; allowed: one, such as {"prompt": "…"}`);
}
