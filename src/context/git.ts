// Runs git for the store. Owns the environment and the settings under which nothing of a workspace, of a repository in
// it, or of the user's configuration can run or change what is kept. Every git process of context/ starts here.
import type { Readable } from 'node:stream';
import { execa } from 'execa';

export interface GitRun {
  /** The store. The configuration of a repository inside a workspace is never read. */
  gitDir: string;
  args: readonly string[];
  /** Further settings of this one run, `name=value` each. */
  settings?: readonly string[];
  workTree?: string;
  indexFile?: string;
  /** Where new objects go, instead of the store's own directory. */
  objectDirectory?: string;
  /** Further directories that objects are read from. */
  alternates?: readonly string[];
  input?: string | Uint8Array | Readable;
  /** Talks to another host: the user's own configuration counts, for credentials and proxies. */
  remote?: boolean;
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** A git process that did not end with 0. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
  constructor(
    readonly command: string,
    readonly stderr: string,
    readonly stdout: Buffer,
    readonly exitCode: number | undefined,
    readonly timedOut: boolean,
  ) {
    super(`git ${command}: ${timedOut ? 'took too long' : lastLine(stderr)}`);
  }
}

const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.autocrlf=false',
  'core.attributesFile=/dev/null',
  'core.protectNTFS=false',
  'core.protectHFS=false',
  'core.symlinks=true',
  'core.fileMode=true',
  'core.precomposeUnicode=false',
  'core.ignoreCase=false',
  'core.quotePath=false',
  'core.looseCompression=1',
  'core.warnAmbiguousRefs=false',
  'core.alternateRefsCommand=true',
  'gc.auto=0',
  'maintenance.auto=false',
  'transfer.fsckObjects=false',
  'protocol.ext.allow=never',
  'advice.addEmbeddedRepo=false',
  'safe.directory=*',
];
const PASSED = [
  'PATH',
  'HOME',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'SSH_ASKPASS',
  'GIT_SSH_COMMAND',
  'GIT_SSH',
  'XDG_CONFIG_HOME',
];
const PROXY = /^(https?|all|no)_proxy$/i;
const FAR_TOO_MUCH_BYTES = 1024 * 1024 * 1024;

/** The standard output. @throws GitFailure */
export async function git(run: GitRun): Promise<Buffer> {
  return (await gitWithWarnings(run)).stdout;
}

/** Also what git said on stderr although it ended with 0: a folder that can't be read is no more than a warning to it. */
export async function gitWithWarnings(run: GitRun): Promise<{ stdout: Buffer; stderr: string }> {
  return outcome(run, await execa('git', commandLine(run), { ...options(run), ...inputOf(run) }));
}

/** What the first one prints is the second one's input, without passing through memory. @throws GitFailure of either */
export async function gitInto(from: GitRun, into: GitRun): Promise<Buffer> {
  const source = execa('git', commandLine(from), { ...options(from), ...inputOf(from), buffer: { stdout: false } });
  const target = execa('git', commandLine(into), { ...options(into), stdin: 'pipe' });
  source.stdout.on('error', () => undefined);
  target.stdin.on('error', () => undefined);
  source.stdout.pipe(target.stdin);
  const [gave, took] = await Promise.all([source, target]);
  outcome(from, gave);
  return outcome(into, took).stdout;
}

const commandLine = (run: GitRun): string[] => [
  ...[...SETTINGS, ...(run.settings ?? [])].flatMap((setting) => ['-c', setting]),
  ...run.args,
];

const inputOf = (run: GitRun) => (run.input === undefined ? { stdin: 'ignore' as const } : { input: run.input });

function options(run: GitRun) {
  return {
    env: environmentOf(run),
    extendEnv: false,
    // Started inside the work tree, git would take paths as relative to that place.
    ...(run.workTree === undefined ? {} : { cwd: run.workTree }),
    encoding: 'buffer' as const,
    reject: false as const,
    stripFinalNewline: false,
    maxBuffer: FAR_TOO_MUCH_BYTES,
    forceKillAfterDelay: 2_000,
    ...(run.timeoutMs === undefined ? {} : { timeout: run.timeoutMs }),
    ...(run.signal === undefined ? {} : { cancelSignal: run.signal }),
  };
}

interface Done {
  failed: boolean;
  stdout?: unknown;
  stderr?: unknown;
  shortMessage?: string | undefined;
  exitCode?: number | undefined;
  timedOut: boolean;
}

function outcome(run: GitRun, done: Done): { stdout: Buffer; stderr: string } {
  const stderr = bytes(done.stderr).toString('utf8');
  const stdout = bytes(done.stdout);
  if (!done.failed) return { stdout, stderr };
  const said = stderr.trim() === '' ? (done.shortMessage ?? 'failed') : stderr;
  throw new GitFailure(run.args[0] ?? '', said, stdout, done.exitCode, done.timedOut);
}

const bytes = (output: unknown): Buffer => (output instanceof Uint8Array ? Buffer.from(output) : Buffer.alloc(0));

/** One line of output, without its end. */
export const gitLine = async (run: GitRun): Promise<string> => (await git(run)).toString('utf8').trimEnd();

function environmentOf(run: GitRun): Record<string, string> {
  const passed = Object.entries(process.env).filter(([name]) => PASSED.includes(name) || PROXY.test(name));
  return {
    ...(Object.fromEntries(passed) as Record<string, string>),
    ...(run.remote === true ? {} : { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }),
    GIT_DIR: run.gitDir,
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '0',
    LC_ALL: 'C',
    ...(run.workTree === undefined ? {} : { GIT_WORK_TREE: run.workTree }),
    ...(run.indexFile === undefined ? {} : { GIT_INDEX_FILE: run.indexFile }),
    ...(run.objectDirectory === undefined ? {} : { GIT_OBJECT_DIRECTORY: run.objectDirectory }),
    ...(run.alternates === undefined ? {} : { GIT_ALTERNATE_OBJECT_DIRECTORIES: run.alternates.map(quoted).join(':') }),
  };
}

/** A path with a colon, a quote or a backslash would be read as several. */
const quoted = (path: string): string =>
  /[:"\\\n]/.test(path) ? `"${path.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"` : path;

function lastLine(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (lines.findLast((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? 'failed').slice(0, 500);
}
