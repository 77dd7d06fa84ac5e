// Sessions for people: the table by which one is chosen, and the line of a picker.
import type { SessionView } from '../client.js';
import { excerpt } from '../contract/text.js';
import { shortId } from './moments/words.js';
import type { Paint } from './output.js';
import { columns } from './table.js';
import { ago, count, dollars } from './words.js';

const ASKED_CHARS = 50;
const SAID_CHARS = 50;

/** Number, when, who, what was asked and said, cost. */
export function sessionTable(sessions: readonly SessionView[], paint: Paint): string {
  if (sessions.length === 0) return 'no sessions';
  const rows = sessions.map((session) => [
    String(session.number),
    session.sessionId,
    session.status === 'active' ? paint.green(session.status) : session.status,
    session.head === undefined ? '' : shortId(session.head),
    ago(session.lastActiveAt),
    whoOf(session),
    count(session.attempts, 'attempt'),
    dollars(session.costUsd),
    lastExchange(session),
  ]);
  return columns(paint, ['#', 'session', 'status', 'checkpoint', 'active', 'by', '', 'cost', 'asked → said'], rows);
}

/** The same on one line, for a picker. */
export function sessionLine(session: SessionView): string {
  const about = [ago(session.lastActiveAt), whoOf(session), dollars(session.costUsd), session.status];
  return `${session.number}  ${about.filter((part) => part !== '').join(' · ')}  ${lastExchange(session)}`;
}

const whoOf = ({ recent, startedBy }: SessionView): string => excerpt(recent.at(-1)?.by ?? startedBy ?? '', 20);

function lastExchange({ recent }: SessionView): string {
  const last = recent.at(-1);
  if (last === undefined) return 'nothing asked yet';
  return `${excerpt(last.asked, ASKED_CHARS)}${last.said === '' ? '' : ` → ${excerpt(last.said, SAID_CHARS)}`}`;
}
