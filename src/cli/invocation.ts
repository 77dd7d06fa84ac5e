// How the reader starts this very program, for sentences that say what to type next.
import { basename, relative } from 'node:path';
import type { CommonOptions } from './base-program.js';

/** "taskrun", "npx taskrun" or "node dist/cli/main.js", whichever was typed. */
export function programName(script = process.argv[1] ?? 'taskrun', cwd = process.cwd()): string {
  if (/[\\/]node_modules[\\/]\.bin[\\/]taskrun$/.test(script)) return 'npx taskrun';
  if (basename(script) === 'taskrun') return 'taskrun';
  const near = relative(cwd, script);
  return `node ${shellWord(near.startsWith('..') ? script : near)}`;
}

/** A command line that works where this one did: with the same server, namespace and home. */
export function commandLine(options: CommonOptions, ...words: string[]): string {
  const given = (['address', 'namespace', 'home'] as const).flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [`--${name}`, shellWord(value)];
  });
  return [programName(), ...words.map(shellWord), ...given].join(' ');
}

/** One word for a POSIX shell. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
