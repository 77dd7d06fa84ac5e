// What an attempt notes on its host of the workspace it works in, before and after each step that changes it.
import type { AttemptRequest } from '../../contract/attempt.js';
import type { TaskPlace } from '../../host/task-place.js';
import { type WorkspaceRecord, writeRecord } from '../../host/workspace-record.js';

type Noting = { request: AttemptRequest; place: TaskPlace };
type Known = Partial<Pick<WorkspaceRecord, 'kept' | 'settledFor' | 'origin'>>;

/** From here on the workspace is this attempt's. */
export const note = ({ request, place }: Noting, known: Known, { setUp }: { setUp: boolean }): Promise<void> =>
  writeRecord(place.record, { attemptId: request.attemptId, restoring: false, setUp, ...known });

/** It is made anew, or brought to another moment: whatever is in it by now is of no use. */
export const noteRestoring = (
  { request, place }: Noting,
  of: Partial<Pick<WorkspaceRecord, 'attemptId' | 'before' | 'kept'>>,
): Promise<void> => writeRecord(place.record, { attemptId: request.attemptId, restoring: true, setUp: false, ...of });

/** Files that were asked for take the place of today's, of which `before` is a checkpoint. */
export const noteChanging = ({ request, place }: Noting, known: Known, before: string): Promise<void> =>
  writeRecord(place.record, { attemptId: request.attemptId, restoring: true, setUp: true, ...known, before });

/** Names a wish for files: the same again is the same wish. */
export const wishOf = ({ instruction, files }: AttemptRequest): string | undefined =>
  files === undefined ? undefined : `${instruction.id} ${files.mode} ${files.checkpoint}`;
