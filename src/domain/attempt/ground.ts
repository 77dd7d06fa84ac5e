// Intention + disk → what is sent. Pure; runs on the host, its answer is recorded in the report.
// `--continue` means "the newest session of this directory": it goes out only where that is the intended one.
import type { Intention } from '../../contract/attempt.js';

export type DiskFacts = {
  /** Sessions with a transcript for this directory, the newest first. */
  transcripts: { sessionId: string }[];
  /** The instruction in the intended session's transcript. */
  delivery: 'absent' | 'unfinished' | 'finished';
  /** Other Claude processes may write sessions of this very directory into the same place. */
  shared: boolean;
};

export type Launch =
  | { flag: 'session-id'; sessionId: string }
  | { flag: 'continue' }
  | { flag: 'resume'; sessionId: string }
  /** `at`: the last message that the new session takes over, where the old one has gone on since. */
  | { flag: 'fork'; sessionId: string; newSessionId: string; at?: string };

export type Grounded =
  | { do: 'launch'; launch: Launch; send: 'instruction' | 'nudge'; why?: string }
  /** The instruction was finished by a process that outlived its attempt: the report is made from the transcript. */
  | { do: 'report' }
  /** Seen by an earlier attempt and gone: never a silent fresh start. */
  | { do: 'transcriptLost' };

/** The conversation that a session begins as a fork of, as it lies on this host. */
export type ForkParent = { sessionId: string; at?: string };

export function ground(
  intention: Intention,
  session: { id: string; seen: boolean; parent?: ForkParent | undefined },
  disk: DiskFacts,
): Grounded {
  const onDisk = disk.transcripts.some(({ sessionId }) => sessionId === session.id);
  if (!onDisk && session.seen) return { do: 'transcriptLost' };
  if (!onDisk) return session.parent === undefined ? fresh(intention, session.id) : forked(session.id, session.parent);
  if (disk.delivery === 'finished') return { do: 'report' };
  const send = disk.delivery === 'absent' ? 'instruction' : 'nudge';
  return { do: 'launch', send, ...onward(intention, session.id, disk) };
}

function fresh(intention: Intention, sessionId: string): Grounded {
  const why = intention === 'start' ? {} : { why: 'no attempt got as far as a transcript of this session' };
  return { do: 'launch', launch: { flag: 'session-id', sessionId }, send: 'instruction', ...why };
}

const forked = (newSessionId: string, parent: ForkParent): Grounded => ({
  do: 'launch',
  launch: { flag: 'fork', newSessionId, ...parent },
  send: 'instruction',
});

function onward(intention: Intention, sessionId: string, disk: DiskFacts): { launch: Launch; why?: string } {
  const resume: Launch = { flag: 'resume', sessionId };
  if (intention === 'resume') return { launch: resume };
  const [newest] = disk.transcripts;
  if (newest?.sessionId !== sessionId)
    return {
      launch: resume,
      why: `--continue would take session ${newest?.sessionId ?? 'none'}, the newest of this directory`,
    };
  if (disk.shared)
    return { launch: resume, why: 'other Claude sessions may use this directory: --continue could take one of theirs' };
  return {
    launch: { flag: 'continue' },
    ...(intention === 'start' || intention === 'fork'
      ? { why: 'an earlier launch got as far as a transcript of this session' }
      : {}),
  };
}
