// What an interrupted conversation is told: why it was interrupted, that effects may be partial, and to go on.
import { describe, expect, test } from 'vitest';
import { CAUSES } from '../../../src/contract/attempt.js';
import { parseDirectives } from '../../../src/demo/api/directives.js';
import { nudgeText } from '../../../src/domain/attempt/nudge.js';

const WHY: Record<(typeof CAUSES)[number], RegExp> = {
  first: /process that worked on it ended/,
  lost: /machine or process that worked on it was lost/,
  timedOut: /ran out of time/,
  fault: /attempt failed/,
  stopped: /operator stopped it/,
  continue: /operator was asked and wants you to go on/,
  update: /process that worked on it ended/,
  resume: /operator comes back to it/,
  fork: /process that worked on it ended/,
  answer: /operator was asked and has answered/,
  handover: /worker was shut down and another one goes on/,
};

describe.each(CAUSES)('after %s', (cause) => {
  test('it says why, warns of half-done commands, and asks to go on', () => {
    const text = nudgeText(cause);
    expect(text).toMatch(WHY[cause]);
    expect(text).toMatch(/partly, wholly or not at all/);
    expect(text).toMatch(/go on from where you were/);
    expect(text).not.toMatch(/undefined|\(\)/);
  });

  test('it is plain text to Claude: no command of the CLI, no flag, no script', () => {
    expect(nudgeText(cause)).toMatch(/^[A-Z]/);
    expect(parseDirectives(nudgeText(cause))).toEqual([]);
  });
});

test('what the failure said stands in it', () => {
  expect(nudgeText('fault', 'API Error: 529 Overloaded')).toContain('the attempt failed (API Error: 529 Overloaded).');
});
