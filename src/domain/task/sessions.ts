// Making sessions and keeping their short memory of what was asked and said.
import { BOUNDS } from '../../contract/limits.js';
import { excerpt } from '../../contract/text.js';
import type { Instruction, Session } from './state.js';

export type NewSession = { id: string; number: number; atMs: number; contextVersion: number; by?: string };

export function newSession({ id, number, atMs, contextVersion, by }: NewSession): Session {
  return {
    id,
    number,
    ...(by === undefined ? {} : { startedBy: by }),
    createdAtMs: atMs,
    lastActiveAtMs: atMs,
    contextVersion,
    attempts: 0,
    turns: 0,
    costUsd: 0,
    seen: false,
    recent: [],
  };
}

/** Notes an exchange in what an operator chooses a session by: one entry an instruction, the newest few, excerpts. */
export function noteExchange(session: Session, instruction: Instruction, atMs: number, said?: string): Session {
  const known = session.recent.find((entry) => entry.instructionId === instruction.id);
  const entry = {
    instructionId: instruction.id,
    atMs,
    ...(instruction.by === undefined ? {} : { by: instruction.by }),
    asked: excerpt(instruction.prompt, BOUNDS.excerptChars),
    said: said === undefined ? (known?.said ?? '') : excerpt(said, BOUNDS.excerptChars),
  };
  const others = session.recent.filter((other) => other !== known);
  return { ...session, lastActiveAtMs: atMs, recent: [...others, entry].slice(-BOUNDS.recent) };
}
