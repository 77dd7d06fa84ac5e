// How moments are told to people: short ids, whose attempt.
import type { MomentAt } from '../../context/moment.js';

const SHORT_ID = 10;

export const shortId = (id: string): string => id.slice(0, SHORT_ID);

/** "attempt 3 (checkpoint 1a2b3c4d5e)" */
export const sayMoment = ({ id, moment }: MomentAt): string =>
  `attempt ${moment.attempt.number} (checkpoint ${shortId(id)})`;
