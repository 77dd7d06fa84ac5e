// What each command's rule answers. A refusal changes nothing; an acceptance is the whole next state.
import type { CommandPayload } from '../../../contract/commands.js';
import type { CommandName } from '../../../contract/names.js';
import type { CommandState } from '../../../contract/views.js';
import type { CommandEvent } from '../events.js';
import type { TaskState } from '../state.js';

export type Verdict =
  | { refused: string }
  | {
      refused?: undefined;
      state: TaskState;
      /** `queued` for one that waits for an attempt or an answer, `done` for one that has had its effect. */
      fate: Extract<CommandState, 'queued' | 'done'>;
      instructionId?: string;
      why?: string;
    };

export type CommandInput<N extends CommandName> = Pick<CommandEvent, 'atMs' | 'commandId' | 'ids'> & {
  payload: CommandPayload<N>;
};

/** The members of an optional "who". */
export const byOf = (payload: { requestedBy?: string | undefined }): { by?: string } =>
  payload.requestedBy === undefined ? {} : { by: payload.requestedBy };

/** How a refusal names the sessions that there are. */
export function knownSessions(state: TaskState): string {
  const listed = state.sessions.slice(-10).map((session) => `${session.number} = ${session.id}`);
  const more = state.sessions.length - listed.length;
  return `sessions of this task: ${listed.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
