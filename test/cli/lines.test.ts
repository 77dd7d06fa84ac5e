import { describe, expect, it } from 'vitest';
import { restOf } from '../../src/cli/follow.js';
import { commandLine, programName, shellWord } from '../../src/cli/invocation.js';
import { newsBetween, waitNews, workerNews } from '../../src/cli/narration.js';
import { answerLines } from '../../src/cli/next-commands.js';
import { paintFor } from '../../src/cli/output.js';
import { progressLine } from '../../src/cli/progress-line.js';
import { type AttemptView, type Snapshot, type TaskView } from '../../src/client.js';

const SESSION = '0b1c2d3e-0000-4000-8000-000000000001';
const NOW = Date.parse('2026-01-01T00:01:00Z');
const paint = paintFor(process.stdout);

const attempt = (more: Partial<AttemptView>): AttemptView => ({
  number: 1,
  id: 'a1',
  cause: 'first',
  sent: `--session-id=${SESSION}`,
  sessionId: SESSION,
  instructionId: 'i1',
  contextVersion: 1,
  startedAt: '2026-01-01T00:00:00Z',
  outcome: null,
  turns: 0,
  costUsd: 0,
  ...more,
});

const view = (more: Partial<TaskView>): TaskView => ({
  taskId: 't',
  phase: 'working',
  contextVersion: 1,
  activeSessionId: SESSION,
  costUsd: 0,
  queued: 0,
  startedAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  sessions: [],
  sessionsTotal: 0,
  attempts: [],
  commands: [],
  milestones: [],
  commandsTotal: 0,
  attemptsTotal: 0,
  refusedTotal: 0,
  ...more,
});

const seen = (more: Partial<Snapshot>): Snapshot => ({
  taskId: 't',
  runId: 'r',
  status: 'RUNNING',
  startedAt: new Date('2026-01-01T00:00:00Z'),
  ...more,
});

const progress = {
  attemptId: 'a2',
  doing: 'working' as const,
  host: 'h',
  sent: '--continue',
  seen: true,
  delivered: true,
  turns: 12,
  tool: 'Bash',
  lastWords: 'running the tests',
  sessionCostUsd: 0.1234,
  startedAt: '2026-01-01T00:00:15Z',
  at: '2026-01-01T00:00:59Z',
};

describe('the line of an attempt under way', () => {
  const working = (more: object) =>
    seen({
      view: view({ attempts: [attempt({ number: 2 })] }),
      attempt: { state: 'working', progress: { ...progress, ...more } },
    });

  it('tells number, flag, turns, tool, last words, cost and time', () => {
    expect(progressLine(working({}), NOW)).toBe(
      'attempt 2 · --continue · 12 turns · Bash · "running the tests" · $0.12 · 45s',
    );
  });

  it('tells that its worker has fallen silent', () => {
    expect(progressLine(working({ at: '2026-01-01T00:00:40Z' }), NOW)).toMatch(/no word from its worker for 20s$/);
  });

  it('tells that no worker has it yet', () => {
    expect(progressLine(seen({ attempt: { state: 'waiting for a worker' } }), NOW)).toBe(
      'attempt · waits for a worker with a free slot',
    );
  });

  it('counts down a back-off', () => {
    const waiting = { for: 'backoff' as const, says: '…', until: '2026-01-01T00:01:30Z', answerWith: [] };
    expect(progressLine(seen({ view: view({ phase: 'waiting', waiting }) }), NOW)).toBe('backoff · goes on in 30s');
  });

  it('is none when nothing is under way', () => {
    expect(progressLine(seen({ view: view({ phase: 'idle' }) }), NOW)).toBeUndefined();
  });
});

describe('news of a task that is followed', () => {
  const ended = attempt({
    outcome: 'lost',
    sent: '--continue',
    endedAt: '2026-01-01T00:00:20Z',
    problem: { class: 'lost', says: 'The worker was lost.' },
    decided: 'continue',
  });

  it('tells an attempt that ended, once, with what follows', () => {
    const [before, after] = [
      seen({ view: view({ attempts: [attempt({})] }) }),
      seen({ view: view({ attempts: [ended] }) }),
    ];
    expect(newsBetween(before, after, paint).join('\n')).toMatch(
      /✗ attempt 1 · --continue · lost .*20s\n  The worker was lost\.\n  then: continue/,
    );
    expect(newsBetween(after, after, paint)).toEqual([]);
  });

  it('tells nothing of what had ended before the first look', () => {
    expect(newsBetween(undefined, seen({ view: view({ attempts: [ended] }) }), paint)).toEqual([]);
  });

  it('tells a command of somebody else, and why it was refused', () => {
    const command = {
      id: 'c',
      name: 'update',
      by: 'ann',
      at: '2026-01-01T00:00:00Z',
      state: 'refused' as const,
      why: 'no session 7',
    };
    expect(newsBetween(seen({ view: view({}) }), seen({ view: view({ commands: [command] }) }), paint)).toEqual([
      '✗ update by ann refused: no session 7',
    ]);
  });

  it('tells the beginning of a wait, not its repetition', () => {
    const waits = seen({
      view: view({ phase: 'waiting', waiting: { for: 'backoff', says: 'in a moment', answerWith: [] } }),
    });
    expect(waitNews(seen({ view: view({}) }), waits, paint)).toEqual(['… waits for: backoff. in a moment']);
    expect(waitNews(waits, waits, paint)).toEqual([]);
  });

  it('tells when workers go and come', () => {
    const [with_, without] = [seen({ view: view({}) }), seen({})];
    expect(workerNews(with_, without)).toHaveLength(1);
    expect(workerNews(without, without)).toEqual([]);
    expect(workerNews(without, with_)).toEqual(['A worker answers.']);
  });
});

describe('where following rests', () => {
  const waiting = (what: 'operator' | 'choice' | 'budget' | 'backoff' | 'rateLimit') =>
    seen({ view: view({ phase: 'waiting', waiting: { for: what, says: '', answerWith: [] } }) });

  it.each(['operator', 'choice', 'budget'] as const)('a wait for %s needs a person', (what) => {
    expect(restOf(waiting(what))).toBe('parked');
  });

  it.each(['backoff', 'rateLimit'] as const)('a wait for %s ends by itself', (what) => {
    expect(restOf(waiting(what))).toBeUndefined();
  });

  it('a question beside work that goes on does not end it', () => {
    const asked = { for: 'choice' as const, says: '', answerWith: [] };
    expect(restOf(seen({ view: view({ phase: 'working', waiting: asked }) }))).toBeUndefined();
  });

  it('an old memo does not park it while no worker tells', () => {
    const memo = { phase: 'waiting' as const, waiting: { for: 'operator' as const, says: '', answerWith: [] } };
    expect(restOf(seen({ memo }))).toBeUndefined();
  });
});

describe('the command line to type next', () => {
  it('is for the same server, namespace and home', () => {
    const line = commandLine({ address: 'h:1', home: '/my home', json: true }, 'run', '--task', 't/1');
    expect(line).toMatch(/ run --task t\/1 --address h:1 --home '\/my home'$/);
  });

  it('starts as the reader started this one', () => {
    expect(programName('/a/node_modules/.bin/taskrun', '/a')).toBe('npx taskrun');
    expect(programName('/usr/bin/taskrun', '/a')).toBe('taskrun');
    expect(programName('/a/dist/cli/main.js', '/a')).toBe('node dist/cli/main.js');
    expect(programName('/b/dist/cli/main.js', '/a')).toBe('node /b/dist/cli/main.js');
  });

  it('quotes what a shell would read otherwise', () => {
    expect(shellWord("it's $HOME; rm")).toBe(`'it'\\''s $HOME; rm'`);
    expect(shellWord('')).toBe("''");
  });

  it('says the same as the answers that the task names', () => {
    const lines = answerLines({}, 't', [
      { command: 'continue', payload: {} },
      { command: 'answer', payload: { pick: 2 } },
      { command: 'update', payload: { prompt: 'do that', newSession: true, when: 'interrupt' } },
      { command: 'resume', payload: { sessionId: SESSION } },
    ]);
    const words = lines.map((line) => line.slice(programName().length + 1));
    expect(words).toEqual([
      'continue t',
      'answer t 2',
      "update t 'do that' --new-session --interrupt",
      `resume t ${SESSION}`,
    ]);
  });
});
