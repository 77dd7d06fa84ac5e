// Plays one case on the real CLI, in directories of its own, and hands back what it left: stream and transcript.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDelivery } from '../../../src/claude/delivery.js';
import type { ScriptedApi } from '../../../src/demo/api/scripted-api.js';
import { type EndedRun, type RawRun, runClaude, startClaude, userMessage } from '../../support/claude.js';
import { until } from '../../support/poll.js';
import type { ContractCase, Moment } from './cases.js';
import { newPlace, type Place, transcriptOf } from './place.js';

export type JsonLine = Record<string, unknown>;

/** A place for one case: with its arguments, its session and its instruction. */
export interface CasePlace extends Place {
  args: string[];
  sessionId: string;
  uuid: string;
}

export interface Recording {
  run: EndedRun;
  transcript: JsonLine[];
  delivery: Awaited<ReturnType<typeof readDelivery>>;
}

const NUDGE = 'go on';
/** Root may bypass them only in the hermetic environment. */
const PERMISSIONS = '--permission-mode=bypassPermissions';

export async function newCasePlace(api: ScriptedApi, { auth, env, args = [] }: ContractCase): Promise<CasePlace> {
  const place = await newPlace(api, auth);
  const withEnv = { ...place.env, ...env };
  return { ...place, env: withEnv, args: [PERMISSIONS, ...args], sessionId: randomUUID(), uuid: randomUUID() };
}

export async function recordCase(each: ContractCase, api: ScriptedApi, place: CasePlace): Promise<Recording> {
  const message = userMessage(place.uuid, each.prompt);
  const run = startClaude([...place.args, `--session-id=${place.sessionId}`], launch(place, message));
  if (each.disturb === undefined) return recorded(await run.ended, place);
  await moment(each.disturb.at, run, api, place);
  await onDisk(each.disturb.at, place);
  const linesBefore = run.lines.length;
  run.process.kill(each.disturb.with);
  const ended = await run.ended;
  return recorded(isBusyAt(each.disturb.at) ? { ...ended, lines: ended.lines.slice(0, linesBefore) } : ended, place);
}

/** At these the CLI is in mid-work, and what it still gets out before it dies differs from run to run. */
const isBusyAt = (at: Moment): boolean => at === 'init' || at === 'result';

/** Goes on as after a time-out. The limits of the first run are not repeated: the point is what the session remembers. */
export async function recordContinued(place: CasePlace): Promise<Recording> {
  const message = userMessage(randomUUID(), NUDGE);
  const args = [PERMISSIONS, '--continue'];
  return recorded(await runClaude(args, launch(place, message)), place);
}

const launch = ({ env, workspace }: CasePlace, ...stdinLines: string[]) => ({ env, cwd: workspace, stdinLines });

async function recorded(run: EndedRun, place: CasePlace): Promise<Recording> {
  const path = transcriptOf(place, place.sessionId);
  return { run, transcript: await readLines(path), delivery: await readDelivery(path, place.uuid) };
}

async function readLines(path: string): Promise<JsonLine[]> {
  if (!existsSync(path)) return [];
  const text = await readFile(path, 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [jsonLine(line)]));
}

function jsonLine(text: string): JsonLine {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : { value };
}

async function moment(at: Moment, run: RawRun, api: ScriptedApi, place: CasePlace): Promise<void> {
  const ofThisSession = () =>
    api.requests.filter((each) => each.sessionId === place.sessionId && each.stepTaken !== null);
  switch (at) {
    case 'init':
      return seen(run, (line) => line.type === 'system' && line['subtype'] === 'init');
    case 'firstText':
      return seen(run, (line) => line.type === 'assistant');
    case 'result':
      return seen(run, (line) => line.type === 'result');
    case 'requestOpen':
      return void (await until(() => ofThisSession().length === 1, { what: 'an open request' }));
    case 'secondRequestOpen':
      return void (await until(() => ofThisSession().length === 2, { what: 'a second request' }));
    case 'toolRuns':
      return void (await until(() => existsSync(join(place.workspace, 'running')), { what: 'a running tool' }));
  }
}

/** The transcript trails what happens by some 100 ms; a kill in that gap would leave one thing on one day and another on the next. */
async function onDisk(at: Moment, place: CasePlace): Promise<void> {
  const needle = {
    init: '',
    result: '',
    firstText: place.uuid,
    requestOpen: place.uuid,
    secondRequestOpen: '"type":"tool_result"',
    toolRuns: '"type":"tool_use"',
  }[at];
  if (needle === '') return;
  const path = transcriptOf(place, place.sessionId);
  await until(() => existsSync(path) && readFileSync(path, 'utf8').includes(needle), {
    what: `${needle} in the transcript`,
  });
}

/** Resolves in the very tick in which the line is read: the kill must come before the CLI gets further. */
function seen(run: RawRun, matches: (line: RawRun['lines'][number]) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    run.onLine((line) => {
      if (matches(line)) resolve();
    });
    void run.ended.then(() => reject(new Error('the run ended before the line to disturb it at')));
  });
}
