// A command's id makes it one command: the same id again, even with another payload, gets the first one's answer.
import { describe, expect, test } from 'vitest';
import { BOUNDS } from '../../../src/contract/limits.js';
import { Driver, idleTask, twoSessions } from './support/driver.js';

describe('the same id again', () => {
  test('gets the first answer and changes nothing', () => {
    const task = idleTask();
    const first = task.accepted('update', { prompt: 'p', id: 'x' });
    const before = task.state;
    expect(task.accepted('update', { prompt: 'p', id: 'x' })).toEqual(first);
    expect(task.state).toStrictEqual(before);
  });

  test.each([
    ['update', { prompt: 'another', newSession: true }],
    ['continue', {}],
    ['resume', { sessionId: 'nope' }],
    ['answer', { pick: 7 }],
    ['stop', {}],
    ['drop', { command: 'x' }],
    ['finish', {}],
  ] as const)('even as %s %j', (name, payload) => {
    const task = idleTask();
    const first = task.accepted('update', { prompt: 'p', id: 'x' });
    const before = task.state;
    expect(task.accepted(name, { ...payload, id: 'x' })).toEqual(first);
    expect(task.state).toStrictEqual(before);
  });

  test('also when the first is done, dropped, or the task is closing', () => {
    const task = idleTask();
    const first = task.accepted('update', { prompt: 'p', id: 'x' });
    task.work('done');
    expect(task.accepted('update', { prompt: 'p', id: 'x' })).toEqual(first);
    const dropped = task.accepted('update', { prompt: 'q', id: 'y' });
    task.tell('drop', { command: 'y' });
    expect(task.accepted('update', { prompt: 'q', id: 'y' })).toEqual(dropped);
    task.accepted('finish', { id: 'f' });
    expect(task.accepted('update', { prompt: 'p', id: 'x' })).toEqual(first);
    expect(task.accepted('finish', { id: 'f' })).toMatchObject({ commandId: 'f', position: null });
  });

  test('also across continue-as-new', () => {
    const task = idleTask();
    const ids = ['plain', 'x'.repeat(64), '漢字😀', 'a b', '"\\', '\u0000'];
    const first = ids.map((id) => task.accepted('update', { prompt: 'p', id }));
    task.continueAsNew();
    expect(ids.map((id) => task.accepted('update', { prompt: 'other', id }))).toEqual(first);
    expect(task.state.queue).toHaveLength(ids.length);
  });

  test('a position is the one of the moment of acceptance', () => {
    const task = new Driver();
    task.launch();
    task.accepted('update', { prompt: 'a', id: 'a' });
    task.accepted('update', { prompt: 'b', id: 'b' });
    task.report('done');
    expect(task.accepted('update', { prompt: 'b', id: 'b' }).position).toBe(2);
  });

  test("the first instruction's id is taken, so that nothing else answers to it", () => {
    const task = new Driver();
    expect(task.accepted('update', { prompt: 'p', id: 'instruction-first' })).toEqual({
      commandId: 'instruction-first',
      instructionId: 'instruction-first',
      contextVersion: 1,
      position: 0,
    });
    expect(task.state.queue).toHaveLength(1);
  });
});

describe('a refused command', () => {
  test('is not remembered: mended, the same id is taken', () => {
    const task = idleTask();
    expect(task.tell('update', { prompt: 'p', sessionId: 'nope', id: 'x' }).refused).toContain('no session "nope"');
    expect(task.fate('x')).toBe('refused');
    expect(task.accepted('update', { prompt: 'p', id: 'x' })).toMatchObject({ commandId: 'x', position: 0 });
    expect(task.fate('x')).toBe('queued');
    expect(task.state.commands.filter(({ id }) => id === 'x')).toHaveLength(1);
  });

  test('leaves nothing but its record and the count', () => {
    const task = twoSessions();
    for (const [name, payload] of [
      ['update', { prompt: 'p', sessionId: 'nope' }],
      ['continue', {}],
      ['resume', { sessionId: 'nope', prompt: 'p' }],
      ['answer', { pick: 1 }],
      ['drop', { command: 'nope' }],
    ] as const) {
      const { commands: _c, commandsTotal, refusedTotal, ...before } = task.state;
      task.refused(name, payload);
      const { commands, commandsTotal: total, refusedTotal: refused, ...after } = task.state;
      expect(after).toStrictEqual(before);
      expect([total, refused]).toEqual([commandsTotal + 1, refusedTotal + 1]);
      expect(commands.at(-1)).toMatchObject({ name, state: 'refused', why: expect.stringMatching(`^${name}`) });
    }
  });

  test('a malformed Signal under the id of an accepted command is counted, and the record stays', () => {
    const task = idleTask();
    task.accepted('update', { prompt: 'p', id: 'x' });
    const { commands } = task.state;
    task.feed({
      type: 'refused',
      atMs: task.nowMs,
      commandId: 'x',
      name: 'updaet',
      why: 'no such command',
      payload: null,
    });
    expect(task.state.commands).toStrictEqual(commands);
    expect(task.state.refusedTotal).toBe(1);
  });

  test('also where that record is no longer among the newest fifty', () => {
    const task = idleTask();
    task.accepted('stop');
    task.accepted('update', { prompt: 'p', id: 'x' });
    for (let i = 0; i < BOUNDS.listed; i++) task.accepted('update', { prompt: 'p' });
    expect(task.fate('x')).toBeUndefined();
    task.feed({ type: 'refused', atMs: task.nowMs, commandId: 'x', name: 'updaet', why: 'no such command' });
    expect(task.fate('x')).toBeUndefined();
    expect(task.state.refusedTotal).toBe(1);
  });

  test.each([
    [undefined, undefined],
    [null, null],
    ['a string', 'a string'],
    [
      [1, 2],
      [1, 2],
    ],
    [{ prompt: 'x'.repeat(5_000) }, { prompt: `${'x'.repeat(199)}…` }],
    [{ a: Array(2_000).fill('deep') }, expect.stringMatching(/^\{"a":\["deep".*…$/)],
    [JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)), expect.stringMatching(/levels/)],
    [JSON.parse('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)), expect.stringMatching(/levels/)],
  ])('shows what came, small and plain: %#', (payload, shown) => {
    const task = idleTask();
    task.feed({ type: 'refused', atMs: task.nowMs, commandId: 'x', name: 'update', why: 'w', payload });
    expect(task.state.commands.at(-1)?.payload).toEqual(shown);
  });
});

describe('the newest 5,000 ids are remembered', () => {
  test('the 5,001st forgets the oldest, also across continue-as-new', () => {
    const task = idleTask();
    task.accepted('update', { prompt: 'p', id: 'oldest' });
    task.work('done');
    task.checked = false;
    for (let i = 2; i <= BOUNDS.rememberedIds; i++) task.accepted('stop', { id: `id-${i}` });
    task.checked = true;
    task.continueAsNew();
    expect(task.accepted('update', { prompt: 'again', id: 'oldest' })).toMatchObject({ contextVersion: 2 });
    expect(task.state.queue).toHaveLength(0);
    task.accepted('stop', { id: 'one more' });
    expect(task.accepted('update', { prompt: 'again', id: 'oldest' })).toMatchObject({ contextVersion: 3 });
    expect(task.accepted('stop', { id: 'id-3' })).toEqual({ commandId: 'id-3', contextVersion: 2, position: null });
    expect(task.state.remembered).toHaveLength(BOUNDS.rememberedIds);
  });
});

test('fifty commands are listed, newest last; all are counted', () => {
  const task = idleTask();
  for (let i = 0; i < 60; i++) task.accepted('stop', { id: `s${i}` });
  expect(task.state.commands.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, i) => `s${i + 10}`));
  expect(task.state.commandsTotal).toBe(60);
});
