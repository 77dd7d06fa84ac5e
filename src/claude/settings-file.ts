// The settings and MCP files of one launch, readable by this user alone: they may hold keys.
// Owns turning what a spec gives (an object, its JSON text, a path on this host) into those files. What the settings
// mean is the CLI's business; whether it would accept them, settings-check.ts asks.
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { errorCode } from '../host/system-error.js';
import type { LaunchFiles } from './arguments.js';

/** Transcripts are what a task is continued from: the CLI's own clean-up after 30 days would end it. */
const OWN_SETTINGS = { cleanupPeriodDays: 3650 };
const LARGEST_BYTES = 1024 * 1024;

type JsonObject = Record<string, unknown>;
type Document = string | JsonObject;

export interface LaunchFilesInput {
  settings?: Document | undefined;
  mcpConfig?: Document | undefined;
  /** Where they are written. */
  places: { settings: string; mcp: string };
}

export type LaunchFilesMade = { ok: true; files: LaunchFiles } | { ok: false; says: string; remedy: string };
type Read = { ok: true; value: JsonObject } | { ok: false; says: string; remedy: string };

/** Throws only when the files can't be written (a full disk, no permission). */
export async function writeLaunchFiles({ settings, mcpConfig, places }: LaunchFilesInput): Promise<LaunchFilesMade> {
  const read = await readDocument('claude.settings', settings ?? {});
  if (!read.ok) return read;
  await writePrivately(places.settings, { ...OWN_SETTINGS, ...read.value });
  if (mcpConfig === undefined) return { ok: true, files: { settings: places.settings } };
  const mcp = await readDocument('claude.mcpConfig', mcpConfig);
  if (!mcp.ok) return mcp;
  if (!isObject(mcp.value['mcpServers'])) return refused('claude.mcpConfig', 'has no object `mcpServers`', MCP_REMEDY);
  await writePrivately(places.mcp, mcp.value);
  return { ok: true, files: { settings: places.settings, mcpConfig: places.mcp } };
}

const MCP_REMEDY = 'Give {"mcpServers": {"name": {"command": …}}}, the form of a .mcp.json file';

async function readDocument(field: string, given: Document): Promise<Read> {
  if (typeof given !== 'string') return { ok: true, value: given };
  if (given.trimStart().startsWith('{')) return parseDocument(field, given, 'the text given');
  if (!isAbsolute(given)) return refused(field, `"${given}" is neither a JSON object nor an absolute path`, REMEDY);
  try {
    const found = await stat(given);
    if (!found.isFile()) return refused(field, `${given} is not a file`, REMEDY);
    if (found.size > LARGEST_BYTES) return refused(field, `${given} is larger than 1 MiB`, REMEDY);
    return parseDocument(field, await readFile(given, 'utf8'), given);
  } catch (error) {
    return refused(field, `${given} can't be read on this host (${errorCode(error)})`, REMEDY);
  }
}

const REMEDY = "Give an object, its JSON text, or the absolute path of a JSON file on the worker's host";

function parseDocument(field: string, text: string, where: string): Read {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { ok: true, value } : refused(field, `${where} holds no JSON object`, REMEDY);
  } catch (error) {
    // The parser's message quotes the text, which may hold a key; only the place is passed on.
    const place = /position \d+|line \d+ column \d+/.exec(String(error))?.[0];
    return refused(field, `${where} is no JSON${place === undefined ? '' : ` (${place})`}`, REMEDY);
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refused = (field: string, what: string, remedy: string) =>
  ({ ok: false, says: `${field}: ${what}.`, remedy: `${remedy}.` }) as const;

async function writePrivately(path: string, value: JsonObject): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  // A file that was there keeps its mode when it is written to.
  await chmod(path, 0o600);
}
