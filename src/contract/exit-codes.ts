// What the exit code of a `taskrun` process means.

/** 0 done · 1 failed · 2 usage or bad input · 3 nothing reachable · 4 parked: the task waits for a person. */
export const EXIT = { done: 0, failed: 1, usage: 2, unreachable: 3, parked: 4 } as const;
