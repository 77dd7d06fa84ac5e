// The environment Claude runs in: an allow-list over the worker's own, plus what marks the attempt. Pure.
// Whatever is not named here (Temporal's keys, other people's secrets, an outer Claude session) does not reach it.

import { homedir } from 'node:os';
import { join } from 'node:path';

/** Found in every descendant's environment, `setsid` children included: by these a process tree is known. */
export const TASK_MARKER = 'TASKRUN_TASK';
export const ATTEMPT_MARKER = 'TASKRUN_ATTEMPT';

export type Environment = Readonly<Record<string, string | undefined>>;

const BASICS = 'PATH HOME USER LOGNAME SHELL TMPDIR TERM LANG LANGUAGE TZ';
const PROXY = 'HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy';
const TLS =
  'NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR CLAUDE_CODE_CERT_STORE ' +
  'CLAUDE_CODE_CLIENT_CERT CLAUDE_CODE_CLIENT_KEY CLAUDE_CODE_CLIENT_KEY_PASSPHRASE';
const ACCOUNT =
  'CLAUDE_CODE_OAUTH_TOKEN CLOUD_ML_REGION ' +
  'CLAUDE_CODE_USE_BEDROCK CLAUDE_CODE_USE_VERTEX CLAUDE_CODE_USE_FOUNDRY ' +
  'CLAUDE_CODE_SKIP_BEDROCK_AUTH CLAUDE_CODE_SKIP_VERTEX_AUTH CLAUDE_CODE_SKIP_FOUNDRY_AUTH';
// Dropping somebody's opt-out would send what they asked not to be sent.
const OPT_OUTS = 'DO_NOT_TRACK DISABLE_TELEMETRY DISABLE_ERROR_REPORTING CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC';
const ALLOWED = new Set([BASICS, PROXY, TLS, ACCOUNT, OPT_OUTS].join(' ').split(' '));
const ALLOWED_PREFIXES = ['LC_', 'ANTHROPIC_', 'AWS_', 'GOOGLE_', 'VERTEX_REGION_'];

// A launch that sees an outer session's variables is refused by the CLI; Temporal's and our own are nobody's business.
const NEVER = new Set(['CLAUDECODE', 'CLAUDE_CONFIG_DIR', 'DISABLE_AUTOUPDATER']);
const NEVER_PREFIXES = ['CLAUDE_CODE_SESSION', 'CLAUDE_CODE_ENTRYPOINT', 'CLAUDE_CODE_SSE', 'TEMPORAL_', 'TASKRUN_'];

const CREDENTIALS = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'] as const;
const PROVIDERS = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'] as const;

/** Names that reach Claude neither by default nor through `TASKRUN_CLAUDE_ENV`. */
export const isNeverPassed = (name: string): boolean =>
  NEVER.has(name) || NEVER_PREFIXES.some((prefix) => name.startsWith(prefix));

const isAllowed = (name: string): boolean =>
  ALLOWED.has(name) || ALLOWED_PREFIXES.some((prefix) => name.startsWith(prefix));

/** Says who Claude is: of no use to any other program that runs for a task. */
export const isCredential = (name: string): boolean =>
  name.startsWith('ANTHROPIC_') || name.startsWith('CLAUDE_CODE_') || name === 'CLAUDE_CONFIG_DIR';

/** True when the environment itself says who Claude is, so that no login of the user's is needed. */
export const hasCredentialInEnvironment = (environment: Environment): boolean =>
  CREDENTIALS.some((name) => isSet(environment[name])) || PROVIDERS.some((name) => isTruthy(environment[name]));

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';
const isTruthy = (value: string | undefined): boolean => isSet(value) && !['0', 'false', 'no', 'off'].includes(value);

/** Where transcripts lie, and whether the CLI must be told: its own default moves other files too when it is named. */
export function configHome(environment: Environment, taskConfigDir: string): { dir: string; named: boolean } {
  if (hasCredentialInEnvironment(environment)) return { dir: taskConfigDir, named: true };
  const own = environment['CLAUDE_CONFIG_DIR'];
  if (isSet(own)) return { dir: own, named: true };
  return { dir: join(isSet(environment['HOME']) ? environment['HOME'] : homedir(), '.claude'), named: false };
}

export interface ClaudeEnvironmentInput {
  /** The worker's environment. */
  environment: Environment;
  /** Further names, from `TASKRUN_CLAUDE_ENV`. */
  extraNames: readonly string[];
  /** The directory used when a key or token is in the environment. */
  taskConfigDir: string;
  /** Value of `TASKRUN_TASK`: names the task among all on this host. */
  taskMarker: string;
  attemptId: string;
}

/** Every variable Claude gets. An empty one counts as unset. */
export function claudeEnvironment(input: ClaudeEnvironmentInput): Record<string, string> {
  const extra = new Set(input.extraNames);
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(input.environment)) {
    if (isSet(value) && !isNeverPassed(name) && (isAllowed(name) || extra.has(name))) passed[name] = value;
  }
  const config = configHome(input.environment, input.taskConfigDir);
  if (config.named) passed['CLAUDE_CONFIG_DIR'] = config.dir;
  return { ...passed, DISABLE_AUTOUPDATER: '1', [TASK_MARKER]: input.taskMarker, [ATTEMPT_MARKER]: input.attemptId };
}
