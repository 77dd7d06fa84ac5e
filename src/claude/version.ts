// Asks a program for its version and judges whether it is a Claude CLI new enough for what we lean on.
// Costs one short process; the answer is remembered until the file changes.
import { statSync } from 'node:fs';
import { execa } from 'execa';

/**
 * The oldest CLI that is used. Exactly-once delivery, the choice of a session and the gentle end are measured facts of
 * 2.1.330; test/claude/contract.test.ts runs against any version (TASKRUN_TEST_CLAUDE) and says whether they hold.
 */
export const MINIMUM_VERSION = '2.1.300';
const PROBE_TIMEOUT_MS = 20_000;

export type Version = { ok: true; version: string } | { ok: false; class: 'cliMissing' | 'cliTooOld'; says: string };

const remembered = new Map<string, Version>();

export async function probeVersion(path: string, searchPath: string): Promise<Version> {
  const { mtimeMs, size } = statSync(path);
  const key = `${path}\n${mtimeMs}\n${size}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const found = await ask(path, searchPath);
  if (found.ok || found.class === 'cliTooOld') remembered.set(key, found);
  return found;
}

async function ask(path: string, searchPath: string): Promise<Version> {
  const answer = await execa(path, ['--version'], {
    // A CLI installed by npm is a script that looks for its interpreter on PATH.
    env: { PATH: searchPath, HOME: process.env['HOME'] ?? '/', DISABLE_AUTOUPDATER: '1' },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: PROBE_TIMEOUT_MS,
    forceKillAfterDelay: 500,
    maxBuffer: 100_000,
  });
  if (answer.timedOut) return notClaude(path, `did not answer --version within ${PROBE_TIMEOUT_MS / 1000} s`);
  if (answer.exitCode === undefined) return notClaude(path, `can't be started (${answer.code ?? 'no reason given'})`);
  return judge(path, answer.stdout ?? '');
}

/** What the first line of `--version` says, for example `2.1.330 (Claude Code)`. */
export function judge(path: string, answer: string): Version {
  const line = answer.trim().split('\n')[0] ?? '';
  const version = /^(\d+\.\d+\.\d+)\S* \(Claude Code\)$/.exec(line)?.[1];
  if (version === undefined)
    return notClaude(path, `is not the Claude CLI: it answers --version with "${line.slice(0, 60)}"`);
  if (isOlder(version, MINIMUM_VERSION))
    return {
      ok: false,
      class: 'cliTooOld',
      says: `${path} is Claude Code ${version}; at least ${MINIMUM_VERSION} is needed.`,
    };
  return { ok: true, version };
}

const notClaude = (path: string, why: string): Version => ({ ok: false, class: 'cliMissing', says: `${path} ${why}.` });

function isOlder(version: string, than: string): boolean {
  const ours = version.split('.').map(Number);
  const theirs = than.split('.').map(Number);
  const at = ours.findIndex((part, index) => part !== theirs[index]);
  return at >= 0 && (ours[at] ?? 0) < (theirs[at] ?? 0);
}
