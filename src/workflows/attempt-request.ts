// The state → what one attempt is asked to do: everything it needs, so that any worker can take it.
import type { AttemptRequest } from '../contract/attempt.js';
import { durationMs } from '../contract/duration.js';
import { DEFAULTS } from '../contract/limits.js';
import { intentionOf } from '../domain/task/intention.js';
import {
  type Attempt,
  type FilesWanted,
  type Instruction,
  type Line,
  type Session,
  sessionOf,
  type TaskState,
} from '../domain/task/state.js';

export function requestOf(state: TaskState, attempt: Attempt): AttemptRequest {
  const instruction = state.queue.find((open) => open.id === attempt.instructionId);
  const session = sessionOf(state, attempt.sessionId);
  if (instruction === undefined || session === undefined)
    throw new TypeError(`attempt ${attempt.number} without its instruction`);
  const { limits } = state.spec;
  const { next } = instruction;
  return {
    taskId: state.taskId,
    incarnation: state.incarnation,
    attemptId: attempt.id,
    number: attempt.number,
    cause: attempt.cause,
    // The launch has been counted already; the intention asks whether there was one before.
    intention: intentionOf(attempt.cause, { ...session, attempts: session.attempts - 1 }),
    session: {
      id: session.id,
      seen: session.seen,
      ...(session.forkOf === undefined ? {} : { forkOf: session.forkOf }),
    },
    instruction: {
      id: instruction.id,
      prompt: instruction.prompt,
      ...(instruction.files === undefined ? {} : { files: instruction.files }),
    },
    ...(next === undefined
      ? {}
      : {
          previous: {
            outcome: next.outcome,
            ...(next.host === undefined ? {} : { host: next.host }),
            ...(next.says === undefined ? {} : { says: next.says }),
          },
        }),
    ...placeOf(state.spec),
    line: lineOf(state.line),
    ...filesOf(state, instruction, session),
    claude: { ...state.spec.claude, permissionMode: state.spec.claude?.permissionMode ?? DEFAULTS.permissionMode },
    attemptTimeoutMs: durationMs(limits?.attemptTimeout ?? DEFAULTS.attemptTimeout),
    silenceTimeoutMs: durationMs(limits?.silenceTimeout ?? DEFAULTS.silenceTimeout),
  };
}

/** Where Claude works, and what makes that place on a host. */
function placeOf({
  source,
  setupCommand,
  from,
}: TaskState['spec']): Pick<AttemptRequest, 'workspaceDir' | 'source' | 'setupCommand' | 'from'> {
  const setup = setupCommand === undefined ? {} : { setupCommand };
  if (source?.inPlace === true && source.dir !== undefined) return { workspaceDir: source.dir, ...setup };
  if (from !== undefined) return { ...setup, from };
  if (source === undefined) return setup;
  const { git, ref, dir } = source;
  return {
    ...setup,
    source: {
      ...(git === undefined ? {} : { git }),
      ...(ref === undefined ? {} : { ref }),
      ...(dir === undefined ? {} : { dir }),
    },
  };
}

/** The attempt itself stands last among those since; it asks what was before it. */
const lineOf = ({ head, since, unsaved }: Line): NonNullable<AttemptRequest['line']> => ({
  ...(head === undefined ? {} : { head: head.checkpoint }),
  since: since.slice(0, -1),
  ...(unsaved === undefined
    ? {}
    : { unsaved: { attemptId: unsaved.attemptId, ...(unsaved.host === undefined ? {} : { host: unsaved.host }) } }),
});

/** Nothing where the wanted files are today's. */
function filesOf(state: TaskState, { filesWanted }: Instruction, session: Session): Pick<AttemptRequest, 'files'> {
  const checkpoint = filesWanted?.checkpoint ?? momentOf(session);
  if (filesWanted === undefined || checkpoint === undefined || areTodays(state.line, checkpoint, filesWanted))
    return {};
  return { files: { checkpoint, mode: filesWanted.mode, answered: filesWanted.answered === true } };
}

/** One that began as a fork and has not worked yet stands where it began. */
const momentOf = ({ head, forkOf }: Session): string | undefined =>
  head ?? (forkOf?.taskId === undefined ? forkOf?.checkpoint : undefined);

/** What attempts left since then is the session's own work, unless that very moment was asked for. */
function areTodays(line: Line, checkpoint: string, wanted: FilesWanted): boolean {
  if (checkpoint !== line.head?.checkpoint) return false;
  return wanted.checkpoint === undefined || (line.since.length <= 1 && line.unsaved === undefined);
}
