// A Signal named `__temporal_…` makes the SDK's dispatch throw where a default handler is set, which wedges the
// workflow task. Renamed before dispatch it reaches the default handler like any unknown name, and is recorded.

/** Names that start like ours are renamed too: no sender can imitate one. */
export const OURS = 'taskrun:';
const RENAMED = `${OURS}sent:`;
const RESERVED = ['__temporal_', OURS];

/** The name to dispatch by. */
export const dispatchName = (sent: string): string =>
  RESERVED.some((prefix) => sent.startsWith(prefix)) ? RENAMED + sent : sent;

/** The name as it was sent. */
export const sentName = (dispatched: string): string =>
  dispatched.startsWith(RENAMED) ? dispatched.slice(RENAMED.length) : dispatched;
