// The public names, copied from the contract's text: other people's clients use exactly these.
import { describe, expect, test } from 'vitest';
import { CAUSES, OUTCOMES } from '../../src/contract/attempt.js';
import { commandAnswer, commandPayloads } from '../../src/contract/commands.js';
import { DEFAULTS, WORKER_DEFAULTS } from '../../src/contract/limits.js';
import {
  COMMANDS,
  LATER_COMMANDS,
  MEMO_KEY,
  QUERIES,
  SEARCH_ATTRIBUTES,
  TASK_QUEUE,
  WORKFLOW_TYPE,
} from '../../src/contract/names.js';
import { claudeOptions, taskSpec } from '../../src/contract/spec.js';
import * as views from '../../src/contract/views.js';

const words = (text: string): string[] => text.split(/[\s|,]+/).filter((word) => word !== '');

describe('names and enums are the published ones', () => {
  test('workflow type, queue, memo', () => {
    expect([WORKFLOW_TYPE, TASK_QUEUE, MEMO_KEY]).toEqual(['taskRun', 'taskrun', 'taskrun']);
  });

  test('commands and queries; what is not built yet is known by name', () => {
    expect([...COMMANDS, ...LATER_COMMANDS].sort()).toEqual(
      words('update continue resume answer stop drop fork mark extend finish').sort(),
    );
    expect(LATER_COMMANDS).toEqual(['extend']);
    expect(QUERIES).toEqual(['task', 'sessions', 'attempts', 'waiting']);
    expect(Object.keys(commandPayloads)).toEqual([...COMMANDS]);
  });

  test.each([
    [
      'cause',
      CAUSES,
      'first | lost | timedOut | fault | stopped | continue | update | resume | fork | answer | handover',
    ],
    ['outcome', OUTCOMES, 'done | ended | handedOver | asks | lost | timedOut | fault'],
    ['session status', views.SESSION_STATUSES, 'active | resting | lost | poisoned | full'],
    ['decided', views.DECISIONS, 'continue | fresh | fork | wait | ask | none'],
    ['phase', views.PHASES, 'preparing, working, waiting, idle, finished, failed, cancelled'],
    ['waiting.for', views.WAITING_FOR, 'choice, approval, rateLimit, backoff, operator, budget, workspace'],
    ['command state', views.COMMAND_STATES, 'queued, working, done, dropped, refused'],
  ])('%s', (_, listed, published) => {
    expect([...listed]).toEqual(words(published));
  });

  test('search attributes and their types', () => {
    expect(SEARCH_ATTRIBUTES).toEqual({
      TaskRunPhase: 'Keyword',
      TaskRunWaiting: 'Keyword',
      TaskRunService: 'Keyword',
      TaskRunRequestedBy: 'Keyword',
      TaskRunSessions: 'KeywordList',
      TaskRunContextVersion: 'Int',
      TaskRunCostUsd: 'Double',
    });
  });

  test('defaults', () => {
    expect(DEFAULTS).toMatchObject({
      attemptTimeout: '2h',
      silenceTimeout: '10m',
      attempts: 10,
      closeAfterIdle: '30d',
      close: 'when-asked',
      permissionMode: 'acceptEdits',
      updateFiles: 'keep',
      resumeFiles: 'ask',
    });
    expect(WORKER_DEFAULTS).toMatchObject({ concurrency: 4, drainMs: 60_000 });
  });
});

describe('shapes hold the published fields, no more and no fewer', () => {
  const SPEC =
    'prompt title service requestedBy from source files setupCommand acceptanceCommand claude ask limits onFileConflict deliver notify priority close';
  const CLAUDE =
    'model permissionMode allowedTools disallowedTools mcpConfig appendSystemPrompt settings maxTurns addDirs';
  const LIMITS = 'attemptTimeout silenceTimeout attempts costUsd expiresAfter closeAfterIdle';

  test('spec', () => {
    expect(Object.keys(taskSpec.shape).sort()).toEqual(words(SPEC).sort());
    expect(Object.keys(claudeOptions.shape).sort()).toEqual(words(CLAUDE).sort());
    expect(Object.keys(taskSpec.shape.limits.unwrap().shape).sort()).toEqual(words(LIMITS).sort());
    expect(Object.keys(taskSpec.shape.source.unwrap().shape).sort()).toEqual(words('dir git inPlace ref'));
    expect(Object.keys(taskSpec.shape.from.unwrap().shape).sort()).toEqual(words('checkpoint sessionId taskId'));
  });

  test.each([
    ['update', 'prompt sessionId newSession files when onFileConflict'],
    ['continue', ''],
    ['resume', 'sessionId checkpoint prompt onFileConflict'],
    ['answer', 'pick allow reason to'],
    ['stop', 'reason'],
    ['drop', 'command'],
    ['fork', 'prompt sessionId checkpoint taskId costUsd'],
    ['mark', 'label'],
    ['finish', 'summary'],
  ] as const)('command %s', (name, fields) => {
    const published = [...words(fields), 'id', 'requestedBy'].sort();
    expect(Object.keys(commandPayloads[name].shape).sort()).toEqual(published);
  });

  test.each([
    ['answer to a command', commandAnswer, 'commandId instructionId contextVersion position'],
    [
      'task',
      views.taskView,
      'taskId title service phase waiting contextVersion activeSessionId costUsd queued startedAt updatedAt result sessions attempts commands milestones commandsTotal attemptsTotal refusedTotal',
    ],
    [
      'session',
      views.sessionView,
      'sessionId number parentSessionId startedBy createdAt lastActiveAt contextVersion attempts turns costUsd status head recent',
    ],
    [
      'attempt',
      views.attemptView,
      'number id cause sent sentWhy sessionId instructionId contextVersion startedFrom startedAt endedAt outcome problem decided turns costUsd host checkpoint log',
    ],
    ['command', views.commandView, 'id name by at state why payload'],
    ['waiting', views.waitingView, 'for says until options answerWith'],
    ['result', views.taskResult, 'instructionId text checkpoint branch commit'],
    ['memo', views.taskMemo, 'phase waiting'],
  ])('%s', (_, schema, fields) => {
    expect(Object.keys(schema.shape)).toEqual(expect.arrayContaining(words(fields)));
  });
});
