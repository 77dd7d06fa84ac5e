// Histories of real tasks, replayed against the workflow code of today. A change in domain/task, workflows, the parsing
// of contract/ or the page must keep these green: a task that is open where the new worker starts would wedge otherwise.
// One that can't keep them needs a version of its own beside the old one; a history is never recorded anew.
import { readFileSync } from 'node:fs';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TestBundle, testBundle } from '../support/workflow-bundle.js';
import { historyNames, isRecorded, readHistory } from './histories.js';
import { SHAPES } from './shapes.js';

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  shutdownSignals: [],
  telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
});

let bundle: TestBundle;
let code: string;
beforeAll(async () => {
  bundle = await testBundle();
  code = readFileSync(bundle.codePath, 'utf8');
});

async function replay(name: string, workflowCode: string): Promise<void> {
  const { history, taskId } = readHistory(name);
  await Worker.runReplayHistory(
    {
      workflowBundle: { code: workflowCode },
      dataConverter: { payloadConverterPath: bundle.payloadConverterPath },
      replayName: name,
    },
    history,
    taskId,
  );
}

it('every shape has its history', () => {
  expect(Object.keys(SHAPES).filter((shape) => !isRecorded(shape))).toEqual([]);
});

describe('the workflow of today replays', () => {
  it.each(historyNames)('%s', (name) => replay(name, code));
});

/** Mistakes that a change could bring: a piece of the bundle, what it becomes, a history that must not bear it. */
const MISTAKES: [what: string, from: RegExp, to: string, history: string][] = [
  ['an activity with another id', /activityId: attempt\.id/, 'activityId: "attempt-" + attempt.id', 'happy'],
  ['one uuid more a command', /instruction: (\S+uuid4\))\(\)/, 'instruction: $1() + $1()', 'stop-then-continue'],
  ['a wait without its timer', /if \(untilMs === undefined\)/, 'if (true)', 'happy'],
  ['another answer to a fault', /\blost: retry\([^)]*\)/, 'lost: operator("x")', 'lost-then-continue'],
  [
    'a uuid for commands that never drew one',
    /const idsFor = ?\(name\) ?=>.*\? NO_IDS :/,
    'const idsFor = (name) => false ? NO_IDS :',
    'fork-mark-files',
  ],
  [
    'a child under another id',
    /workflowId: effect\.taskId/,
    'workflowId: "fork-of-" + effect.taskId',
    'fork-mark-files',
  ],
  [
    'no other worker asked',
    /if \(!wasNotTaken\(error\)\) throw error;\s*}\s*}\s*for/,
    'throw error; } } for',
    'host-queue-fallback',
  ],
  ['a payload read less strictly', /(const payload = .*)strictObject/, '$1looseObject', 'refused-payloads'],
];

describe('a mistake is found:', () => {
  it.each(MISTAKES)('%s', async (_what, from, to, history) => {
    expect(code.match(new RegExp(from, 'g'))).toHaveLength(1);
    await expect(replay(history, code.replace(from, to))).rejects.toThrow(DeterminismViolationError);
  });
});
