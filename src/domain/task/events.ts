// Everything that can happen to a task. Clock and uuids come in with the event: the domain has neither.
import type { AttemptReport } from '../../contract/attempt.js';
import type { Command } from '../../contract/commands.js';
import type { EndReason } from './state.js';

/** A parsed command with all it may need; `ids` are spent only by a command that uses them. */
export type CommandEvent = {
  type: 'command';
  atMs: number;
  commandId: string;
  command: Command;
  ids: { instruction: string; session: string };
};

export type TaskEvent =
  | CommandEvent
  /** A Signal that could not be taken: unknown, undecodable, malformed. */
  | { type: 'refused'; atMs: number; commandId: string; name: string; why: string; payload?: unknown }
  | { type: 'launched'; atMs: number; attemptId: string }
  | { type: 'ending'; atMs: number; attemptId: string; reason: EndReason }
  | { type: 'report'; atMs: number; report: AttemptReport }
  | { type: 'effectStarted'; atMs: number; commandId: string }
  /** `refused`: nothing came of it, and why. */
  | { type: 'effectDone'; atMs: number; commandId: string; why?: string; refused?: string }
  | { type: 'tick'; atMs: number }
  | { type: 'cancel'; atMs: number }
  | { type: 'closed'; atMs: number };
