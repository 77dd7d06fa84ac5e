// What a worker on this host needs: the Claude CLI, somebody to be for it, a home, processes that can be found.
// Tells which variables and files are there, never what they hold.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { configHome, hasCredentialInEnvironment } from '../../claude/environment.js';
import { locateClaude } from '../../claude/locate.js';
import { settingsComplaints } from '../../claude/settings-check.js';
import type { Config } from '../../config.js';
import { diskSpace } from '../../host/disk.js';
import { openHome } from '../../host/home.js';
import { processTreeSupport } from '../../host/process-tree.js';
import { survivesRestart } from '../../host/survives-restart.js';
import { plainText } from '../plain-text.js';
import { bad, type Finding, good, warning } from './check.js';
import { storeFindings } from './store-checks.js';

export async function hostFindings(config: Config): Promise<Finding[]> {
  const claude = await locateClaude({ configured: config.claude });
  return [
    claude.ok
      ? good('Claude Code', `${claude.version} at ${claude.path}`)
      : bad('Claude Code', claude.says, claude.remedy),
    await credentials(process.env),
    ...(claude.ok ? await settingsFindings(claude.path, process.env) : []),
    await home(config),
    ...(await storeFindings(config)),
    processes(),
  ];
}

const NAMES = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
];

async function credentials(env: NodeJS.ProcessEnv): Promise<Finding> {
  if (hasCredentialInEnvironment(env)) {
    const named = NAMES.filter((name) => env[name] !== undefined && env[name] !== '');
    return good(
      'credentials',
      `${named.join(', ')} in the environment; whether the account takes it shows the first task`,
    );
  }
  const dir = ownConfigDir(env);
  const login = join(dir, '.credentials.json');
  if (await isThere(login)) return good('credentials', `the login of this user in ${dir}`);
  return bad(
    'credentials',
    `no key or token in the environment, no login in ${dir}`,
    'Log in once (claude, then /login), or set ANTHROPIC_API_KEY or CLAUDE_CODE_OAUTH_TOKEN (claude setup-token) for the worker.',
  );
}

/** Without a credential in the environment the directory named is the user's own. */
const ownConfigDir = (env: NodeJS.ProcessEnv): string => configHome(env, '').dir;

/** The user's own settings count where the user's own login does. In `-p` mode a file with one bad entry is ignored whole. */
async function settingsFindings(claude: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  if (hasCredentialInEnvironment(env)) return [];
  const file = join(ownConfigDir(env), 'settings.json');
  if (!(await isThere(file))) return [];
  const complaints = await settingsComplaints(claude, file).catch(() => []);
  if (complaints.length === 0) return [good('settings', `${file} has no entry that Claude complains of`)];
  return [
    bad(
      'settings',
      `${file} is ignored whole while Claude complains: ${plainText(complaints.join('; '))}`,
      `Mend ${file}.`,
    ),
  ];
}

async function home(config: Config): Promise<Finding> {
  const opened = await openHome(config.home);
  if (!opened.ok) return bad('TASKRUN_HOME', opened.says);
  const { survives, why } = await survivesRestart(config.home);
  const { freeBytes } = await diskSpace(config.home);
  const free = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`;
  if (survives === 'yes') return good('TASKRUN_HOME', `${config.home}, writable, survives a restart, ${free}`);
  const says = survives === 'no' ? 'does NOT survive a restart' : 'may not survive a restart';
  return warning(
    'TASKRUN_HOME',
    `${config.home}, writable, ${free}, ${says}: ${why}`,
    'Set TASKRUN_HOME to a directory on a disk or volume that stays.',
  );
}

function processes(): Finding {
  const support = processTreeSupport();
  return support.ok ? good('processes', "Claude's processes can be found and ended") : bad('processes', support.says);
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
