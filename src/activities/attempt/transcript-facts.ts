// What lies on disk of a session: the facts that `ground` decides on and the report tells.

import { type DeliveryRead, readDelivery } from '../../claude/delivery.js';
import { configHome } from '../../claude/environment.js';
import { sessionsOf, transcriptPath } from '../../claude/transcript.js';
import type { AttemptRequest } from '../../contract/attempt.js';
import type { DiskFacts } from '../../domain/attempt/ground.js';
import type { TaskPlace } from '../../host/task-place.js';
import type { AttemptHost } from './host.js';

export type TranscriptFacts = DiskFacts & { seen: boolean; lastSaid?: string };

export async function transcriptFacts(
  request: AttemptRequest,
  host: AttemptHost,
  place: TaskPlace,
  workspace: string,
): Promise<TranscriptFacts> {
  const config = configHome(host.env, place.claudeConfig);
  const transcripts = await sessionsOf(config.dir, workspace);
  const seen = transcripts.some(({ sessionId }) => sessionId === request.session.id);
  const read: DeliveryRead = seen
    ? await readDelivery(await transcriptPath(config.dir, workspace, request.session.id), request.instruction.id)
    : { delivery: 'absent' };
  // In the user's own configuration, in the user's own directory, the user's own sessions lie beside ours.
  const shared = config.dir !== place.claudeConfig && request.workspaceDir !== undefined;
  return {
    transcripts,
    delivery: read.delivery,
    shared,
    seen,
    ...(read.lastSaid === undefined ? {} : { lastSaid: read.lastSaid }),
  };
}
