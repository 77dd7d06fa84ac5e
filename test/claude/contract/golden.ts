// The kept recordings: where they lie, how they are made fit to keep (no machine's paths, no system prompt, small) and
// the index that says how each came about. Written only with TASKRUN_RECORD_GOLDEN=1.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROTOCOL_FLAGS } from '../../support/claude.js';
import { CASES, type ContractCase } from './cases.js';
import type { CasePlace, JsonLine, Recording } from './record.js';

/** The version whose recordings are compared with when the CLI under test has none of its own. */
const PINNED_VERSION = '2.1.330';
const FOLDER = fileURLToPath(new URL('../golden', import.meta.url));
const LONGEST_TEXT = 400;
const LONGEST_LIST = 12;

export const recordsGolden = process.env['TASKRUN_RECORD_GOLDEN'] === '1';

export interface Kept {
  stream: JsonLine[];
  transcript: JsonLine[];
}

export async function readGolden(version: string, name: string): Promise<Kept> {
  const folder = join(FOLDER, existsSync(join(FOLDER, version)) ? version : PINNED_VERSION);
  return {
    stream: await readLines(join(folder, `${name}.stream.jsonl`)),
    transcript: await readLines(join(folder, `${name}.transcript.jsonl`)),
  };
}

export async function writeGolden(
  version: string,
  name: string,
  recording: Recording,
  place: CasePlace,
): Promise<void> {
  const { stream, transcript } = fitToKeep(recording, place);
  const folder = join(FOLDER, version);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.stream.jsonl`), asLines(stream));
  await writeFile(join(folder, `${name}.transcript.jsonl`), asLines(transcript));
  await writeFile(join(folder, 'index.json'), `${JSON.stringify(indexOf(version), null, 2)}\n`);
}

/** A recording as it would be read back from the kept files, so that the two are compared alike. */
export function fitToKeep({ run, transcript }: Recording, place: CasePlace): Kept {
  const keep = (lines: JsonLine[]): JsonLine[] => lines.map((line) => withoutMachine(trimmedLine(line), place));
  return { stream: keep(run.lines), transcript: keep(transcript) };
}

function indexOf(version: string): object {
  return {
    version,
    recordedBy: 'TASKRUN_RECORD_GOLDEN=1 npx vitest run test/claude/contract.test.ts',
    arguments: [...PROTOCOL_FLAGS, '--permission-mode=bypassPermissions', '--session-id=<uuid>'],
    continuedArguments: [...PROTOCOL_FLAGS, '--permission-mode=bypassPermissions', '--continue'],
    trimmed:
      'attachments and request copies are emptied, long texts and lists cut, paths replaced by /workspace, /config, /home/user',
    cases: CASES.flatMap((each) => [
      described(each),
      ...(each.afterNudge === undefined ? [] : [{ case: `${each.name}.continued` }]),
    ]),
  };
}

function described({ name, prompt, args, env, auth, disturb }: ContractCase): object {
  return {
    case: name,
    prompt,
    ...(args && { args }),
    ...(env && { env }),
    ...(auth && { auth }),
    ...(disturb && { disturb }),
  };
}

function trimmedLine(line: JsonLine): JsonLine {
  const { rendered: _rendered, shape: _shape, params: _params, ...rest } = line;
  if (rest['type'] === 'attachment') return { ...rest, attachment: { type: attachmentType(rest['attachment']) } };
  if (rest['type'] === 'api-request-blob') return { ...rest, message: { role: 'trimmed', content: [] } };
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, trimmed(value)]));
}

function attachmentType(attachment: unknown): unknown {
  return typeof attachment === 'object' && attachment !== null && 'type' in attachment ? attachment.type : undefined;
}

function trimmed(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)} (trimmed)` : value;
  if (Array.isArray(value)) return value.slice(0, LONGEST_LIST).map(trimmed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, trimmed(each)]));
}

function withoutMachine(line: JsonLine, { workspace, configDir, env }: CasePlace): JsonLine {
  const text = JSON.stringify(line)
    .replaceAll(workspace, '/workspace')
    .replaceAll(dashed(workspace), '-workspace')
    .replaceAll(configDir, '/config')
    .replaceAll(env['HOME'] ?? configDir, '/home/user')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:1');
  return parseLine(text);
}

const dashed = (path: string): string => path.replace(/[^a-zA-Z0-9]/g, '-');
const asLines = (lines: JsonLine[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

async function readLines(path: string): Promise<JsonLine[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [parseLine(line)]));
}

function parseLine(text: string): JsonLine {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : { value };
}
