// What a task waits for, in words; and that answering with what each wait names goes on. The memo stays small.
import { describe, expect, test } from 'vitest';
import { commandPayloads } from '../../src/contract/commands.js';
import type { FaultClass } from '../../src/contract/fault.js';
import { FAULT_CLASSES } from '../../src/contract/fault.js';
import { BOUNDS } from '../../src/contract/limits.js';
import type { CommandName } from '../../src/contract/names.js';
import { jsonBytes } from '../../src/contract/text.js';
import { taskMemo, taskView as taskViewSchema } from '../../src/contract/views.js';
import { FAULT_ANSWERS } from '../../src/domain/task/answers.js';
import { memoOf, taskView } from '../../src/view/task-view.js';
import { waitingOf } from '../../src/view/waiting.js';
import { Driver } from '../domain/task/support/driver.js';

/** A task whose first attempt met this fault. */
function faulted(faultClass: FaultClass, says = 'Claude said: no'): Driver {
  const task = new Driver();
  task.launch();
  task.report('fault', {
    problem: {
      class: faultClass,
      says,
      ...(faultClass === 'usageLimit' ? { resetsAt: '2026-01-05T17:00:00.000Z' } : {}),
    },
  });
  return task;
}

const operatorClasses = FAULT_CLASSES.filter((name) => FAULT_ANSWERS[name].then === 'operator');

describe.each(operatorClasses)('%s', (faultClass) => {
  test("waits for the operator with the CLI's words, the remedy and commands that are accepted", () => {
    const task = faulted(faultClass);
    const waiting = waitingOf(task.state);
    expect(waiting).toMatchObject({ for: 'operator', says: expect.stringContaining('Claude said: no') as string });
    expect(waiting?.says).toContain('What to do: ');
    for (const { command, payload } of waiting?.answerWith ?? []) {
      expect(commandPayloads[command as CommandName].safeParse(payload).success).toBe(true);
      const other = faulted(faultClass);
      expect(other.tell(command as CommandName, payload as Record<string, unknown>).refused).toBeUndefined();
      expect(other.step()).not.toEqual({ do: 'wait' });
    }
  });

  test('the whole view keeps the contract, the memo its size', () => {
    const { state } = faulted(faultClass, '漢'.repeat(1_400));
    expect(taskViewSchema.strict().safeParse(taskView(state)).success).toBe(true);
    expect(taskMemo.safeParse(memoOf(state)).success).toBe(true);
    expect(jsonBytes(memoOf(state))).toBeLessThanOrEqual(BOUNDS.memoBytes);
  });
});

test('a usage limit shows when it resets', () => {
  expect(waitingOf(faulted('usageLimit').state)).toMatchObject({
    until: '2026-01-05T17:00:00.000Z',
    says: expect.stringContaining('2026-01-05T17:00:00.000Z') as string,
  });
});

test('a fault that passes by itself says when the next attempt starts', () => {
  const waiting = waitingOf(faulted('overloaded').state);
  expect(waiting).toMatchObject({ for: 'backoff', answerWith: [{ command: 'continue', payload: {} }] });
  expect(Date.parse(waiting?.until ?? '')).toBeGreaterThan(0);
});

test('nothing is waited for while it works, when idle, and after the close', () => {
  const task = new Driver();
  task.launch();
  expect(waitingOf(task.state)).toBeUndefined();
  task.report('done', { text: 'ok' });
  expect(waitingOf(task.state)).toBeUndefined();
  expect(memoOf(task.state)).toEqual({ phase: 'idle', waiting: null });
});
