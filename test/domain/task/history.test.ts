// Continue-as-new: between attempts when the history is long, by a gentle end in mid-attempt when it is full.
import { describe, expect, test } from 'vitest';
import { migrate } from '../../../src/domain/task/open.js';
import { Driver, idleTask, twoSessions } from './support/driver.js';

const NEW_RUN = { do: 'continueAsNew' };

describe('continue-as-new', () => {
  test('happens between attempts with a long history: idle, waiting, about to launch', () => {
    for (const task of [idleTask(), new Driver(), new Driver().work('lost')])
      expect(task.step('long')).toEqual(NEW_RUN);
  });

  test('a long history leaves a working attempt alone, a full one ends it gently', () => {
    const task = new Driver();
    task.launch();
    expect(task.step('long')).toEqual({ do: 'wait' });
    expect(task.end('full')).toBe('continueAsNew');
    expect(task.step('full')).toEqual({ do: 'wait' });
    task.report('ended');
    expect(task.step('full')).toEqual(NEW_RUN);
    expect(task.state.queue[0]?.spent).toBe(0);
  });

  test('a close comes first', () => {
    const task = idleTask();
    task.accepted('finish');
    expect(task.step('full')).toEqual({ do: 'close' });
  });

  test('a stop that comes while the attempt ends for it stands', () => {
    const task = new Driver();
    task.launch();
    task.end('full');
    task.accepted('stop');
    task.report('ended').continueAsNew();
    expect(task.step()).toEqual({ do: 'wait' });
    task.accepted('continue');
    expect(task.launch()).toMatchObject({ cause: 'stopped' });
  });

  test('carries everything that a task knows', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', id: 'a' });
    task.work('lost');
    task.accepted('update', { prompt: 'b', id: 'b' });
    task.accepted('resume', { prompt: 'c', id: 'c' });
    const before = task.state;
    task.continueAsNew();
    expect(task.state).toStrictEqual(before);
  });
});

test('a state of another version asks for another worker', () => {
  const state = { ...idleTask().state, version: 99 } as unknown as Parameters<typeof migrate>[0];
  expect(() => migrate(state)).toThrow('task state of version 99; this worker knows version 2: start a newer worker');
});
