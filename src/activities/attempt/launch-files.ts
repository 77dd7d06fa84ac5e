// Settings and MCP files may hold keys: they are there while their launch needs them and no longer.
import { readdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LaunchFiles } from '../../claude/arguments.js';
import { settingsComplaints } from '../../claude/settings-check.js';
import { writeLaunchFiles } from '../../claude/settings-file.js';
import type { AttemptRequest } from '../../contract/attempt.js';
import { BOUNDS } from '../../contract/limits.js';
import { cut } from '../../contract/text.js';
import type { ClaimFile } from '../../host/claims.js';
import type { AttemptPlace, TaskPlace } from '../../host/task-place.js';
import { attemptProblem } from './failure.js';

/** Throws the problem where they can't be read, or where the CLI would ignore the task's own in silence, denials included. */
export async function makeLaunchFiles(
  { claude: { settings, mcpConfig } }: AttemptRequest,
  places: AttemptPlace,
  claudePath: string,
): Promise<LaunchFiles> {
  const made = await writeLaunchFiles({ settings, mcpConfig, places });
  if (!made.ok) throw attemptProblem('policy', made.says, made.remedy);
  const complaints = settings === undefined ? [] : await settingsComplaints(claudePath, places.settings);
  if (complaints.length === 0) return made.files;
  throw attemptProblem(
    'policy',
    cut(`claude.settings: Claude would ignore all of it for ${complaints.join(' · ')}`, BOUNDS.problemChars),
    'finish this task and start it with settings that Claude takes',
  );
}

export async function removeOwnLaunchFiles({ settings, mcp }: AttemptPlace): Promise<void> {
  await rm(settings, { force: true });
  await rm(mcp, { force: true });
}

/** Those of attempts that were killed and could not remove their own. */
export async function removeLaunchFiles(
  place: TaskPlace,
  killed: readonly Pick<ClaimFile, 'attemptId'>[],
): Promise<void> {
  if (killed.length === 0) return;
  const attempts = dirname(place.attempt(0, 'any').dir);
  for (const name of await readdir(attempts)) {
    const [, number, attemptId] = /^(\d+)-(.+)$/.exec(name) ?? [];
    if (attemptId === undefined || !killed.some((claim) => claim.attemptId === attemptId)) continue;
    await removeOwnLaunchFiles(place.attempt(Number(number), attemptId));
  }
}
