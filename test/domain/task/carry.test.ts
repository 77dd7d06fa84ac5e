// What continue-as-new carries fits one payload at its worst, and loses no open instruction and no remembered id.
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/contract/fault.js';
import { BOUNDS } from '../../../src/contract/limits.js';
import { jsonBytes } from '../../../src/contract/text.js';
import { apply } from '../../../src/domain/task/apply.js';
import { carry } from '../../../src/domain/task/carry.js';
import { migrate } from '../../../src/domain/task/open.js';
import { rememberAnswer } from '../../../src/domain/task/records.js';
import type { EndedAttempt, Instruction, Session, TaskState } from '../../../src/domain/task/state.js';
import { Driver, idleTask, twoSessions } from './support/driver.js';

const UUID = '0b6f6d3e-38a5-4b6c-9f0b-0d6f3f0a9f11';
const CHECKPOINT = 'c'.repeat(40);
const ALPHABETS = { ascii: 'x', CJK: '漢', emoji: '😀', control: '\u0001', quotes: '"' } as const;
type Alphabet = keyof typeof ALPHABETS;
const text = (alphabet: Alphabet, chars: number): string => {
  const char = ALPHABETS[alphabet];
  return char.repeat(Math.floor(chars / char.length));
};

/** A stopped task with as many open instructions as it takes, each with a prompt of so many characters. */
function fullOf(alphabet: Alphabet, chars: number, requestedBy?: string): TaskState {
  const task = idleTask({ claude: { settings: { a: 'x'.repeat(64 * 1024 - 200) } } });
  task.accepted('stop', { reason: text(alphabet, BOUNDS.reasonChars) });
  const by = requestedBy === undefined ? {} : { requestedBy };
  let { state } = task;
  // Straight into `apply`: thousands of them, and the driver's checks are not the subject here.
  for (let i = 0; state.refusedTotal === 0; i++) {
    const payload = { prompt: text(alphabet, chars), ...by };
    const ids = { instruction: UUID.slice(0, -4) + String(i).padStart(4, '0'), session: UUID };
    const commandId = `${i}-`.padEnd(64, 'i');
    state = apply(state, { type: 'command', atMs: task.nowMs, commandId, command: { name: 'update', payload }, ids });
  }
  expect(state.queue.length).toBeGreaterThan(0);
  return state;
}

const problem = (alphabet: Alphabet): Problem => ({
  class: 'unknown',
  says: text(alphabet, BOUNDS.problemChars),
  remedy: text(alphabet, BOUNDS.problemChars),
  log: `/${'l'.repeat(300)}`,
});

function session(number: number, alphabet: Alphabet): Session {
  const exchange = {
    instructionId: UUID,
    atMs: 1_767_614_400_000,
    by: text(alphabet, BOUNDS.nameChars),
    // Excerpts hold no control characters.
    asked: text(alphabet === 'control' ? 'quotes' : alphabet, BOUNDS.excerptChars),
    said: text(alphabet === 'control' ? 'quotes' : alphabet, BOUNDS.excerptChars),
  };
  return {
    id: UUID.slice(0, -3) + String(number).padStart(3, '0'),
    number,
    startedBy: text(alphabet, BOUNDS.nameChars),
    createdAtMs: 1_767_614_400_000,
    lastActiveAtMs: 1_767_614_400_000,
    contextVersion: 12_345,
    attempts: 1_000,
    turns: 100_000,
    costUsd: 1234.567_890_123,
    seen: true,
    broken: 'poisoned',
    head: CHECKPOINT,
    forkOf: { sessionId: UUID, checkpoint: CHECKPOINT },
    filesWanted: { mode: 'restore', checkpoint: CHECKPOINT },
    recent: Array.from({ length: BOUNDS.recent }, () => exchange),
  };
}

/** Everything else that a state holds, at its largest. */
function worst(full: TaskState, alphabet: Alphabet): TaskState {
  const ended: EndedAttempt = {
    id: UUID,
    number: 1_000,
    cause: 'timedOut',
    sessionId: UUID,
    instructionId: UUID,
    contextVersion: 12_345,
    startedAtMs: 1_767_614_400_000,
    endedAtMs: 1_767_614_400_000,
    outcome: 'timedOut',
    sent: `--resume=${UUID} --fork-session --session-id=${UUID}`,
    sentWhy: text(alphabet, 500),
    problem: problem(alphabet),
    decided: 'ask',
    decidedWhy: 'unknown: the operator decides',
    turns: 1_000,
    costUsd: 12.345,
    host: 'h'.repeat(250),
    startedFrom: CHECKPOINT,
    checkpoint: CHECKPOINT,
    lacks: Array.from({ length: BOUNDS.lacksListed }, () => text(alphabet, 200)),
    log: `/${'l'.repeat(300)}`,
  };
  const next: NonNullable<Instruction['next']> = {
    cause: 'handover',
    outcome: 'handedOver',
    host: 'h'.repeat(100),
    says: text(alphabet, 300),
  };
  const filesWanted = { mode: 'restore' as const, checkpoint: CHECKPOINT, answered: true as const };
  return {
    ...full,
    taskId: 't'.repeat(1_000),
    sessions: Array.from({ length: BOUNDS.sessions }, (_, i) => session(i + 1, alphabet)),
    queue: full.queue.map((open) => ({ ...open, next, filesWanted, delivered: true, spent: 1_000, failures: 1_000 })),
    line: {
      head: { checkpoint: CHECKPOINT, sessionId: UUID },
      since: Array.from({ length: BOUNDS.attemptsSince }, () => UUID),
      unsaved: { attemptId: UUID, host: 'h'.repeat(100), says: text(alphabet, 300) },
    },
    workspaceOn: UUID,
    milestones: Array.from({ length: BOUNDS.milestones }, (_, i) => ({
      // A label holds letters alone.
      label: `${i}`.padEnd(BOUNDS.labelChars, alphabet === 'CJK' ? '漢' : 'l'),
      checkpoint: CHECKPOINT,
      sessionId: UUID,
      atMs: 1_767_614_400_000,
      by: text(alphabet, BOUNDS.nameChars),
    })),
    attempts: Array.from({ length: BOUNDS.listed }, () => ended),
    commands: Array.from({ length: BOUNDS.listed }, (_, i) => ({
      id: `${i}`.padEnd(64, 'c'),
      name: 'update',
      by: text(alphabet, BOUNDS.nameChars),
      atMs: 1_767_614_400_000,
      state: 'refused',
      why: text(alphabet, BOUNDS.problemChars),
      payload: { prompt: text(alphabet, 150) },
    })),
    hold: { kind: 'operator', atMs: 1_767_614_400_000, instructionId: UUID, problem: problem(alphabet) },
    result: { instructionId: UUID, text: text(alphabet, BOUNDS.resultChars) },
  };
}

/** As many ids as are remembered: the longest that keep their own characters, and longer ones, in turn. */
const REMEMBERED = Array.from({ length: BOUNDS.rememberedIds }, (_, i) => ({
  commandId: i % 2 === 0 ? `${i}-`.padEnd(64, 'i') : `${i}-`.padEnd(36, 'i'),
  instructionId: UUID,
  contextVersion: 12_345,
  position: 1_499,
})).reduce(rememberAnswer, idleTask().state).remembered;

describe('the worst state there can be', () => {
  const CASES: [Alphabet, number][] = [
    ['ascii', 1],
    ['ascii', 256 * 1024],
    ['CJK', 256 * 1024],
    ['emoji', 256 * 1024],
    ['control', 4_000],
    ['control', 256 * 1024],
  ];

  test.each(CASES)('%s, open prompts of %i characters', (alphabet, chars) => {
    const bytesEach = jsonBytes(ALPHABETS[alphabet]) - 2;
    const fits = Math.floor(Math.min(chars, (ALPHABETS[alphabet].length * 250 * 1024) / bytesEach));
    const full = fullOf(alphabet, fits);
    const state = worst({ ...full, remembered: REMEMBERED }, alphabet);
    expect(state.remembered).toHaveLength(5_000);
    expect(jsonBytes(state)).toBeGreaterThan(BOUNDS.carriedBytes);
    const carried = carry(state);
    expect(jsonBytes(carried)).toBeLessThanOrEqual(BOUNDS.carriedBytes);
    expect(carried.remembered).toBe(state.remembered);
    const kept = ({ queue, sessions, line, milestones }: TaskState) =>
      JSON.stringify([
        queue.map(({ next, ...open }) => [open, next?.cause]),
        sessions.map(({ recent: _r, startedBy: _b, forkOf, filesWanted, ...rest }) => [
          rest,
          forkOf?.sessionId,
          filesWanted?.mode,
        ]),
        line,
        milestones.map(({ by: _by, ...milestone }) => milestone),
      ]);
    expect(kept(carried) === kept(state)).toBe(true);
    expect(JSON.stringify(migrate(JSON.parse(JSON.stringify(carried)))) === JSON.stringify(carried)).toBe(true);
  });

  test('open instructions by people with long names fit too', () => {
    const full = fullOf('ascii', 10, text('control', BOUNDS.nameChars));
    const carried = carry(worst({ ...full, remembered: REMEMBERED }, 'control'));
    expect(jsonBytes(carried)).toBeLessThanOrEqual(BOUNDS.carriedBytes);
    expect(carried.queue).toHaveLength(full.queue.length);
  });
});

describe('trimming', () => {
  test('does not touch what fits', () => {
    const { state } = twoSessions();
    expect(carry(state)).toBe(state);
  });

  test('goes only as far as it must: the oldest exchanges first', () => {
    const task = idleTask();
    const sessions = Array.from({ length: BOUNDS.sessions }, (_, i) => session(i + 1, 'ascii'));
    const carried = carry({ ...task.state, sessions });
    expect(jsonBytes(carried)).toBeLessThanOrEqual(BOUNDS.carriedBytes);
    expect(carried.sessions.map(({ recent }) => recent.length)).toEqual(Array(BOUNDS.sessions).fill(2));
    expect(carried.commands).toEqual(task.state.commands);
    expect(carried.sessions[0]?.startedBy).toBeDefined();
  });

  test('leaves what is wanted of a moment as it is, however full the task', () => {
    const task = new Driver().work('done', { checkpoint: 'a'.repeat(40) });
    task.accepted('update', { prompt: 'p' });
    task.work('done', { checkpoint: 'b'.repeat(40) });
    task.accepted('resume', { checkpoint: 'a'.repeat(40), onFileConflict: 'restore' }, { session: 'fork' });
    const filler = Array.from({ length: BOUNDS.sessions - 2 }, (_, i) => session(i + 3, 'ascii'));
    const { sessions } = task.state;
    task.state = carry({
      ...task.state,
      remembered: REMEMBERED,
      sessions: [...sessions, ...filler],
      spec: { ...task.state.spec, title: 'x'.repeat(1_400_000) },
    });
    expect(task.state.sessions.at(-1)).not.toHaveProperty('forkOf.checkpoint');
    task.accepted('update', { prompt: 'p' });
    task.launch();
    expect(task.request()).toMatchObject({
      session: { id: 'fork', forkOf: { sessionId: 'session-1', checkpoint: 'a'.repeat(40) } },
      files: { checkpoint: 'a'.repeat(40), mode: 'restore' },
    });
  });

  test('a trimmed task works on', () => {
    const full = new Driver();
    full.state = carry(worst({ ...fullOf('CJK', 4_000) }, 'CJK'));
    full.nowMs = full.state.updatedAtMs;
    const open = full.state.queue.length;
    full.accepted('continue');
    full.state = {
      ...full.state,
      queue: full.state.queue.map((one) => ({ ...one, sessionId: full.state.sessions[0]?.id ?? '' })),
    };
    full.work('done');
    expect(full.state.queue).toHaveLength(open - 1);
  });
});
