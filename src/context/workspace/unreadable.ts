// Finds what could not be read, once something could not. Owns the sentences about it.
import { execa } from 'execa';
import { shown, splitZ } from './raw-path.js';
import { isSecretName } from './secrets.js';

const MOST_SHOWN = 20;

/** Never empty: a complaint of which the cause can't be found is passed on as it is. */
export async function unreadable(
  input: { workspace: string; signal?: AbortSignal },
  warnings: string,
): Promise<string[]> {
  const test = [
    '(',
    '-type',
    'd',
    '(',
    '!',
    '-readable',
    '-o',
    '!',
    '-executable',
    ')',
    '-o',
    '-type',
    'f',
    '!',
    '-readable',
    ')',
  ];
  const done = await execa(
    'find',
    [input.workspace, '-mindepth', '1', '-name', '.git', '-prune', '-o', ...test, '-printf', '%P\\0'],
    {
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
      extendEnv: false,
      encoding: 'buffer',
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
      ...(input.signal === undefined ? {} : { cancelSignal: input.signal }),
    },
  );
  const paths = splitZ(Buffer.from(done.stdout)).filter((path) => !isSecretName(path.slice(path.lastIndexOf('/') + 1)));
  if (paths.length === 0) return warnings.trim() === '' ? [] : [`git said: ${warnings.trim().slice(0, 500)}`];
  const more = paths.length > MOST_SHOWN ? [`${paths.length - MOST_SHOWN} more can't be read`] : [];
  return [...paths.slice(0, MOST_SHOWN).map((path) => `${shown(path)} can't be read and is not kept`), ...more];
}
