// What lies on this host + the task's line → how an attempt gets its workspace. Pure. A directory that the task has
// left behind, or was taken back from, is never continued; a host that is behind never counts as the newest.

/** What the host noted of the workspace when it was last touched. */
export type WorkspaceRecord = {
  /** The attempt that worked in it last. */
  attemptId: string;
  /** The newest checkpoint taken of it here. */
  kept?: string | undefined;
  /** What is there is neither the old nor the new. */
  restoring: boolean;
  /** The checkpoint of what that attempt found before it changed it. */
  before?: string | undefined;
};

export type LineFacts = {
  head?: string | undefined;
  since: readonly string[];
  unsaved?: { attemptId: string; host?: string | undefined } | undefined;
  /** The moment to go on from, where the store could tell. */
  base?: { id: string; attemptId: string } | undefined;
  /** The conversation has begun somewhere, and the store can't be asked what it left. */
  outOfSight?: boolean;
};

export type WorkspaceChoice =
  | { do: 'goOn' }
  /** From the source, or empty: nothing has been done yet, or the task went back to before its first attempt. */
  | { do: 'make'; aside: boolean }
  /** `aside`: what is there now is kept as a side checkpoint first. */
  | { do: 'restore'; aside: boolean }
  /** A change of its files was broken off: back to what the attempt had found. */
  | { do: 'takeBack'; to: string }
  /** The store can't give what this host lacks. */
  | { do: 'needStore' }
  /** The newest work is on another host and in no checkpoint. */
  | { do: 'needHost'; host?: string | undefined };

export function chooseWorkspace(
  here: { exists: boolean; record?: WorkspaceRecord | undefined },
  line: LineFacts,
): WorkspaceChoice {
  const { record } = here;
  if (!here.exists) return fromElsewhere(line, false);
  if (record?.restoring === true)
    return record.before !== undefined && isNewest(record, line)
      ? { do: 'takeBack', to: record.before }
      : fromElsewhere(line, false);
  if (record === undefined)
    return line.head === undefined && line.base === undefined ? { do: 'goOn' } : fromElsewhere(line, true);
  if (isNewest(record, line)) return { do: 'goOn' };
  return fromElsewhere(line, true);
}

/** The attempt that worked here is the newest of which anything is left, as far as is known. */
function isNewest({ attemptId, kept }: WorkspaceRecord, { head, since, base }: LineFacts): boolean {
  const at = since.indexOf(attemptId);
  const ofBase = base === undefined ? -1 : since.indexOf(base.attemptId);
  if (at >= 0) return at >= ofBase;
  if (base !== undefined) return base.attemptId === attemptId;
  return head !== undefined && kept === head;
}

function fromElsewhere(line: LineFacts, aside: boolean): WorkspaceChoice {
  const { base, unsaved } = line;
  if (unsaved !== undefined && !isLater(line, unsaved.attemptId)) return { do: 'needHost', host: unsaved.host };
  if (base !== undefined) return { do: 'restore', aside };
  return line.head === undefined && line.outOfSight !== true ? { do: 'make', aside } : { do: 'needStore' };
}

/** A later attempt than that one has left a checkpoint. */
function isLater({ since, base }: LineFacts, attemptId: string): boolean {
  if (base === undefined) return false;
  const at = since.indexOf(attemptId);
  return at >= 0 && since.indexOf(base.attemptId) > at;
}
