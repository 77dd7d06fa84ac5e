// Owns noticing that a claim was lost: an attempt that was frozen, thawed, learns here that a newer one took over.
// What it then does (end Claude, report nothing) is the caller's.
import { type Claim, type ClaimFile, isMine, newestClaim } from './claims.js';

/** A disk that can't be read for this many looks in a row counts as lost: ownership can't be shown any more. */
const UNREADABLE_LOOKS = 3;

/** Looks every `everyMs`; calls `onLost` at most once, with the newer claim if it can be read. Returns how to stop looking. */
export function watchClaim(claim: Claim, everyMs: number, onLost: (by?: ClaimFile) => void): () => void {
  let stopped = false;
  let unreadable = 0;
  let timer: NodeJS.Timeout;
  const look = async () => {
    const verdict = await isMine(claim).catch(() => 'unreadable' as const);
    if (stopped) return;
    unreadable = verdict === 'unreadable' ? unreadable + 1 : 0;
    if (verdict === true || (unreadable > 0 && unreadable < UNREADABLE_LOOKS)) return later();
    stopped = true;
    onLost(await newestClaim(claim.dir).catch(() => undefined));
  };
  const later = () => {
    timer = setTimeout(() => void look(), everyMs);
    timer.unref();
  };
  later();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
