// 300 Signals and Updates that nobody of good will would send, raw by gRPC and through the `temporal` CLI: the workflow
// task never fails, the task stays alive, and the fate of each Signal is on record.

import type { WorkflowHandle } from '@temporalio/client';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { json, payload, type RawPayload, rawSignal, rawUpdate } from '../support/raw-temporal.js';
import { failedWorkflowTasks, phaseIs, tell, viewOf, viewWhen } from '../support/task-probe.js';
import { useWorld } from '../support/workflow-world.js';

const at = useWorld({ cached: 100 });
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const nested = (levels: number, open: string, close: string): string => open.repeat(levels) + close.repeat(levels);

/** What is refused under any command's name. */
const PAYLOADS: [string, RawPayload[]][] = [
  ['null', [json('null')]],
  ['a string', [json('"do it"')]],
  ['a number', [json('1e999')]],
  ['true', [json('true')]],
  ['an empty array', [json('[]')]],
  ['an array', [json('[{"prompt":"x"}]')]],
  ['two arguments', [json('{"prompt":"x"}'), json('{}')]],
  ['1,000 arguments', Array.from({ length: 1_000 }, () => json('{"prompt":"x"}'))],
  ['150,000 arguments', Array.from({ length: 150_000 }, () => ({}))],
  ['an empty payload', [{}]],
  ['no metadata', [{ data: utf8('{"prompt":"x"}') }]],
  ['no encoding', [payload(undefined, '{"prompt":"x"}')]],
  ['an empty encoding', [payload('', '{"prompt":"x"}')]],
  ['an encoding that is no text', [payload(new Uint8Array([0xff, 0xfe, 0x80]), 'x')]],
  ['an unknown encoding', [payload('x/y', 'z')]],
  ['JSON without data', [payload('json/plain')]],
  ['cut JSON', [json('{"prompt":"x"')]],
  ['bytes under the name of JSON', [payload('json/plain', new Uint8Array(2_000).fill(0xc3))]],
  ['bytes', [payload('binary/plain', new Uint8Array(100_000))]],
  ['an encrypted payload', [payload('binary/encrypted', new Uint8Array(64).fill(7))]],
  ['a protobuf', [payload('binary/protobuf', 'abc', { messageType: utf8('foo.Bar') })]],
  ['a protobuf as JSON', [payload('json/protobuf', '{}', { messageType: utf8('foo.Bar') })]],
  ['a list 200,000 deep', [json(nested(200_000, '[', ']'))]],
  ['a list 5,000 deep', [json(nested(5_000, '[', ']'))]],
  ['a prompt 20,000 deep', [json(`{"prompt":${nested(20_000, '[', ']')}}`)]],
  ['objects 50,000 deep', [json(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`)]],
  ['100,000 numbers', [json(`[${'0,'.repeat(100_000)}0]`)]],
  ['60,000 fields', [json(`{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":1`).join(',')}}`)]],
  ['__proto__', [json('{"__proto__":{"prompt":"x"}}')]],
  ['constructor', [json('{"constructor":{"prototype":{"polluted":1}}}')]],
  ['an unknown field with an odd name', [json('{"\\u0000\\ud800`|<script>":1}')]],
  ['an id that is a number', [json('{"id":7}')]],
  ['an id of 65 characters', [json(JSON.stringify({ id: 'x'.repeat(65) }))]],
  ['an empty id', [json('{"id":""}')]],
  ['an id that is an object', [json('{"id":{"toString":1}}')]],
  ['requestedBy as a list', [json('{"requestedBy":["a"]}')]],
];

const NAMES = ['update', 'resume', 'answer', 'stop', 'continue', 'drop', 'finish'];

const UNKNOWN_NAMES = [
  '__temporal_x',
  '__temporal_workflow_metadata',
  '__temporal_',
  '__stack_trace',
  '__enhanced_stack_trace',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'taskrun:folded',
  'taskrun:sent:__temporal_x',
  'taskrun:sent:update',
  'Update',
  'updat',
  'extend',
  ' ',
  'a\0b',
  '😀'.repeat(200),
  'x'.repeat(900),
  '../../etc/passwd',
];

/** Good commands with odd ids and texts: taken, each once. */
const ODD_BUT_GOOD: string[] = [
  '{"prompt":"a\\ud800b","id":"\\ud800"}',
  '{"prompt":"\\u0000\\u0001","id":"\\u0000"}',
  '{"prompt":"x","id":"__proto__"}',
  '{"prompt":"x","id":"constructor"}',
  '{"prompt":"--resume=evil","id":"--flag"}',
  '{"prompt":"x","id":"a/../b"}',
  '{"prompt":"x","id":"😀😀"}',
  '{"prompt":"| a | b |\\n|---|---|\\n```","id":"`|`"}',
];

const sizeOf = (payloads: RawPayload[]): number => payloads.reduce((sum, { data }) => sum + (data?.length ?? 1), 0);

/** On a worker that has not seen it before: all that came is replayed first. */
async function takesAGoodCommand(handle: WorkflowHandle): Promise<void> {
  await at.world.stopWorkers();
  await at.world.startWorker();
  const answer = await tell(handle, 'update', { id: 'the good one', prompt: 'good' });
  expect(answer.commandId).toBe('the good one');
  expect(await failedWorkflowTasks(handle)).toEqual([]);
}

/** Its queue worked to the end. */
async function worksItAll(handle: WorkflowHandle): Promise<void> {
  const { world } = at;
  world.attempts.onLaunch = (attempt) => {
    if (attempt.request.taskId === handle.workflowId) attempt.done();
  };
  for (const attempt of world.attempts.of(handle.workflowId)) if (!attempt.ended) attempt.done();
  await phaseIs(handle, 'idle', 40_000);
  expect((await viewOf(handle)).commands.at(-1)).toMatchObject({ id: 'the good one', state: 'done' });
  expect(await failedWorkflowTasks(handle)).toEqual([]);
}

describe('hostile Signals while an attempt runs', () => {
  it('are each recorded as refused, and the task works on', { timeout: 120_000 }, async () => {
    const { world } = at;
    const handle = await world.start();
    await world.attempts.launched(handle.workflowId, 1);
    let sent = 0;
    for (const [index, [, payloads]] of PAYLOADS.entries()) {
      const names = [NAMES[index % NAMES.length] ?? '', 'update', 'no such command'];
      for (const name of sizeOf(payloads) > 50_000 ? [NAMES[index % 2] ?? ''] : names) {
        await rawSignal(world.connection, handle, name, payloads);
        sent += 1;
      }
    }
    for (const name of UNKNOWN_NAMES)
      for (const text of ['{}', '{"prompt":"x"}', '7']) {
        await rawSignal(world.connection, handle, name, [json(text)]);
        sent += 1;
      }
    for (let i = 0; i < 12; i += 1) {
      await rawSignal(world.connection, handle, 'update', [json(JSON.stringify({ prompt: 'x'.repeat(300_000) }))]);
      sent += 1;
    }
    await rawSignal(world.connection, handle, 'update', []);
    sent += 1;

    const view = await viewWhen(handle, `${sent} refusals`, ({ refusedTotal }) => refusedTotal === sent, 60_000);
    expect(view).toMatchObject({ phase: 'working', contextVersion: 1, commandsTotal: sent });
    expect(view.commands).toHaveLength(50);
    for (const record of view.commands) expect(record).toMatchObject({ state: 'refused', why: expect.any(String) });
    await takesAGoodCommand(handle);
    await worksItAll(handle);
  });

  it('say in the record what came and what is allowed', async () => {
    const { world } = at;
    const handle = await world.start();
    await world.attempts.launched(handle.workflowId, 1);
    const told = async (name: string, raw: RawPayload[]) => {
      const before = (await viewOf(handle)).refusedTotal;
      await rawSignal(world.connection, handle, name, raw);
      const view = await viewWhen(handle, name, ({ refusedTotal }) => refusedTotal > before);
      const { name: recorded, why, payload: shown } = view.commands.at(-1) ?? {};
      return { name: recorded, why, shown };
    };
    expect(await told('__temporal_x', [json('7')])).toEqual({
      name: '__temporal_x',
      why: expect.stringContaining('no command of this name; commands: update, continue'),
      shown: 7,
    });
    expect(await told('taskrun:sent:update', [json('{}')])).toMatchObject({ name: 'taskrun:sent:update' });
    expect(await told('updat', [json('{}')])).toMatchObject({ why: 'no command of this name; did you mean "update"?' });
    expect(await told('update', [payload('binary/encrypted', 'abc')])).toEqual({
      name: 'update',
      why: expect.stringContaining('encoding "binary/encrypted"'),
      shown: { undecodable: 'binary/encrypted', bytes: 3 },
    });
    expect(await told('update', [payload('binary/plain', 'abc')])).toEqual({
      name: 'update',
      why: 'update: got 3 bytes of binary data; allowed: one JSON object (encoding "json/plain")',
      shown: { binary: true, bytes: 3 },
    });
    expect(await told('update', [json('{"promt":"x"}')])).toMatchObject({
      why: expect.stringContaining('did you mean "prompt"?'),
    });
    expect(await told('update', [json('{}'), json('{}')])).toMatchObject({
      why: expect.stringContaining('more than one argument'),
    });
  });

  it('do not overtake good ones, nor take their ids', async () => {
    const { world } = at;
    const handle = await world.start();
    await world.attempts.launched(handle.workflowId, 1);
    for (const text of ODD_BUT_GOOD) await rawSignal(world.connection, handle, 'update', [json(text)]);
    for (const text of ODD_BUT_GOOD) await rawSignal(world.connection, handle, 'update', [json(text)]);
    const view = await viewWhen(handle, 'all taken', ({ queued }) => queued === ODD_BUT_GOOD.length);
    expect(view).toMatchObject({ refusedTotal: 0, commandsTotal: ODD_BUT_GOOD.length });
    expect(view.commands.map(({ id }) => id)).toEqual(
      ODD_BUT_GOOD.map((text) => (JSON.parse(text) as { id: string }).id),
    );
    await takesAGoodCommand(handle);
    await worksItAll(handle);
  });
});

describe('hostile Updates', () => {
  it('are each refused with a sentence, and leave nothing behind', { timeout: 120_000 }, async () => {
    const { world } = at;
    const handle = await world.start();
    await world.attempts.launched(handle.workflowId, 1);
    const before = await viewOf(handle);
    for (const [index, [what, payloads]] of PAYLOADS.entries()) {
      for (const name of [NAMES[index % NAMES.length] ?? '', 'update']) {
        const { refused } = await rawUpdate(world.connection, handle, name, payloads);
        expect({ what, name, refused }).toEqual({
          what,
          name,
          refused: expect.stringMatching(/; allowed: |unknown field; /),
        });
      }
    }
    for (const name of UNKNOWN_NAMES)
      expect((await rawUpdate(world.connection, handle, name, [json('{}')])).refused).toContain(
        'No registered handler',
      );
    for (const bytes of [300_000, 1_000_000])
      expect(
        (await rawUpdate(world.connection, handle, 'update', [json(JSON.stringify({ prompt: 'x'.repeat(bytes) }))]))
          .refused,
      ).toContain('at most 256 KiB');
    expect(await viewOf(handle)).toEqual(before);
    await takesAGoodCommand(handle);
    await worksItAll(handle);
  });
});

describe('the `temporal` CLI', () => {
  it('sends whatever an operator types; the task takes the good and records the bad', async () => {
    const { world } = at;
    const handle = await world.start();
    await world.attempts.launched(handle.workflowId, 1);
    const temporal = (...args: string[]) =>
      execa(
        world.server.binary,
        ['workflow', ...args, '--address', world.server.address, '--workflow-id', handle.workflowId],
        {
          env: { HOME: '/nonexistent', PATH: process.env['PATH'] ?? '' },
          extendEnv: false,
          reject: false,
        },
      );
    await temporal('signal', '--name', 'update', '--input', '"just text"');
    await temporal('signal', '--name', 'update');
    await temporal('signal', '--name', 'update', '--input', '{"prompt":"a"}', '--input', '{"prompt":"b"}');
    await temporal('signal', '--name', 'update', '--input', '{"prompt":"a"}', '--input-meta', 'encoding=binary/odd');
    await temporal('signal', '--name', '__temporal_x', '--input', '{}');
    await temporal('signal', '--name', 'update', '--input', '{"id":"by-signal","prompt":"by signal"}');
    const refused = await temporal('update', 'execute', '--name', 'update', '--input', '{"promt":"x"}');
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('update.promt: unknown field; did you mean "prompt"?');
    const taken = await temporal(
      'update',
      'execute',
      '--name',
      'update',
      '--input',
      '{"id":"by-update","prompt":"x"}',
      '-o',
      'json',
    );
    expect(taken.stdout).toContain('by-update');
    const view = await viewOf(handle);
    expect(view).toMatchObject({ refusedTotal: 5, queued: 2, contextVersion: 3 });
    expect(view.commands.slice(-2).map(({ id }) => id)).toEqual(['by-signal', 'by-update']);
    const queried = await temporal('query', '--name', 'task', '-o', 'json');
    expect(queried.stdout).toContain('"by-signal"');
    expect(await failedWorkflowTasks(handle)).toEqual([]);
  });
});
