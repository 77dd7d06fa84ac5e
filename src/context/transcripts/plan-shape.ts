// The shape of a plan: what is to be written of the transcripts, and what is known of them then.
import type { TranscriptNotes } from '../moment.js';

export interface TranscriptPlan {
  /** All sessions, also those that only the store has. */
  notes: TranscriptNotes[];
  /** What is to be written: a part of a file under a path of the moment's tree. */
  writes: { path: string; file: string; offset: number; length: number }[];
  /** Paths of the tree that go away first. */
  deletes: string[];
}
