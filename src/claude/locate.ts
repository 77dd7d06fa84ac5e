// Which Claude CLI is used: the configured one, else `claude` on PATH, else one installed beside us. Answers with a
// path that was seen to work, or with a sentence and its remedy.
import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { probeVersion } from './version.js';

export type Located =
  | { ok: true; path: string; version: string }
  | { ok: false; class: 'cliMissing' | 'cliTooOld'; says: string; remedy: string };

export interface LocateInput {
  /** `TASKRUN_CLAUDE`: a path, or a name to look for on PATH. */
  configured?: string | undefined;
  /** The PATH to search; default the worker's own. */
  path?: string | undefined;
  /** The module beside which an installed CLI is looked for; default this one. */
  from?: string | undefined;
}

const INSTALL = 'Install it (npm install -g @anthropic-ai/claude-code), or set TASKRUN_CLAUDE to the program.';

export async function locateClaude(input: LocateInput = {}): Promise<Located> {
  const searchPath = input.path ?? process.env['PATH'] ?? '';
  if (input.configured !== undefined && input.configured !== '') return configuredClaude(input.configured, searchPath);
  const onPath = findOnPath('claude', searchPath);
  const first = onPath === undefined ? undefined : await tried(onPath, searchPath, INSTALL);
  if (first?.ok) return first;
  const beside = besideUs(input.from ?? import.meta.url);
  const second = beside === undefined ? undefined : await tried(beside, searchPath, INSTALL);
  if (second?.ok) return second;
  return first ?? second ?? missing('No `claude` is on PATH, and none is installed beside taskrun.', INSTALL);
}

async function configuredClaude(configured: string, searchPath: string): Promise<Located> {
  const remedy = 'Set TASKRUN_CLAUDE to the Claude CLI, or unset it to use `claude` on PATH.';
  const path = configured.includes('/') ? resolve(configured) : findOnPath(configured, searchPath);
  if (path === undefined) return missing(`TASKRUN_CLAUDE: no program "${configured}" is on PATH.`, remedy);
  return tried(path, searchPath, remedy, 'TASKRUN_CLAUDE: ');
}

async function tried(path: string, searchPath: string, remedy: string, whose = ''): Promise<Located> {
  const trouble = troubleWithFile(path);
  if (trouble !== undefined) return missing(`${whose}${path} ${trouble}.`, remedy);
  const found = await probeVersion(path, searchPath);
  if (found.ok) return { ok: true, path, version: found.version };
  const says = `${whose}${found.says}`;
  if (found.class === 'cliMissing') return missing(says, remedy);
  return { ok: false, class: 'cliTooOld', says, remedy: `Update it (claude update, or npm). ${remedy}` };
}

const missing = (says: string, remedy: string): Located => ({ ok: false, class: 'cliMissing', says, remedy });

function troubleWithFile(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'does not exist';
  if (found.isDirectory()) return 'is a directory, not a program';
  if (!found.isFile()) return 'is not a file';
  return isExecutable(path) ? undefined : 'may not be executed by this user (chmod +x)';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// As a shell searches: what is no executable file is passed over. A relative entry would depend on the current directory.
const findOnPath = (name: string, searchPath: string): string | undefined =>
  searchPath
    .split(delimiter)
    .filter((dir) => dir.startsWith('/'))
    .map((dir) => join(dir, name))
    .find((path) => troubleWithFile(path) === undefined);

/** The native binary of the platform package: the wrapper package's own `claude` is linked up only by install scripts. */
function besideUs(from: string): string | undefined {
  const require = createRequire(from);
  for (const platform of platforms()) {
    try {
      return join(dirname(require.resolve(`@anthropic-ai/claude-code-${platform}/package.json`)), 'claude');
    } catch {
      // Not installed for this platform; npm installs only the one that fits.
    }
  }
  return undefined;
}

function platforms(): string[] {
  const plain = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return [plain];
  return isMusl() ? [`${plain}-musl`, plain] : [plain, `${plain}-musl`];
}

function isMusl(): boolean {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}
