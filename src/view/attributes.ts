// State → the values of our search attributes, within the server's sizes.
import type { SearchAttributeName } from '../contract/names.js';
import { cutBytes } from '../contract/text.js';
import type { TaskState } from '../domain/task/state.js';
import { phaseOf } from './phase.js';
import { costUsdOf } from './task-view.js';
import { waitingOf } from './waiting.js';

/** A value of 2 KB terminates the workflow (a Keyword's limit is 255 bytes on SQL stores). */
const KEYWORD_BYTES = 200;
const LISTED_SESSIONS = 20;

/** Undefined unsets the attribute. */
export function attributesOf(state: TaskState): Record<SearchAttributeName, string | number | string[] | undefined> {
  return {
    TaskRunPhase: phaseOf(state),
    TaskRunWaiting: waitingOf(state)?.for,
    TaskRunService: keyword(state.spec.service),
    TaskRunRequestedBy: keyword(state.spec.requestedBy),
    TaskRunSessions: state.sessions.slice(-LISTED_SESSIONS).map((session) => session.id),
    TaskRunContextVersion: state.contextVersion,
    TaskRunCostUsd: costUsdOf(state),
  };
}

/** Some stores (PostgreSQL's JSONB) refuse a NUL or half a character, and would retry the whole record for ever. */
const keyword = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : cutBytes(text.replace(/[\p{Cc}\p{Cs}]/gu, ' '), KEYWORD_BYTES);
