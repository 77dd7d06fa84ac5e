// From lines to progress: parseLine and fold together, as a run uses them. The lines are shortened ones of 2.1.330.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, noProgress, type Progress } from '../../src/claude/progress.js';
import { parseLine } from '../../src/claude/stream.js';

const OURS = '11111111-1111-4111-8111-111111111111';
const SESSION = '22222222-2222-4222-8222-222222222222';

const after = (...lines: unknown[]): Progress =>
  lines
    .map((line) => Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)))
    .reduce((progress, line) => fold(progress, parseLine(line)), noProgress(OURS));

const lifecycle = (state: string, uuid = OURS) => ({
  type: 'command_lifecycle',
  command_uuid: uuid,
  state,
  session_id: SESSION,
});
const assistant = (id: string, block: object, more: object = {}) => ({
  type: 'assistant',
  message: {
    id,
    content: [block],
    stop_reason: null,
  },
  parent_tool_use_id: null,
  ...more,
});
const says = (id: string, text: string, more: object = {}) => assistant(id, { type: 'text', text }, more);
const calls = (id: string, tool: string, name = 'Bash') =>
  assistant(id, { type: 'tool_use', id: tool, name, input: {} });
const returned = (tool: string) => ({
  type: 'user',
  message: {
    content: [
      {
        type: 'tool_result',
        tool_use_id: tool,
      },
    ],
  },
  parent_tool_use_id: null,
});
const changed = (tasks: object[]) => ({ type: 'system', subtype: 'background_tasks_changed', tasks });
const init = { type: 'system', subtype: 'init', session_id: SESSION, model: 'm', claude_code_version: '2.1.330' };
const result = (more: object = {}) => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  result: 'fine',
  num_turns: 2,
  total_cost_usd: 0.25,
  terminal_reason: 'completed',
  api_error_status: null,
  stop_reason: 'end_turn',
  ...more,
});

describe('our message', () => {
  test.each(['queued', 'started', 'completed', 'cancelled'])('is accepted once the CLI calls it %s', (state) => {
    expect(after(lifecycle(state))).toMatchObject({ accepted: true, messageState: state, sessionId: SESSION });
  });

  test('is accepted by its echo', () => {
    const echo = { type: 'user', uuid: OURS, isReplay: true, message: { role: 'user', content: 'hello' } };
    expect(after(echo)).toMatchObject({ accepted: true, messageState: 'replayed' });
    expect(after(lifecycle('completed'), echo)).toMatchObject({ messageState: 'completed' });
  });

  test("is not accepted by another's", () => {
    expect(after(lifecycle('started', 'another'))).toMatchObject({ accepted: false, sessionId: SESSION });
    expect(after({ type: 'user', uuid: OURS, message: { content: 'no echo' } }).accepted).toBe(false);
  });
});

describe('while it works', () => {
  test('the init names session, model and version', () => {
    expect(after(init)).toMatchObject({ sessionId: SESSION, model: 'm', cliVersion: '2.1.330' });
  });

  test('turns are messages, not their lines', () => {
    expect(after(says('m1', 'I look'), calls('m1', 't1'), returned('t1'), says('m2', 'done')).turns).toBe(2);
  });

  test('the current tool is the newest call without its result', () => {
    expect(after(calls('m1', 't1'), calls('m1', 't2', 'Read')).tool).toEqual({ id: 't2', name: 'Read' });
    expect(after(calls('m1', 't1'), calls('m1', 't2', 'Read'), returned('t1')).tool?.name).toBe('Read');
    expect(after(calls('m1', 't1'), returned('t1')).tool).toBeUndefined();
  });

  test('the last words are one line of at most 300 characters', () => {
    const progress = after(says('m1', `a\n\n  ${'b'.repeat(1_000)}`));
    expect(progress.lastWords).toHaveLength(300);
    expect(progress.lastWords).toMatch(/^a b+…$/);
    expect(after(says('m1', 'first'), says('m1', '  \n'), calls('m1', 't1')).lastWords).toBe('first');
  });

  test("a subagent's words and tools are not the session's", () => {
    const inner = { parent_tool_use_id: 't1' };
    const progress = after(calls('m1', 't1', 'Task'), says('x1', 'inner', inner), { ...returned('x'), ...inner });
    expect(progress).toMatchObject({ turns: 1, tool: { name: 'Task' } });
    expect(progress.lastWords).toBeUndefined();
  });

  test('background tasks are counted, and what the system merely mentions is not unknown', () => {
    expect(after(changed([{ task_id: 'a' }])).backgroundTasks).toBe(1);
    expect(after(changed([{ task_id: 'a' }]), changed([]))).toMatchObject({ backgroundTasks: 0, unknownLines: 0 });
    expect(after({ type: 'system', subtype: 'task_started' }, { type: 'stream_event' }).unknownLines).toBe(0);
  });
});

describe('trouble', () => {
  const retry = { type: 'system', subtype: 'api_retry', attempt: 3, max_retries: 10, retry_delay_ms: 2_326 };

  test('an inner retry is shown until an answer comes', () => {
    const seen = { ...retry, error_status: 529, error: 'overloaded' };
    expect(after(seen).apiRetry).toEqual({
      attempt: 3,
      maxRetries: 10,
      delayMs: 2_326,
      errorStatus: 529,
      error: 'overloaded',
    });
    expect(after({ ...seen, error_status: null }).apiRetry).toMatchObject({ attempt: 3, error: 'overloaded' });
    expect(after(seen, says('m1', 'answer')).apiRetry).toBeUndefined();
  });

  test('a usage limit carries its reset', () => {
    const info = { status: 'rejected', resetsAt: 1_795_380_122, rateLimitType: 'five_hour', unifiedWindows: {} };
    const progress = after({ type: 'rate_limit_event', rate_limit_info: info });
    expect(progress.rateLimit).toEqual({ status: 'rejected', resetsAtS: 1_795_380_122, type: 'five_hour' });
  });

  test('an API failure is named by the CLI, is no turn, and is forgotten once an answer comes', () => {
    const failed = says('e1', 'Credit balance is too low', { error: 'billing_error' });
    expect(after(failed)).toMatchObject({ assistantError: 'billing_error', turns: 0 });
    expect(after(failed, says('m1', 'answer')).assistantError).toBeUndefined();
  });
});

describe('the result', () => {
  test('is read with what the classifier needs', () => {
    expect(after(result()).result).toEqual({
      subtype: 'success',
      isError: false,
      text: 'fine',
      errors: [],
      terminalReason: 'completed',
      turns: 2,
      apiErrorStatus: undefined,
      stopReason: 'end_turn',
      sessionCostUsd: 0.25,
      deferredTool: undefined,
    });
    const failed = result({ is_error: true, api_error_status: 529, errors: ['one'], result: undefined });
    expect(after(failed).result).toMatchObject({ isError: true, apiErrorStatus: 529, errors: ['one'] });
    expect(after(result({ deferred_tool_use: { id: 't', name: 'Bash', input: {} } })).result?.deferredTool?.id).toBe(
      't',
    );
  });

  test('that does not say whether it is an error counts as one', () => {
    expect(after({ type: 'result' }).result).toMatchObject({ isError: true, subtype: '' });
  });

  test('is the last one, and none while a later turn runs', () => {
    expect(after(result(), result({ result: 'second' })).result?.text).toBe('second');
    expect(after(result(), init).result).toBeUndefined();
    expect(after(result(), says('m9', 'again')).result).toBeUndefined();
    expect(after(result(), lifecycle('completed')).result?.text).toBe('fine');
  });

  test('raises turns and cost, and ends the tool', () => {
    expect(after(calls('m1', 't1'), result())).toMatchObject({ turns: 2, sessionCostUsd: 0.25, tool: undefined });
    expect(after(says('a', '1'), says('b', '2'), says('c', '3'), result()).turns).toBe(3);
  });
});

describe('anything at all', () => {
  test('is an event, never an exception, and leaves the progress what it is', () => {
    const object = fc.record(
      {
        type: fc.constantFrom('assistant', 'user', 'system', 'result', 'rate_limit_event', 'command_lifecycle', 'x', 7),
        subtype: fc.anything(),
        message: fc.anything(),
        tasks: fc.anything(),
      },
      { requiredKeys: ['type'] },
    );
    const line = fc.oneof(
      fc.json(),
      fc.string(),
      object.map((each) => JSON.stringify(each) ?? ''),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const progress = after(...lines);
        expect(progress.messageUuid).toBe(OURS);
        expect(progress.unknownLines + progress.nonJsonLines).toBeLessThanOrEqual(lines.length);
        expect((progress.lastWords ?? '').length).toBeLessThanOrEqual(300);
      }),
    );
  });

  test('bytes that are no UTF-8 are read as far as they go', () => {
    const bytes = Buffer.concat([
      Buffer.from('{"type":"result","result":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]);
    expect(parseLine(bytes)).toMatchObject({ kind: 'result', result: { text: '�(' } });
  });

  test.each([
    ['nonsense', 'notJson'],
    ['{"type":"result"', 'notJson'],
    ['[]', 'unknown'],
    ['null', 'unknown'],
    ['{"type":"tomorrow"}', 'unknown'],
    ['{"type":"system","subtype":"init"}', 'unknown'],
    ['{"type":"system","subtype":"tomorrow"}', 'other'],
  ])('%s is %s', (line, kind) => {
    expect(parseLine(Buffer.from(line)).kind).toBe(kind);
  });
});
