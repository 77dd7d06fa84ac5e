// Sees to it that a conversation will be kept and can be gone on with. The CLI itself says not a word about a directory
// that keeps no transcripts, and takes a transcript that holds nothing for a session in use.
import { configDirTrouble } from '../../claude/config-dir.js';
import { configHome } from '../../claude/environment.js';
import { setAsideIfEmpty, transcriptPath } from '../../claude/transcript.js';
import type { AttemptRequest } from '../../contract/attempt.js';
import type { Problem } from '../../contract/fault.js';
import { diskSpace } from '../../host/disk.js';
import type { TaskPlace } from '../../host/task-place.js';
import { attemptProblem } from './failure.js';
import type { AttemptHost } from './host.js';

/** One trivial turn writes some 140 KB; where there is less than this, a turn may not be kept whole. */
const LEAST_FREE_BYTES = 4 * 1024 * 1024;

/** Throws the problem where a launch would leave nothing to continue. */
export async function mustKeepTranscripts(host: AttemptHost, place: TaskPlace): Promise<void> {
  const problem = await keepingProblem(host, place);
  if (problem !== undefined) throw attemptProblem(problem.class, problem.says);
}

/** What keeps Claude's config directory from keeping transcripts, if anything does. */
export async function keepingProblem(host: AttemptHost, place: TaskPlace): Promise<Problem | undefined> {
  const { dir } = configHome(host.env, place.claudeConfig);
  const trouble = await configDirTrouble(dir);
  if (trouble !== undefined) return { class: /disk is full/.test(trouble) ? 'disk' : 'workspace', says: trouble };
  const { freeBytes } = await diskSpace(dir);
  // Some filesystems say 0 where they don't know; what was written just now shows that there is room.
  if (freeBytes === 0 || freeBytes >= LEAST_FREE_BYTES) return undefined;
  const says = `The disk of Claude's config directory ${dir} is full (${Math.floor(freeBytes / 1024)} KiB left): a conversation could not be kept.`;
  return { class: 'disk', says };
}

/** Only for the one writer: nobody else may have the transcript open. */
export async function setDeadTranscriptAside(
  { session }: AttemptRequest,
  host: AttemptHost,
  place: TaskPlace,
  workspace: string,
): Promise<void> {
  const { dir } = configHome(host.env, place.claudeConfig);
  await setAsideIfEmpty(await transcriptPath(dir, workspace, session.id));
}
