// The shape of one finding of `taskrun doctor`: what was looked at, how it is, what to do.

export type Finding = {
  what: string;
  /** `warning`: tasks work, something is missing; `bad`: must be mended. */
  state: 'good' | 'warning' | 'bad';
  says: string;
  /** What to do, a line each; command lines can be copied. */
  remedy?: string[];
};

export const good = (what: string, says: string): Finding => ({ what, state: 'good', says });
export const warning = (what: string, says: string, ...remedy: string[]): Finding => ({
  what,
  state: 'warning',
  says,
  remedy,
});
export const bad = (what: string, says: string, ...remedy: string[]): Finding => ({ what, state: 'bad', says, remedy });
