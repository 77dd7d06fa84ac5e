// Evidence → class. The rows that the real CLI can be driven into come from evidence it left (recorded by
// test/slow/attempt/fault-classes.test.ts); those beyond them are what a host can see besides.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FAULT_CLASSES } from '../../../src/contract/fault.js';
import { BOUNDS } from '../../../src/contract/limits.js';
import { classify, type Verdict } from '../../../src/domain/attempt/classify.js';
import type { Evidence } from '../../../src/domain/attempt/evidence.js';

const kept = z
  .object({
    cases: z.array(z.object({ name: z.string(), class: z.enum(FAULT_CLASSES), evidence: z.custom<Evidence>() })),
  })
  .parse(JSON.parse(readFileSync(new URL('evidence/2.1.330.json', import.meta.url), 'utf8')));

const LIMITS = { attemptTimeout: '2h', silenceTimeout: '10m' };
const judge = (evidence: Evidence): Verdict => classify(evidence, LIMITS);

const EXITED: Evidence = { ended: 'exited', exitCode: 0, stderrTail: '' };
const SUCCESS = { subtype: 'success', isError: false, text: 'done', terminalReason: 'completed', errors: [] };
const API_ERROR = { subtype: 'success', isError: true, text: 'API Error', terminalReason: 'api_error', errors: [] };

const evidenceOf = (name: string): Evidence => {
  const found = kept.cases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no evidence of "${name}" is kept`);
  return found.evidence;
};

test.each(kept.cases)('as seen of the real CLI: $name is $class', ({ class: expected, evidence }) => {
  expect(judge(evidence)).toMatchObject({
    outcome: expected === 'timedOut' ? 'timedOut' : 'fault',
    problem: { class: expected, says: expect.any(String) },
  });
});

test('each class that the CLI can be driven into has its evidence', () => {
  const ofWorkspace = ['workspace', 'setup', 'store', 'checkpoint', 'disk'];
  const hostsOwn = ['policy', 'cliMissing', 'cliTooOld', 'wrongSession', 'twoWriters', ...ofWorkspace];
  expect([...new Set([...kept.cases.map((each) => each.class), ...hostsOwn])].toSorted()).toEqual(
    FAULT_CLASSES.toSorted(),
  );
});

describe('what else a host can see', () => {
  test.each<[string, Evidence, string]>([
    ['another session than the intended one', { ...EXITED, ended: 'wrongSession' }, 'wrongSession'],
    ['overtaken before it said anything', { ...EXITED, ended: 'fenced' }, 'twoWriters'],
    [
      'a program that can’t be started',
      { ended: 'spawnFailed', stderrTail: '', hostProblem: "Claude can't be started: /x (EACCES)." },
      'cliMissing',
    ],
    [
      'a host out of processes',
      { ended: 'spawnFailed', stderrTail: '', hostProblem: "Claude can't be started: /x (EAGAIN)." },
      'lost',
    ],
    [
      'a session that another process opened',
      { ...EXITED, exitCode: 1, stderrTail: 'Error: Session ID 1-2 is already in use.' },
      'twoWriters',
    ],
    [
      'a full disk, in the CLI’s words',
      { ...EXITED, exitCode: 1, stderrTail: 'Error: ENOSPC: no space left on device, write' },
      'disk',
    ],
    [
      'a full disk, in the host’s words',
      { ...EXITED, exitCode: 1, hostProblem: 'The log /x is incomplete: the disk is full.' },
      'disk',
    ],
    ['the kernel’s memory killer', { ended: 'exited', signal: 'SIGKILL', stderrTail: '' }, 'lost'],
    ['a crash', { ended: 'exited', signal: 'SIGSEGV', stderrTail: 'panic' }, 'lost'],
    ['a shell’s word for a killed CLI', { ...EXITED, exitCode: 137 }, 'lost'],
    ['nothing said and code 0', EXITED, 'unknown'],
    ['a code that means nothing', { ...EXITED, exitCode: 200 }, 'unknown'],
    [
      'a terminal reason of a later version',
      { ...EXITED, exitCode: 1, result: { ...API_ERROR, terminalReason: 'out_of_luck' } },
      'unknown',
    ],
    ['a status of a later API', { ...EXITED, exitCode: 1, result: { ...API_ERROR, apiErrorStatus: 418 } }, 'unknown'],
  ])('%s', (_name, evidence, expected) => {
    expect(judge(evidence)).toMatchObject({ problem: { class: expected } });
  });

  test('a tool server that complains of its own key on stderr is not Claude’s key', () => {
    const seen = { ...evidenceOf('killed'), stderrTail: 'mcp-server: Invalid API key' };
    expect(judge(seen)).toMatchObject({ problem: { class: 'lost', says: expect.stringContaining('Invalid API key') } });
  });
});

describe('a result that is no error', () => {
  test.each(['exited', 'aborted', 'timedOut', 'silent'] as const)('counts, though the process %s', (ended) => {
    expect(judge({ ...EXITED, ended, result: SUCCESS })).toEqual({ outcome: 'done' });
  });

  test.each(['wrongSession', 'fenced'] as const)('never counts when it is another’s: %s', (ended) => {
    expect(judge({ ...EXITED, ended, result: SUCCESS })).toMatchObject({ outcome: 'fault' });
  });

  test('does not hide that the turn was interrupted', () => {
    const result = { ...SUCCESS, terminalReason: 'aborted_streaming' };
    expect(judge({ ...EXITED, ended: 'aborted', result })).toEqual({ outcome: 'ended' });
    expect(judge({ ...EXITED, result })).toMatchObject({ problem: { class: 'lost' } });
  });
});

describe('what is said', () => {
  test('the CLI’s own words, the exit, and how far its inner retries got', () => {
    const verdict = judge(evidenceOf('overloaded after a retry'));
    const said = /529 Overloaded.*exit code 1.*1 of 1 \(overloaded\)/s;
    expect(verdict).toMatchObject({ problem: { says: expect.stringMatching(said) } });
    const seen = { ...EXITED, ended: 'silent' as const, apiRetry: { attempt: 3, maxRetries: 10, error: 'overloaded' } };
    expect(judge(seen)).toMatchObject({ problem: { says: expect.stringContaining('3 of 10 (overloaded)') } });
  });

  test('the same words on stdout and stderr once', () => {
    const verdict = judge(evidenceOf('session not known'));
    expect(JSON.stringify(verdict).match(/No conversation found/g)).toHaveLength(1);
  });

  test('in full, to a limit', () => {
    const verdict = judge({ ...EXITED, exitCode: 1, stderrTail: 'x'.repeat(5_000) });
    if (verdict.outcome !== 'fault') throw new Error(verdict.outcome);
    expect(verdict.problem.says).toHaveLength(BOUNDS.problemChars);
  });

  test('when a usage limit lifts, as a time; and nothing where the number is none', () => {
    const seen = evidenceOf('usage limit');
    const resetsAtS = seen.rateLimit?.resetsAtS ?? 0;
    expect(judge(seen)).toMatchObject({ problem: { resetsAt: new Date(resetsAtS * 1_000).toISOString() } });
    for (const odd of [undefined, Number.NaN, 1e300, -1e300]) {
      const verdict = judge({ ...seen, rateLimit: { status: 'rejected', resetsAtS: odd } });
      expect(verdict).toMatchObject({ problem: { class: 'usageLimit' } });
      expect(verdict).not.toHaveProperty('problem.resetsAt');
    }
  });
});
