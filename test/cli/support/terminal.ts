// The CLI on a terminal, as a person has it: colours, the rewritten line, prompts, keys.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CLI } from './cli.js';

const PROGRAM = fileURLToPath(new URL('terminal.py', import.meta.url));

export const KEYS = { up: '\u001b[A', enter: '\r', ctrlC: '\u0003' } as const;

/** Each step waits for words that are new on the screen, then types. */
export async function onTerminal(
  args: readonly string[],
  env: Record<string, string>,
  steps: [words: string, keys: string][] = [],
): Promise<{ code: number | null; shown: string }> {
  const command = [process.execPath, CLI, ...args];
  const child = spawn('python3', [PROGRAM, JSON.stringify(steps), ...command], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString('utf8')));
  const [code] = await once(child, 'close');
  return { code, shown };
}
