// A place of its own for one fact: directories, a hermetic environment, and one message said to the real CLI.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScriptedApi } from '../../../src/demo/api/scripted-api.js';
import {
  type EndedRun,
  type HermeticOptions,
  hermeticEnv,
  runClaude,
  type StreamLine,
  userMessage,
} from '../../support/claude.js';
import { tempDir } from '../../support/temp.js';

export interface Place {
  root: string;
  workspace: string;
  configDir: string;
  home: string;
  env: Record<string, string>;
}

export interface Said extends EndedRun {
  uuid: string;
  /** The last result line, when there is one. */
  result: StreamLine | undefined;
  init: StreamLine | undefined;
}

export async function newPlace(api: ScriptedApi, auth: HermeticOptions['auth'] = 'key'): Promise<Place> {
  const root = await tempDir('contract');
  const [workspace, configDir, home] = [join(root, 'workspace'), join(root, 'config'), join(root, 'home')];
  await mkdir(workspace);
  return { root, workspace, configDir, home, env: hermeticEnv({ home, configDir, apiUrl: api.url, auth }) };
}

/** One message to its end; `text` undefined closes stdin without one. */
export async function say(place: Place, args: string[], text?: string, uuid: string = randomUUID()): Promise<Said> {
  const stdinLines = text === undefined ? [] : [userMessage(uuid, text)];
  const run = await runClaude(args, { env: place.env, cwd: place.workspace, stdinLines });
  const result = run.lines.findLast((line) => line.type === 'result');
  return { ...run, uuid, result, init: run.lines.find((line) => line['subtype'] === 'init') };
}

export function transcriptOf({ configDir, workspace }: Place, sessionId: string): string {
  return join(configDir, 'projects', workspace.replace(/[^a-zA-Z0-9]/g, '-'), `${sessionId}.jsonl`);
}

/** Ids of the sessions on disk, whatever their folder. */
export async function sessionsOnDisk({ configDir }: Place): Promise<string[]> {
  const projects = join(configDir, 'projects');
  if (!existsSync(projects)) return [];
  const names = await readdir(projects, { recursive: true });
  return names.flatMap((name) => /^[^/]+\/([^/]+)\.jsonl$/.exec(name)?.[1] ?? []);
}
