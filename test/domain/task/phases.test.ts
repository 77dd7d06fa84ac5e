// "In each phase": the contract's sentences on what a command does where, one test a sentence. The phases
// themselves are derived from the state, as the queries tell them.
import { describe, expect, test } from 'vitest';
import { phaseOf } from '../../../src/view/phase.js';
import { waitingOf } from '../../../src/view/waiting.js';
import { Driver, idleTask, twoSessions } from './support/driver.js';

const phase = (task: Driver) => phaseOf(task.state);
const waitingFor = (task: Driver) => waitingOf(task.state)?.for ?? null;

describe('phases', () => {
  test('preparing until the first launch, working while an attempt is scheduled, idle when nothing is open', () => {
    const task = new Driver();
    expect([phase(task), waitingFor(task)]).toEqual(['preparing', null]);
    task.launch();
    expect([phase(task), waitingFor(task)]).toEqual(['working', null]);
    task.report('done');
    expect([phase(task), waitingFor(task)]).toEqual(['idle', null]);
  });

  test.each([
    ['backoff', () => new Driver().work('lost')],
    ['operator', () => new Driver().work('fault', { problem: { class: 'credit', says: 'none' } })],
    ['budget', () => new Driver({ limits: { attempts: 1 } }).work('lost')],
    ['choice', () => (twoSessions().tell('resume'), twoSessions())],
  ] as const)('waiting for %s', (reason, make) => {
    const task = make();
    if (reason === 'choice') task.accepted('resume', {});
    expect([phase(task), waitingFor(task)]).toEqual(['waiting', reason]);
  });

  test('finished and cancelled', () => {
    const finished = idleTask();
    finished.accepted('finish');
    const cancelled = idleTask().feed({ type: 'cancel', atMs: 0 });
    expect([finished.close(), cancelled.close()].map(phase)).toEqual(['finished', 'cancelled']);
  });
});

describe('contextVersion moves at acceptance of an update, or of a resume with a prompt', () => {
  const SITUATIONS: [string, () => Driver][] = [
    ['preparing', () => new Driver()],
    [
      'working',
      () => {
        const task = new Driver();
        task.launch();
        return task;
      },
    ],
    ['idle', () => idleTask()],
    ['waiting for the operator', () => new Driver().work('fault')],
    ['in back-off', () => new Driver().work('lost')],
    [
      'stopped',
      () => {
        const task = idleTask();
        task.accepted('stop');
        return task;
      },
    ],
    [
      'asking',
      () => {
        const task = twoSessions();
        task.accepted('resume', {});
        return task;
      },
    ],
  ];

  test.each(SITUATIONS)('%s', (_, make) => {
    for (const [name, payload, by] of [
      ['update', { prompt: 'p' }, 1],
      ['update', { prompt: 'p', when: 'interrupt' }, 1],
      ['update', { prompt: 'p', newSession: true }, 1],
      ['update', { prompt: 'p', sessionId: 'nope' }, 0],
      ['resume', { prompt: 'p', sessionId: 'session-1' }, 1],
      ['resume', { sessionId: 'session-1' }, 0],
      ['continue', {}, 0],
      ['stop', {}, 0],
    ] as const) {
      const task = make();
      const before = task.state.contextVersion;
      const { answer } = task.tell(name, payload);
      expect(task.state.contextVersion - before).toBe(by);
      if (answer !== undefined) expect(answer.contextVersion).toBe(task.state.contextVersion);
    }
  });

  test('a drop does not lower it', () => {
    const task = new Driver();
    task.launch();
    task.accepted('update', { prompt: 'p', id: 'u' });
    expect(task.accepted('drop', { command: 'u' }).contextVersion).toBe(2);
  });

  test('a retry or a continue leaves it', () => {
    const task = new Driver().work('lost').pass(3_600_000).work('fault');
    task.accepted('continue');
    task.work('done');
    expect(task.state.attempts.map(({ contextVersion }) => contextVersion)).toEqual([1, 1, 1]);
  });

  test("attempts and sessions show their instruction's", () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', sessionId: 'session-1' });
    task.accepted('update', { prompt: 'b', sessionId: 'session-2' });
    task.work('done');
    expect(task.state.attempts.at(-1)?.contextVersion).toBe(3);
    expect(task.state.sessions.map(({ contextVersion }) => contextVersion)).toEqual([3, 2]);
    task.work('done');
    expect(task.state.sessions.map(({ contextVersion }) => contextVersion)).toEqual([3, 4]);
  });
});

test('stop when idle: waiting for the operator, and a queued update then waits too', () => {
  const task = idleTask();
  task.accepted('stop');
  expect([phase(task), waitingFor(task)]).toEqual(['waiting', 'operator']);
  task.accepted('update', { prompt: 'p', id: 'u' });
  expect([phase(task), waitingFor(task), task.fate('u')]).toEqual(['waiting', 'operator', 'queued']);
  expect(task.step()).toEqual({ do: 'wait' });
});

test('continue with nothing unfinished is refused ("nothing to continue")', () => {
  expect(idleTask().refused('continue')).toContain('nothing to continue');
});

test('a resume without a prompt whose session is finished only makes it active', () => {
  const task = twoSessions();
  task.accepted('resume', { sessionId: 'session-1' });
  expect([phase(task), task.state.activeSessionId, task.state.attemptsTotal]).toEqual(['idle', 'session-1', 2]);
});

test('finish: undelivered commands become dropped ("task finished"), listed in the result', () => {
  const task = idleTask();
  task.accepted('stop');
  task.accepted('update', { prompt: 'p', id: 'u' });
  task.accepted('finish');
  task.close();
  expect([task.fate('u'), task.why('u'), task.state.result?.dropped]).toEqual([
    'dropped',
    'task finished',
    [{ id: 'u', why: 'task finished' }],
  ]);
});

test('when-done closes when nothing is queued; a wait for the operator keeps it open', () => {
  expect(new Driver({ close: 'when-done' }).work('done').step()).toEqual({ do: 'close' });
  expect(new Driver({ close: 'when-done' }).work('fault').step()).toEqual({ do: 'wait' });
});

test('every answer tells the command, its instruction, the context version and the position', () => {
  const task = twoSessions();
  task.accepted('update', { prompt: 'p' });
  task.launch();
  const answers = [
    task.accepted('update', { prompt: 'p', id: 'u' }),
    task.accepted('resume', { sessionId: 'session-1', prompt: 'p', id: 'r' }),
    task.accepted('resume', { sessionId: 'session-1', id: 'n' }),
    task.accepted('stop', { id: 's' }),
    task.accepted('continue', { id: 'c' }),
    task.accepted('drop', { command: 'u', id: 'd' }),
    task.accepted('finish', { id: 'f' }),
  ];
  expect(answers).toEqual([
    { commandId: 'u', instructionId: expect.any(String), contextVersion: 4, position: 1 },
    { commandId: 'r', instructionId: expect.any(String), contextVersion: 5, position: 2 },
    ...['n', 's', 'c', 'd', 'f'].map((commandId) => ({ commandId, contextVersion: 5, position: null })),
  ]);
});
