// How a task closes: finish, cancel, when-done, idle for long. What is still open is dropped by name.
import { describe, expect, test } from 'vitest';
import { Driver, idleTask, START_MS, twoSessions } from './support/driver.js';

const DAY_MS = 24 * 3_600_000;

describe('finish', () => {
  test('an idle task closes with its newest result and the summary', () => {
    const task = idleTask();
    task.accepted('finish', { summary: 'all merged' });
    task.close();
    expect(task.state.closed).toMatchObject({ how: 'finished' });
    expect(task.state.result).toEqual({
      instructionId: 'instruction-first',
      text: 'first answer',
      summary: 'all merged',
    });
  });

  test('a working attempt is ended gently first', () => {
    const task = new Driver();
    task.launch();
    task.accepted('finish');
    expect(task.end()).toBe('finish');
    expect(task.step()).toEqual({ do: 'wait' });
    task.report('ended').close();
    expect(task.state.result).toEqual({
      instructionId: null,
      text: '',
      dropped: [{ id: 'instruction-first', why: 'task finished' }],
    });
  });

  test('undelivered commands become dropped, listed in the result', () => {
    const task = twoSessions();
    task.accepted('update', { prompt: 'a', id: 'a' });
    task.launch();
    task.accepted('update', { prompt: 'b', id: 'b' });
    task.accepted('resume', { prompt: 'c', id: 'c' });
    task.accepted('finish', { id: 'f' });
    task.end();
    task.report('done', { text: 'a is done' }).close();
    expect(task.state.result).toMatchObject({
      text: 'a is done',
      dropped: [
        { id: 'b', why: 'task finished' },
        { id: 'c', why: 'task finished' },
      ],
    });
    expect(['a', 'b', 'c', 'f'].map((id) => task.fate(id))).toEqual(['done', 'dropped', 'dropped', 'done']);
    expect(task.why('b')).toBe('task finished');
    expect([task.state.queue, task.state.question, task.state.hold]).toEqual([[], undefined, undefined]);
  });

  test('a stopped or waiting task finishes too', () => {
    const task = new Driver().work('fault', { problem: { class: 'credit', says: 'none' } });
    task.accepted('finish');
    task.close();
    expect(task.state.closed).toMatchObject({ how: 'finished' });
  });

  test.each([
    ['update', { prompt: 'p' }],
    ['continue', {}],
    ['resume', {}],
    ['answer', { pick: 1 }],
    ['stop', {}],
    ['drop', { command: 'x' }],
    ['finish', {}],
  ] as const)('after it %s is refused', (name, payload) => {
    const task = new Driver();
    task.launch();
    task.accepted('finish');
    expect(task.refused(name, payload)).toBe(`${name}: the task is closing (task finished)`);
  });

  test('a fault of the attempt that ends opens no wait', () => {
    const task = new Driver();
    task.launch();
    task.accepted('finish');
    task.end();
    task.report('fault', { problem: { class: 'credit', says: 'none' } }).close();
    expect(task.state.hold).toBeUndefined();
  });
});

describe('cancel', () => {
  test('is a gentle stop, then cancelled', () => {
    const task = new Driver();
    task.launch();
    task.feed({ type: 'cancel', atMs: task.nowMs });
    expect(task.end()).toBe('cancel');
    task.report('ended').close();
    expect(task.state.closed).toMatchObject({ how: 'cancelled' });
    expect(task.state.result?.dropped).toEqual([{ id: 'instruction-first', why: 'task cancelled' }]);
  });

  test('wins over a finish under way', () => {
    const task = new Driver();
    task.launch();
    task.accepted('finish');
    task.end();
    task.feed({ type: 'cancel', atMs: task.nowMs });
    expect(task.step()).toEqual({ do: 'wait' });
    task.report('ended').close();
    expect(task.state.closed).toMatchObject({ how: 'cancelled' });
  });

  test('of an idle and of a waiting task closes at once', () => {
    for (const task of [idleTask(), new Driver().work('lost'), new Driver()]) {
      task.feed({ type: 'cancel', atMs: task.nowMs });
      task.close();
      expect(task.state.closed).toMatchObject({ how: 'cancelled' });
    }
  });
});

describe('close: when-done', () => {
  const spec = { close: 'when-done' } as const;

  test('closes when nothing is queued', () => {
    const task = new Driver(spec).work('done', { text: 'yes' }).close();
    expect(task.state.closed).toMatchObject({ how: 'finished' });
    expect(task.state.result).toEqual({ instructionId: 'instruction-first', text: 'yes' });
  });

  test('what was queued meanwhile is worked first', () => {
    const task = new Driver(spec);
    task.launch();
    task.accepted('update', { prompt: 'more' });
    task.report('done').work('done', { text: 'more' }).close();
    expect(task.state.result?.text).toBe('more');
  });

  test('a wait for the operator keeps it open: a fault, a stop, a question', () => {
    const faulty = new Driver(spec).work('fault', { problem: { class: 'credit', says: 'none' } });
    expect(faulty.step()).toEqual({ do: 'wait' });

    const stopped = new Driver(spec);
    stopped.launch();
    stopped.accepted('stop');
    stopped.end();
    stopped.report('done');
    expect(stopped.step()).toEqual({ do: 'wait' });
    stopped.accepted('continue');
    expect(stopped.step()).toEqual({ do: 'close' });

    const asking = new Driver(spec);
    asking.launch();
    asking.accepted('update', { prompt: 'b', newSession: true });
    asking.accepted('resume', {});
    asking.report('done').work('done');
    expect(asking.step()).toEqual({ do: 'wait' });
    asking.accepted('answer', { pick: 1 });
    expect(asking.step()).toEqual({ do: 'close' });
  });

  test('a back-off keeps it open', () => {
    expect(new Driver(spec).work('lost').step()).toMatchObject({ do: 'wait', untilMs: expect.any(Number) });
  });
});

describe('closeAfterIdle', () => {
  test('closes an idle task after 30 days, not a moment sooner', () => {
    const task = idleTask();
    const untilMs = task.state.updatedAtMs + 30 * DAY_MS;
    expect(task.step()).toEqual({ do: 'wait', untilMs });
    task.pass(untilMs - task.nowMs - 1);
    expect(task.step()).toEqual({ do: 'wait', untilMs });
    task.pass(1).close();
    expect(task.state.closed).toMatchObject({ how: 'finished', atMs: untilMs });
  });

  test('its own span, counted from what happened last', () => {
    const task = idleTask({ limits: { closeAfterIdle: '1h' } });
    task.pass(3_000_000);
    task.accepted('update', { prompt: 'p' });
    task.work('done').pass(3_599_999);
    expect(task.step()).toMatchObject({ do: 'wait' });
    task.pass(1).close();
  });

  test('refused commands do not prolong it', () => {
    const task = idleTask({ limits: { closeAfterIdle: '1h' } });
    const { untilMs } = task.step() as { untilMs: number };
    task.tell('answer', { pick: 1 });
    task.feed({ type: 'refused', atMs: task.nowMs, commandId: 'x', name: 'bogus', why: 'no such command' });
    expect(task.step()).toEqual({ do: 'wait', untilMs });
  });

  test('never closes a task that waits for somebody', () => {
    const stopped = idleTask();
    stopped.accepted('stop');
    const asking = twoSessions();
    asking.accepted('resume', {});
    for (const task of [stopped, asking]) expect(task.pass(400 * DAY_MS).step()).toEqual({ do: 'wait' });
  });
});

test('after the close nothing changes any more', () => {
  const task = idleTask();
  task.accepted('finish');
  task.close();
  const { state } = task;
  task.feed({ type: 'tick', atMs: START_MS + 400 * DAY_MS });
  task.feed({ type: 'cancel', atMs: START_MS });
  task.feed({ type: 'report', atMs: START_MS, report: task.reportOf('done') });
  task.feed({ type: 'refused', atMs: START_MS, commandId: 'x', name: 'n', why: 'w' });
  task.feed({ type: 'launched', atMs: START_MS, attemptId: 'late' });
  expect(task.state).toBe(state);
});
