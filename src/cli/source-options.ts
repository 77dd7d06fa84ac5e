// The options that say where the first workspace comes from: a directory, a copy of one, a clone.
import { resolve } from 'node:path';
import { badInput } from './failure.js';

export type SourceOptions = { dir?: string; copy?: true; git?: string; ref?: string };

/** As the member of a spec; a path is one of this machine, wherever the worker's host shares it. @throws CliFailure */
export function sourceFrom({ dir, copy, git, ref }: SourceOptions): { source?: Record<string, unknown> } {
  if (dir !== undefined && git !== undefined) throw badInput('--dir and --git exclude each other: name one source.');
  if (copy === true && dir === undefined) throw badInput('--copy: name the directory to copy too (--dir).');
  if (ref !== undefined && git === undefined) throw badInput('--ref: name its repository too (--git).');
  if (dir !== undefined) return { source: { dir: resolve(dir), ...(copy === true ? {} : { inPlace: true }) } };
  if (git === undefined) return {};
  return { source: { git: isRelativePath(git) ? resolve(git) : git, ...(ref === undefined ? {} : { ref }) } };
}

const isRelativePath = (git: string): boolean => /^\.{1,2}(\/|$)/.test(git);
