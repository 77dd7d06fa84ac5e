// The facts about the Claude CLI that taskrun leans on, one real run a case: what the stream says, what the transcript
// keeps, and that "was this instruction delivered, is it finished?" can be read from the transcript alone.
// Another version: TASKRUN_TEST_CLAUDE=/path/to/claude npx vitest run test/claude/contract.test.ts
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ScriptedApi, startScriptedApi } from '../../src/demo/api/scripted-api.js';
import { pinnedClaude } from '../support/claude.js';
import { CASES, type ContractCase } from './contract/cases.js';
import { fitToKeep, readGolden, recordsGolden, writeGolden } from './contract/golden.js';
import { type CasePlace, newCasePlace, type Recording, recordCase, recordContinued } from './contract/record.js';
import { streamShape, transcriptShape } from './contract/shape.js';

let api: ScriptedApi;
beforeAll(async () => {
  api = await startScriptedApi();
});
afterAll(() => api.close());

const version =
  /\d+\.\d+\.\d+/.exec(execFileSync(pinnedClaude(), ['--version'], { env: {}, encoding: 'utf8' }))?.[0] ?? '';

describe.each(CASES)('$name', (each) => {
  test(`leaves the instruction ${each.delivery}${each.afterNudge === undefined ? '' : ', and a nudge goes on from there'}`, async () => {
    const place = await newCasePlace(api, each);
    const first = await recordCase(each, api, place);
    expect(first.run.signal ?? first.run.exitCode).toBe(each.exit);
    expect(first.delivery.delivery).toBe(each.delivery);
    await compare(each, each.name, first, place);
    if (each.afterNudge === undefined) return;
    const continued = await recordContinued(place);
    expect(continued.run.lines.findLast((line) => line.type === 'result')).toMatchObject({
      session_id: place.sessionId,
      result: each.afterNudge,
      is_error: false,
    });
    expect(continued.delivery).toEqual({ delivery: 'finished', lastSaid: each.afterNudge });
    await compare(each, `${each.name}.continued`, continued, place);
  });
});

async function compare(each: ContractCase, name: string, recording: Recording, place: CasePlace): Promise<void> {
  if (recordsGolden) await writeGolden(version, name, recording, place);
  if (endsAsItHappens(each)) return;
  const kept = await readGolden(version, name);
  const now = fitToKeep(recording, place);
  expect(streamShape(now.stream)).toEqual(streamShape(kept.stream));
  expect(transcriptShape(now.transcript)).toEqual(transcriptShape(kept.transcript));
}

/** On a busy machine a CLI that is interrupted in a tool may end, with 0, before it has written its result or even the interruption. */
const endsAsItHappens = ({ disturb }: ContractCase): boolean =>
  disturb?.at === 'toolRuns' && disturb.with !== 'SIGKILL';
