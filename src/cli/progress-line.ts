// One line that tells how the attempt under way does: "attempt 2 · --continue · 12 turns · Bash · "last words" · $0.12".
import type { Snapshot } from '../client.js';
import { excerpt } from '../contract/text.js';
import { sayUntil } from '../view/waiting.js';
import { count, dollars, shortFlags, spent } from './words.js';

const LAST_WORDS_CHARS = 60;
/** Heartbeats come every two seconds; after this long their absence is worth a word. */
const SILENT_MS = 8_000;

/** Undefined while nothing is under way. */
export function progressLine(seen: Snapshot, nowMs = Date.now()): string | undefined {
  const waiting = seen.view?.waiting ?? seen.memo?.waiting ?? undefined;
  if (seen.attempt === undefined)
    return waiting?.until === undefined ? undefined : `${waiting.for} · goes on ${sayUntil(waiting.until, nowMs)}`;
  const number = seen.view?.attempts.at(-1)?.number;
  const name = number === undefined ? 'attempt' : `attempt ${number}`;
  if (seen.attempt.state !== 'working') return `${name} · waits for a worker with a free slot`;
  return [name, ...details(seen.attempt.progress, nowMs)].join(' · ');
}

type Progress = NonNullable<NonNullable<Snapshot['attempt']>['progress']>;

function details(progress: Progress | undefined, nowMs: number): string[] {
  if (progress === undefined) return ['starting'];
  const { sent, turns, tool, lastWords, sessionCostUsd, startedAt, at, doing } = progress;
  const silentMs = nowMs - Date.parse(at);
  return [
    sent === undefined ? 'preparing' : shortFlags(sent),
    ...(doing === 'ending' ? ['ending'] : []),
    ...(turns > 0 ? [count(turns, 'turn')] : []),
    ...(tool === undefined ? [] : [tool]),
    ...(lastWords === undefined ? [] : [`"${excerpt(lastWords, LAST_WORDS_CHARS)}"`]),
    ...(sessionCostUsd === undefined ? [] : [dollars(sessionCostUsd)]),
    spent(startedAt, nowMs),
    ...(silentMs > SILENT_MS ? [`no word from its worker for ${spent(at, nowMs)}`] : []),
  ];
}
