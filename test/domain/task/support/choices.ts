// What a choice of the random sequences means in a given state: the command with its payload, the report with its facts.
import type { AttemptReport, Outcome } from '../../../../src/contract/attempt.js';
import type { Command } from '../../../../src/contract/commands.js';
import type { TaskState } from '../../../../src/domain/task/state.js';
import type { CommandAction, ReportAction } from './actions.js';
import { checkpoint } from './driver.js';

/** `nth` makes its checkpoint one that no other report has left. */
export function reportOf(attemptId: string, outcome: Outcome, how: ReportAction, nth: number): AttemptReport {
  const good = outcome === 'done' || outcome === 'ended' || outcome === 'handedOver';
  const asks = outcome === 'asks' && how.picks !== undefined;
  const launched = !asks && how.launched !== false;
  return {
    attemptId,
    outcome,
    sent: launched ? '--continue' : '',
    seen: how.seen || outcome === 'done',
    delivered: !asks && (how.delivered || outcome === 'done'),
    text: `text of ${attemptId}`,
    turns: 1,
    startedAt: '2026-01-05T12:00:00.000Z',
    endedAt: '2026-01-05T12:00:01.000Z',
    ...(how.costUsd === undefined ? {} : { sessionCostUsd: how.costUsd }),
    ...(good || how.class === undefined ? {} : { problem: { class: how.class, says: `a ${how.class}` } }),
    ...(how.left === 'checkpoint' ? { checkpoint: checkpoint(nth) } : {}),
    ...(how.left === 'unsaved' ? { unsaved: { class: 'store' as const, says: 'read-only' } } : {}),
    ...(how.hostId === undefined ? {} : { hostId: how.hostId }),
    ...(how.filesSettled === undefined ? {} : { filesSettled: how.filesSettled }),
    ...(outcome === 'asks' && how.picks !== undefined ? { question: { says: 'they differ', picks: how.picks } } : {}),
  };
}

const LABELS = ['green', 'released', 'v1.0', '漢字', 'a label'];

/** The command that a choice means in this state. */
export function commandOf(choice: CommandAction, state: TaskState): Command {
  const by = choice.by === undefined ? {} : { requestedBy: choice.by };
  const named = [undefined, ...state.sessions.map(({ id }) => id).slice(-4), 'no such session'];
  const sessionId = named[choice.session % named.length];
  const session = sessionId === undefined ? {} : { sessionId };
  const moment = momentOf(choice, state);
  const conflict = choice.files === undefined ? {} : { onFileConflict: choice.files };
  switch (choice.name) {
    case 'update':
      return {
        name: 'update',
        payload: {
          prompt: 'p',
          ...by,
          ...conflict,
          ...(choice.newSession ? { newSession: true } : session),
          ...(choice.interrupt ? { when: 'interrupt' as const } : {}),
        },
      };
    case 'resume':
      return {
        name: 'resume',
        payload: { ...by, ...session, ...moment, ...conflict, ...(choice.told ? { prompt: 'p' } : {}) },
      };
    case 'answer':
      return { name: 'answer', payload: { ...by, pick: pickOf(choice, sessionId) } };
    case 'drop':
      return { name: 'drop', payload: { ...by, command: openCommandOf(choice, state) } };
    case 'fork':
      return { name: 'fork', payload: { ...by, prompt: 'p', ...session, ...moment } };
    case 'mark':
      return { name: 'mark', payload: { ...by, label: LABELS[choice.pick % LABELS.length] ?? 'green' } };
    case 'finish':
      // Rarely: a closed task has nothing more to show.
      return choice.told && choice.interrupt && choice.newSession
        ? { name: 'finish', payload: { summary: 's' } }
        : { name: 'continue', payload: by };
    case 'continue':
    case 'stop':
      return { name: choice.name, payload: by };
  }
}

function pickOf(choice: CommandAction, sessionId: string | undefined): number | string {
  if (choice.files !== undefined) return choice.files;
  return choice.told ? choice.pick : (sessionId ?? `${choice.pick}`);
}

function openCommandOf(choice: CommandAction, state: TaskState): string {
  const open = [
    ...state.queue.map(({ commandId }) => commandId),
    state.question?.commandId ?? 'none',
    'no such command',
    ...state.effects.map(({ commandId }) => commandId),
  ];
  return open[choice.pick % open.length] ?? 'none';
}

function momentOf({ moment, told }: CommandAction, state: TaskState): { checkpoint?: string } {
  const ids = [
    ...state.attempts.flatMap((ended) => (ended.checkpoint === undefined ? [] : [ended.checkpoint])).slice(-4),
    ...state.sessions.flatMap(({ head }) => (head === undefined ? [] : [head])).slice(-3),
  ];
  const named = [
    undefined,
    undefined,
    ...state.milestones.map(({ label }) => label).slice(-2),
    ...ids.map((id) => (told ? id : id.slice(0, 7))),
    checkpoint(65_534),
    'no such label',
  ];
  const name = named[moment % named.length];
  return name === undefined ? {} : { checkpoint: name };
}
