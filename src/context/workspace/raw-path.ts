// Names on disk are bytes, not text. Inside this folder a path relative to the workspace is a string with one character
// a byte (latin1), so that it can be compared, split and kept in sets; only here is it turned into anything else.

import type { KeptPath } from '../moment.js';
import { keepPath, pathBytes } from '../moment.js';

/** Relative to the workspace, one character a byte; `.` is the workspace itself. */
export type RawPath = string;

export const rawOf = (bytes: Buffer): RawPath => bytes.toString('latin1');
export const bytesOf = (path: RawPath): Buffer => Buffer.from(path, 'latin1');
export const rawKept = (kept: KeptPath): RawPath => rawOf(pathBytes(kept));
export const kept = (path: RawPath): KeptPath => keepPath(bytesOf(path));
/** For a sentence: no control characters, cut at a length that fits a line. */
export const shown = (path: RawPath): string =>
  bytesOf(path)
    .toString('utf8')
    .replace(/[\u0000-\u001f\u007f]/g, '?')
    .slice(0, 200);

/** The absolute path, as the file system takes it. */
export function onDisk(root: string, ...parts: RawPath[]): Buffer {
  const inner = parts.filter((part) => part !== '.' && part !== '');
  return Buffer.concat([Buffer.from(root), ...inner.map((part) => bytesOf(`/${part}`))]);
}

export const parentOf = (path: RawPath): RawPath => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');
export const joined = (folder: RawPath, name: RawPath): RawPath => (folder === '.' ? name : `${folder}/${name}`);
export const isUnder = (folder: RawPath, path: RawPath): boolean => folder === '.' || path.startsWith(`${folder}/`);

/** What git prints with -z, or takes with it. */
export const splitZ = (output: Buffer): RawPath[] => rawOf(output).split('\0').slice(0, -1);
export const joinZ = (paths: Iterable<RawPath>): Buffer => bytesOf([...paths].map((path) => `${path}\0`).join(''));
