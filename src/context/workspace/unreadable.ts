// Finds what could not be read, once something could not. Owns the sentences about it.
import { execa } from 'execa';
import type { RawPath } from './raw-path.js';
import { shown, splitZ } from './raw-path.js';
import { isSecretName } from './secrets.js';

const MOST_SHOWN = 20;
const SHUT_FOLDER = ['-type', 'd', '(', '!', '-readable', '-o', '!', '-executable', ')'];
const SHUT = ['(', ...SHUT_FOLDER, '-o', '-type', 'f', '!', '-readable', ')'];

export type Unread = { lacks: string[]; omitted: RawPath[] };

/** Never empty: a complaint of which the cause can't be found is passed on as it is. */
export async function unreadable(
  input: { workspace: string; signal?: AbortSignal },
  warnings: string,
): Promise<Unread> {
  const done = await execa(
    'find',
    [input.workspace, '-mindepth', '1', '-iname', '.git', '-prune', '-o', ...SHUT, '-printf', '%P\\0'],
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
  const said = warnings.trim() === '' ? [] : [`git said: ${warnings.trim().slice(0, 500)}`];
  if (paths.length === 0) return { lacks: said, omitted: [] };
  const more = paths.length > MOST_SHOWN ? [`${paths.length - MOST_SHOWN} more can't be read`] : [];
  const named = paths.slice(0, MOST_SHOWN).map((path) => `${shown(path)} can't be read and is not kept`);
  return { lacks: [...named, ...more], omitted: paths };
}
