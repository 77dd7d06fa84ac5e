// Where a session's transcript lies in a moment's tree. Names only.
const PER_FOLDER = 256;
const digits = (n: number): string => String(n).padStart(3, '0');

export const sessionRoot = (sessionId: string): string => `claude/${sessionId}`;
export const segmentsRoot = (sessionId: string): string => `${sessionRoot(sessionId)}/segments`;
export const filesRoot = (sessionId: string): string => `${sessionRoot(sessionId)}/files`;

/** Two levels, so that no tree grows with the number of checkpoints. */
export const segmentPath = (sessionId: string, n: number): string =>
  `${segmentsRoot(sessionId)}/${digits(Math.floor(n / PER_FOLDER))}/${digits(n % PER_FOLDER)}`;
